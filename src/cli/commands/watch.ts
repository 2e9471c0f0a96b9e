/**
 * `watch [NAME]...`: the changes of all sites, or of some, as they happen.
 *
 * @module
 */

import { decodeEntries, type Entry } from "../../client.ts";
import { printable, quotedShort } from "../../quoted.ts";
import { wrapped } from "../../front/layout.ts";
import { WatchError } from "../../net/client/watch.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { offerOf } from "../site_names.ts";
import { entryJson, entryLine } from "../render_entries.ts";
import { type ExitCode, exitCodes } from "../surroundings.ts";
import { addressesOf, type SessionTask, type TaskContext } from "../task.ts";
import { within } from "../../runtime/within.ts";
import { jsonOption, nameOperand, parseCount } from "./operands.ts";

/** The command. */
export const watchCommand = defineCommand({
  name: "watch",
  summary: "print the changes of all sites, or of some, as they happen",
  details: [
    "Each change is one line and comes once, in order, even if replicas fail meanwhile. The line begins with the number " +
    "of its entry in the log; --from continues where a watch has ended. Ctrl-C ends it, with exit code 0.",
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
  make: ({ operands: [names], options: { from, json = false } }) => new WatchTask(new Set(names), from, json),
});

class WatchTask implements SessionTask {
  readonly endsItself = true;
  readonly #names: ReadonlySet<string>;
  readonly #from: number | undefined;
  readonly #json: boolean;

  constructor(names: ReadonlySet<string>, from: number | undefined, json: boolean) {
    this.#names = names;
    this.#from = from;
    this.#json = json;
  }

  async run(context: TaskContext): Promise<ExitCode> {
    const { connection, around, signal } = context;
    const after = await within(signal, this.#begin(context));
    // It is there to be left.
    if (after === undefined) return exitCodes.ok;
    let last = after;
    try {
      const batches = around.watchEntries({
        cluster: connection.cluster,
        after,
        addresses: () => addressesOf(context),
        onTrouble: (address, reason) =>
          around.stderr.write(`The replica at ${printable(address)} ${printable(reason)}; another one is asked\n`),
        signal,
      });
      for await (const batch of batches) {
        await this.#print(batch.bytes, context);
        last = batch.last;
      }
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof WatchError)) throw error;
      await around.stderr.write(`${printable(error.message)}; go on with --from ${last + 1}\n`);
      return exitCodes.failure;
    }
  }

  /** Says what is watched. @returns the index of the last entry that is not. */
  async #begin({ client, around }: TaskContext): Promise<number> {
    for (const name of this.#names) {
      if ((await client.view(name)).kind !== "unknownSite") continue;
      const offer = await offerOf(client, name, around);
      const missing = `There is no site ${quotedShort(name)} yet`;
      await around.stderr.write(
        offer === ""
          ? `${missing}; it is watched from when it is added\n`
          : `${missing}.${offer} It is watched from when it is added\n`,
      );
    }
    const after = this.#from === undefined ? (await client.summary()).lastEntry : this.#from - 1;
    // Where a person looks on, it is clear that something has begun.
    if (around.errorColumns() !== undefined) {
      await around.stderr.write(`Watching from entry ${after + 1} on; Ctrl-C ends it\n`);
    }
    return after;
  }

  async #print(bytes: Uint8Array, { around }: TaskContext): Promise<void> {
    const render = this.#json ? entryJson : (entry: Entry) => wrapped(entryLine(entry), around.columns());
    const entries = decodeEntries(bytes).filter(({ site }) => this.#names.size === 0 || this.#names.has(site));
    if (entries.length > 0) await around.stdout.write(entries.map((entry) => `${render(entry)}\n`).join(""));
  }
}
