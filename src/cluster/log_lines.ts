/**
 * The lines of a replica's log: one for each executed command, as text for people or as JSON for programs.
 *
 * Wherever the indices of two logs overlap, their lines say the same; in JSON, `time` is when a replica wrote the line.
 *
 * @module
 */

import { countItems, itemsOf } from "../batch.ts";
import type { Executed } from "../protocol/replica/executor.ts";
import { printable } from "../quoted.ts";
import { announcementJson } from "../front/announcement.ts";

/** How commands and outputs are shown: each as one printable line. */
export interface Describer {
  command(bytes: Uint8Array): string;
  output(bytes: Uint8Array): string;
}

/** The indices of the first and the last of some lines. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** How the lines of a log are written. */
export interface LogLines {
  /** The lines of an executed request, each with its line break; none for a request without commands. */
  of(record: Executed, describe: Describer): string;
  /** The line in place of those that were dropped. */
  gap(missing: LineRange, why: string): string;
  /** The index of a line; NaN if it has none. */
  indexOf(line: string): number;
  /** Whether two lines say the same. */
  areSame(one: string, other: string): boolean;
}

/** Which lines, as a clause. */
export function rangeText({ first, last }: LineRange): string {
  return first === last ? `line ${first} is` : `lines ${first} to ${last} are`;
}

function* commandsOf(record: Executed, describe: Describer) {
  const outputs = itemsOf(record.outputs);
  let place = 0;
  for (const command of itemsOf(record.commands)) {
    const uid = `${record.v}.${record.ts}.${record.client}#${place + 1}`;
    const output = describe.output(outputs.next().value!);
    yield { index: record.index + place, uid, command: describe.command(command), output };
    place++;
  }
}

/** Lines with tabs between the index, the uid, the command and the output. */
export const textLines: LogLines = {
  of: (record, describe) => {
    let lines = "";
    for (const { index, uid, command, output } of commandsOf(record, describe)) {
      lines += `${index}\t${uid}\t${command}\t${output}\n`;
    }
    return lines;
  },
  gap: (missing, why) => `# ${rangeText(missing)} missing: the log could not be written (${printable(why)})\n`,
  indexOf: (line) => Number.parseInt(line),
  areSame: (one, other) => one === other,
};

/** Lines of JSON, an object each, of the replica of this slot. */
export function jsonLines(replica: number, now: () => Date = () => new Date()): LogLines {
  const withoutTime = (line: string) => line.replace(/^\{"time":"[^"]*",/, "{");
  return {
    of: (record, describe) => {
      let lines = "";
      const at = now();
      for (const { index, uid, command: text, output } of commandsOf(record, describe)) {
        const fields = { index, uid, output };
        lines += `${announcementJson({ level: "info", event: "executed", replica, text, fields }, at)}\n`;
      }
      return lines;
    },
    gap: ({ first, last }, why) => {
      const text = `${rangeText({ first, last })} missing: the log could not be written (${printable(why)})`;
      const said = { level: "warn", event: "missing", replica, text, fields: { first, last } } as const;
      return `${announcementJson(said, now())}\n`;
    },
    indexOf: (line) => {
      try {
        const { event, index } = JSON.parse(line);
        return event === "executed" ? Number(index) : NaN;
      } catch {
        return NaN;
      }
    },
    areSame: (one, other) => withoutTime(one) === withoutTime(other),
  };
}

/** The indices of the commands of some requests; undefined: they have none. */
export function rangeOf(records: readonly Executed[]): LineRange | undefined {
  const [first] = records;
  const last = records.at(-1);
  return last && { first: first.index, last: last.index + countItems(last.commands) - 1 };
}
