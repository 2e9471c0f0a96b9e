/**
 * Stages with something to import.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Stage, type StagedInput } from "./stage.ts";

/** A stage with an input, on the database of another one. */
export function stageOn(database: Stage, place: string, text: StagedInput): Stage {
  const stage = new Stage();
  stage.cluster.sites.restore(database.cluster.sites.snapshot());
  stage.inputs.set(place, text);
  return stage;
}

/** A stage where that was imported. */
export async function imported(text: string, place = "sites.csv"): Promise<Stage> {
  const stage = stageOn(new Stage(), place, text);
  await stage.run("8892", "import", place);
  return stage;
}

/** The sites of a stage, as `list --json` shows them. */
export async function sitesOf(stage: Stage): Promise<Record<string, unknown>[]> {
  const look = stageOn(stage, "", "");
  assertEquals(await look.run("8892", "list", "--json", "--retired"), 0);
  return JSON.parse(look.stdout);
}
