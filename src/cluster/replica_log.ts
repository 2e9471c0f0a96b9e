/**
 * A replica's log: one line per executed command, in order.
 *
 * A line is the command's index in the log, its uid with its place in its request, the command, and its output's first
 * line, with tabs between them. The logs of two replicas are prefixes of one another, up to the crash of one of them.
 *
 * @module
 */

import { itemsOf } from "../protocol/batch.ts";
import type { Executed } from "../protocol/replica_events.ts";

/** How commands and outputs are shown: each as one printable line. */
export interface Describer {
  command(bytes: Uint8Array): string;
  output(bytes: Uint8Array): string;
}

/** The lines of an executed request, each with its line break; none for a request without commands. */
export function logLines(record: Executed, describe: Describer): string {
  const outputs = itemsOf(record.outputs);
  let lines = "";
  let place = 0;
  for (const command of itemsOf(record.commands)) {
    const uid = `${record.v}.${record.ts}.${record.client}#${place + 1}`;
    const output = describe.output(outputs.next().value!);
    lines += `${record.index + place}\t${uid}\t${describe.command(command)}\t${output}\n`;
    place++;
  }
  return lines;
}

/** The log file of a replica. */
export class ReplicaLog {
  readonly #file: Deno.FsFile;
  readonly #describe: Describer;

  /**
   * Opens a new, empty log at `path`.
   *
   * @throws {Error} if it cannot be written.
   */
  constructor(path: string, describe: Describer) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#describe = describe;
  }

  /** Begins anew: what was appended belongs to a state that was replaced. */
  clear(): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
  }

  /**
   * Appends requests. They are handed to the operating system before this returns, so that they outlive the process.
   *
   * @throws {Error} if they cannot be written.
   */
  append(records: readonly Executed[]): void {
    let lines = "";
    for (const record of records) lines += logLines(record, this.#describe);
    const bytes = new TextEncoder().encode(lines);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}
