/**
 * `deno task sim:scale [--only NAMES] [--seed S] [--json] [--docs]`: how partitions over several etcd clusters would
 * behave, by a model. The same seed gives the same tables.
 *
 * Exit codes: 0 done, 1 something failed, 2 the command line makes no sense.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { fill } from "./docs.ts";
import { runProgram } from "./program.ts";
import { type Answer, capacity, compared, doubles, failures, fanOut, loads, placement } from "./scale/questions.ts";
import { parseScaleOptions, type TableName, usage } from "./scale/scale_options.ts";
import { sums } from "./scale/sums.ts";
import { renderMarkdown, renderText } from "./table.ts";

const page = new URL("../docs/design/scale.md", import.meta.url);

const questions: Record<TableName, (seed: number) => Answer> = {
  compared,
  sums: () => sums(),
  capacity,
  loads,
  doubles,
  placement,
  followers: fanOut,
  failures,
};

/** Writes tables between their marks on the page. */
async function writePage(answers: readonly Answer[]): Promise<void> {
  const texts = new Map(answers.map(({ name, table }) => [name, renderMarkdown(table)]));
  await Deno.writeTextFile(page, fill(await Deno.readTextFile(page), texts));
  const { success } = await new Deno.Command("deno", { args: ["fmt", "--quiet", fileURLToPath(page)] }).output();
  if (!success) throw new Error(`"deno fmt ${fileURLToPath(page)}" has failed: run it to see why`);
}

if (import.meta.main) {
  await runProgram({
    usage,
    parse: parseScaleOptions,
    run: async ({ only, seed, isJson, writesDocs }, interrupt, progress) => {
      const answers: Answer[] = [];
      for (const name of only) {
        progress.show(name);
        // A turn, for Ctrl-C.
        await new Promise((resolve) => setTimeout(resolve, 0));
        interrupt.throwIfAborted();
        answers.push(questions[name](seed));
      }
      if (writesDocs) await writePage(answers);
      if (isJson) return { text: JSON.stringify({ seed, tables: answers }, undefined, 2) };
      return { text: answers.map(({ title, table }) => `${title}\n\n${renderText(table)}`).join("\n\n") };
    },
  });
}
