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
import { describeOutput } from "../../src/database/wire/output_words.ts";
import { Sites } from "../database/store/machine.ts";
import { itemsOf } from "../../src/batch.ts";
import { assertAgreement, type LogEntry } from "./log.ts";

/** A command that a client has submitted, or read. */
interface Asked {
  readonly client: number;
  readonly command: Uint8Array;
  readonly description: string;
  /** The largest index that anybody had seen when it was submitted. */
  readonly seenBefore: number;
  /** It takes no place in the log: `answer.index` is the last entry before it. */
  readonly isRead: boolean;
  answer?: { readonly index: number; readonly output: string };
  /** It certainly was not executed. */
  isRefused: boolean;
}

type Reply = Awaited<ReturnType<Submitter["submit"]>>;

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
    this.#asked.push({ client: this.#clients++, command, description, seenBefore: 0, isRead: false, isRefused: false });
  }

  /** The same submitter, and all that goes through it is noted down. */
  watch(submitter: Submitter): Submitter {
    const client = this.#clients++;
    const { read } = submitter;
    return {
      submit: (bytes, outputBytesMax) =>
        this.#note(client, bytes, false, () => submitter.submit(bytes, outputBytesMax)),
      read: read &&
        ((bytes, outputBytesMax) => this.#note(client, bytes, true, () => read.call(submitter, bytes, outputBytesMax))),
    };
  }

  async #note(client: number, bytes: Uint8Array, isRead: boolean, submit: () => Promise<Reply>): Promise<Reply> {
    const command = bytes.slice();
    const description = describeCommand(command);
    const asked: Asked = { client, command, description, seenBefore: this.#seen, isRead, isRefused: false };
    this.#asked.push(asked);
    try {
      const reply = await submit();
      asked.answer = { index: reply.index, output: describeOutput(reply.output) };
      this.#seen = Math.max(this.#seen, reply.index);
      return reply;
    } catch (error) {
      asked.isRefused = error instanceof Error && error.name === "NotExecutedError";
      throw error;
    }
  }

  /** Fails unless the logs agree with each other, and with all that was asked and answered. */
  check(logs: readonly (readonly LogEntry[])[], survivors: readonly number[]): void {
    const log = assertAgreement(logs, survivors);
    this.#checkOutputs(log);
    this.#checkAnswers(log);
    this.#checkCounts(log);
  }

  /** The outputs are those of a database that executes the log alone, and is read where each read says. */
  #checkOutputs(log: readonly LogEntry[]): void {
    const commands = new Map(this.#asked.map(({ description, command }) => [description, command]));
    const reads = Map.groupBy(this.#asked.filter(({ isRead }) => isRead), ({ answer }) => answer?.index);
    const reference = new Sites();
    const checkReads = (index: number) => {
      for (const { command, description, answer } of reads.get(index) ?? []) {
        const batch = new ByteWriter();
        batch.blob(command);
        const [expected] = itemsOf(reference.read(batch.view())!);
        assertEquals(answer!.output, describeOutput(expected), `read after index ${index}: ${description}`);
      }
    };
    checkReads(0);
    for (const { index, command, output } of log) {
      const bytes = commands.get(command);
      assert(bytes !== undefined, `index ${index}: nobody has asked for ${command}`);
      const batch = new ByteWriter();
      batch.blob(bytes);
      const [expected] = itemsOf(reference.apply(batch.view()));
      assertEquals(output, describeOutput(expected), `index ${index}: ${command}`);
      checkReads(index);
    }
  }

  /** Each answer is in the log at its index, or after it, after everything seen before; those of a client in order. */
  #checkAnswers(log: readonly LogEntry[]): void {
    const taken = new Set<number>();
    const lastOf = new Map<number, number>();
    for (const { client, description, seenBefore, isRead, answer } of this.#asked) {
      if (answer === undefined) continue;
      const { index, output } = answer;
      if (isRead) {
        assert(index <= log.length, `${description} was read after index ${index}, and the log ends at ${log.length}`);
        const least = Math.max(lastOf.get(client) ?? 0, seenBefore);
        assert(index >= least, `${description} was asked when ${least} had been seen, and read after index ${index}`);
        continue;
      }
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
    const submitted = this.#asked.filter(({ isRead }) => !isRead);
    for (const [description, asked] of Map.groupBy(submitted, ({ description }) => description)) {
      const times = executed.get(description)?.length ?? 0;
      const least = asked.filter(({ answer }) => answer !== undefined).length;
      const most = asked.filter(({ isRefused }) => !isRefused).length;
      assert(least <= times && times <= most, `${description} was executed ${times} times, not ${least} to ${most}`);
    }
  }
}
