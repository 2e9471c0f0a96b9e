/**
 * `watch [NAME]...`: the changes of all sites, of some, or of those that a filter wants, as they happen.
 *
 * @module
 */

import { changeFilter, type ChangeWishes } from "../../alerts/change_filter.ts";
import { decodeEntries, type VaxlogClient } from "../../library/client.ts";
import { printable, quotedShort } from "../../quoted.ts";
import { wrapped } from "../../front/layout.ts";
import { WatchError } from "../../net/client/watch.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { offerOf } from "../site_names.ts";
import { entryJson, entryLine } from "../render_entries.ts";
import type { Surroundings } from "../surroundings.ts";
import { askedBeside, exitCodes, type Task } from "../task.ts";
import { within } from "../../runtime/within.ts";
import { type WatchedChange, WatchedChanges } from "../watched_changes.ts";
import {
  checkNear,
  jsonOption,
  nameOperand,
  nearOptions,
  originOptions,
  parseCount,
  productOption,
  zipOption,
} from "./operands.ts";

/** The command. */
export const watchCommand = defineCommand({
  name: "watch",
  summary: "print the changes of all sites, or of some, as they happen",
  details: [
    "Each change is one line and comes once, in order, even if replicas fail meanwhile. The line begins with the " +
    "number of its entry in the log; --from continues where a watch has ended. Ctrl-C ends it, with exit code 0.",
    "You can watch a site that does not exist yet: the watch begins when it is added.",
    "--zip and --near go by where a site is now. --product and --source keep reports and confirmations of that, and " +
    "say when such a report is taken back.",
    "With --available, a line comes only when a site has some and had none before, or nobody knew; it says which. " +
    "A confirmation may bring that, too. With --product or --source, a line comes when a source says that there is " +
    "some, and did not say so before.",
  ],
  examples: [
    "watch",
    'watch "Rite Aid, Millville" --json',
    "watch --from 1",
    "watch --zip 021 --available",
    "watch --product 208 --available",
    "watch --near 02138 --within 5mi --available --json",
  ],
  operands: [{ ...nameOperand, times: "many" }],
  options: {
    from: option(
      "INDEX",
      "begin with this entry of the log; 1 is the first (the next one)",
      (typed) => parseCount(typed, 1, "the index of an entry"),
    ),
    ...zipOption,
    ...nearOptions,
    ...productOption("keep only reports and confirmations of this product"),
    source: { ...originOptions.source, help: "keep only changes by this source" },
    available: flag("print only that a site has vaccine that had none before"),
    ...jsonOption,
  },
  make: ({ operands: [names], options: { from, json, ...wishes } }): Task => {
    checkNear(wishes);
    return watchTask(names, from, json ?? false, wishes);
  },
});

function watchTask(names: readonly string[], from: number | undefined, json: boolean, wishes: ChangeWishes): Task {
  return {
    endsItself: true,
    run: async (context) => {
      const { connect, around, signal } = context;
      const textOf = ({ entry, was }: WatchedChange) =>
        json ? entryJson(entry, was) : wrapped(entryLine(entry, was), around.columns());
      // What makes no sense is said before anybody is asked.
      const filter = await changeFilter(wishes);
      const { client, session } = await connect();
      const watched = new WatchedChanges(client, names, filter);
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
          const changes = await within(signal, watched.of(decodeEntries(batch.bytes)));
          // Left while a site was looked up.
          if (changes === undefined) return;
          if (changes.length > 0) await around.stdout.write(changes.map((change) => `${textOf(change)}\n`).join(""));
          last = batch.last;
        }
      } catch (error) {
        if (!(error instanceof WatchError)) throw error;
        await around.stderr.write(`${printable(error.message)}; continue with --from ${last + 1}\n`);
        return exitCodes.failure;
      }
    },
  };
}

/** Tells what is watched. @returns the index of the last entry before it. */
async function begin(
  watched: WatchedChanges,
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
