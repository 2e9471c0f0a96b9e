/**
 * `watch [NAME]...`: the changes of all sites, or of some, as they happen.
 *
 * @module
 */

import { decodeEntries, type Entry, type VaxlogClient } from "../../library/client.ts";
import { printable, quotedShort } from "../../quoted.ts";
import { wrapped } from "../../front/layout.ts";
import { WatchError } from "../../net/client/watch.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { offerOf } from "../site_names.ts";
import { entryJson, entryLine } from "../render_entries.ts";
import type { Surroundings } from "../surroundings.ts";
import { askedBeside, exitCodes, type Task } from "../task.ts";
import { within } from "../../runtime/within.ts";
import { jsonOption, nameOperand, parseCount } from "./operands.ts";

/** The command. */
export const watchCommand = defineCommand({
  name: "watch",
  summary: "print the changes of all sites, or of some, as they happen",
  details: [
    "Each change is one line and comes once, in order, even if replicas fail meanwhile. The line begins with the " +
    "number of its entry in the log; --from continues where a watch has ended. Ctrl-C ends it, with exit code 0.",
    "You can watch a site that does not exist yet: the watch begins when it is added.",
  ],
  examples: ["watch", 'watch "Rite Aid, Millville" --json', "watch --from 1"],
  operands: [{ ...nameOperand, times: "many" }],
  options: {
    from: option(
      "INDEX",
      "begin with this entry of the log; 1 is the first (the next one)",
      (typed) => parseCount(typed, 1, "the index of an entry"),
    ),
    ...jsonOption,
  },
  make: ({ operands: [names], options: { from, json } }): Task => ({
    endsItself: true,
    run: async (context) => {
      const { connect, around, signal } = context;
      const textOf = json ? entryJson : (entry: Entry) => wrapped(entryLine(entry), around.columns());
      const { client, session } = await connect();
      const watched = new WatchedSites(names);
      const after = await within(signal, begin(watched, from, client, around));
      // Leaving a watch is its normal end.
      if (after === undefined) return;
      let last = after;
      try {
        const batches = around.watchEntries({
          ...askedBeside(session, context),
          after,
          onTrouble: (address, reason) =>
            around.stderr.write(`The replica at ${printable(address)} ${printable(reason)}; another one is asked\n`),
        });
        for await (const batch of batches) {
          const entries = decodeEntries(batch.bytes).filter((entry) => watched.has(entry));
          if (entries.length > 0) await around.stdout.write(entries.map((entry) => `${textOf(entry)}\n`).join(""));
          last = batch.last;
        }
      } catch (error) {
        if (!(error instanceof WatchError)) throw error;
        await around.stderr.write(`${printable(error.message)}; continue with --from ${last + 1}\n`);
        return exitCodes.failure;
      }
    },
  }),
});

/** The sites that are watched, whatever they are called meanwhile. */
class WatchedSites {
  /** As they were named. */
  readonly names: ReadonlySet<string>;
  readonly #ids = new Set<number>();

  constructor(names: readonly string[]) {
    this.names = new Set(names);
  }

  /** One of them was found. */
  add(id: number): void {
    this.#ids.add(id);
  }

  /** Whether an entry is of one of them. A site that is added or renamed may become one. */
  has({ site, siteId }: Entry): boolean {
    if (this.names.has(site)) this.add(siteId);
    return this.names.size === 0 || this.#ids.has(siteId);
  }
}

/** Tells what is watched. @returns the index of the last entry before it. */
async function begin(
  watched: WatchedSites,
  from: number | undefined,
  client: VaxlogClient,
  around: Surroundings,
): Promise<number> {
  for (const name of watched.names) {
    const outcome = await client.view(name);
    if (outcome.kind === "site") watched.add(outcome.site.id);
    if (outcome.kind !== "unknownSite") continue;
    const offer = await offerOf(client, outcome, around);
    const when = offer === ""
      ? "; it is watched from when it is added"
      : `.${offer} It is watched from when it is added`;
    await around.stderr.write(`There is no site ${quotedShort(name)} yet${when}\n`);
  }
  const after = from === undefined ? (await client.summary()).lastEntry : from - 1;
  // A person who looks on sees that something has begun.
  if (around.errorColumns() !== undefined) {
    await around.stderr.write(`Watching from entry ${after + 1} on; Ctrl-C ends it\n`);
  }
  return after;
}
