/**
 * The ledger: what clients asked, when, and what they learned. A test keeps it beside the cluster, and compares it with
 * the replicas' logs in the end.
 *
 * Linearizability has a witness: the index in the log that each answer tells. The log is one order; each output must be
 * what the database gives at that place of it; and a command that was submitted after an answer had been seen, by
 * anybody, must stand after it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import type { Submitter } from "../../src/library/client.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import { describeOutput } from "../../src/database/wire/outputs.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { itemsOf } from "../../src/batch.ts";
import { assertAgreement, type LogEntry } from "./log.ts";

/** A command that a client has submitted. */
interface Asked {
  readonly client: number;
  readonly command: Uint8Array;
  readonly description: string;
  /** The largest index that anybody had seen when it was submitted. */
  readonly seenBefore: number;
  answer?: { readonly index: number; readonly output: string };
  /** It certainly was not executed. */
  isRefused: boolean;
}

/** Everything that was asked and answered. */
export class Ledger {
  readonly #asked: Asked[] = [];
  #seen = 0;
  #clients = 0;

  /** Somebody who is not watched has asked for this command, and may have been answered. */
  note(asked: Command): void {
    const writer = new ByteWriter();
    writeCommand(writer, asked);
    const command = writer.copy();
    const description = describeCommand(command);
    this.#asked.push({ client: this.#clients++, command, description, seenBefore: 0, isRefused: false });
  }

  /** The same submitter, and all that goes through it is noted down. */
  watch(submitter: Submitter): Submitter {
    const client = this.#clients++;
    return {
      submit: async (bytes, outputBytesMax) => {
        const command = bytes.slice();
        const description = describeCommand(command);
        const asked: Asked = { client, command, description, seenBefore: this.#seen, isRefused: false };
        this.#asked.push(asked);
        try {
          const reply = await submitter.submit(bytes, outputBytesMax);
          asked.answer = { index: reply.index, output: describeOutput(reply.output) };
          this.#seen = Math.max(this.#seen, reply.index);
          return reply;
        } catch (error) {
          asked.isRefused = error instanceof Error && error.name === "NotExecutedError";
          throw error;
        }
      },
    };
  }

  /** Fails unless the logs agree with each other, and with all that was asked and answered. */
  check(logs: readonly (readonly LogEntry[])[], survivors: readonly number[]): void {
    const log = assertAgreement(logs, survivors);
    this.#checkOutputs(log);
    this.#checkAnswers(log);
    this.#checkCounts(log);
  }

  /** The outputs are those of a database that executes the log alone. */
  #checkOutputs(log: readonly LogEntry[]): void {
    const commands = new Map(this.#asked.map(({ description, command }) => [description, command]));
    const reference = new Sites();
    for (const { index, command, output } of log) {
      const bytes = commands.get(command);
      assert(bytes !== undefined, `index ${index}: nobody has asked for ${command}`);
      const batch = new ByteWriter();
      batch.blob(bytes);
      const [expected] = itemsOf(reference.apply(batch.view()));
      assertEquals(output, describeOutput(expected), `index ${index}: ${command}`);
    }
  }

  /** Each answer is in the log at its index, after everything seen before; those of a client in its order. */
  #checkAnswers(log: readonly LogEntry[]): void {
    const taken = new Set<number>();
    const lastOf = new Map<number, number>();
    for (const { client, description, seenBefore, answer } of this.#asked) {
      if (answer === undefined) continue;
      const { index, output } = answer;
      const entry = log[index - 1];
      assert(entry !== undefined, `index ${index} was answered, and the log ends at ${log.length}`);
      assertEquals([entry.command, entry.output], [description, output], `index ${index}`);
      assert(!taken.has(index), `index ${index} was answered to two commands`);
      taken.add(index);
      assert(index > (lastOf.get(client) ?? 0), `index ${index}: ${description} came before what was asked before it`);
      lastOf.set(client, index);
      assert(index > seenBefore, `${description} was asked when ${seenBefore} had been seen, and stands at ${index}`);
    }
  }

  /** A command was executed once if it was answered, at most once if not, and not at all if it was refused. */
  #checkCounts(log: readonly LogEntry[]): void {
    const executed = Map.groupBy(log, ({ command }) => command);
    for (const [description, asked] of Map.groupBy(this.#asked, ({ description }) => description)) {
      const times = executed.get(description)?.length ?? 0;
      const least = asked.filter(({ answer }) => answer !== undefined).length;
      const most = asked.filter(({ isRefused }) => !isRefused).length;
      assert(least <= times && times <= most, `${description} was executed ${times} times, not ${least} to ${most}`);
    }
  }
}
