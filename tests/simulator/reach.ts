/**
 * How often each branch of a file was reached, as V8 counts it: nobody has to add a branch here.
 *
 * V8 counts blocks of the modules that are loaded after it was asked to: so ask first, and import what is to be counted
 * then. It costs more than half of the speed. A block that was reached as often as the one around it is counted with
 * that.
 *
 * @module
 */

import { Session } from "node:inspector";
import { nameOf } from "./reach_names.ts";

/** The files whose branches are of interest, below `src/protocol/replica/`, and the rule that each is about. */
const files: Readonly<Record<string, string>> = {
  "flush.ts": "V1",
  "recovery.ts": "D3",
  "newcomer.ts": "V9",
  "donor.ts": "V9",
  "view.ts": "R1",
  "channel.ts": "R3",
  "execution.ts": "R5",
  "teller.ts": "R3",
  "receipts.ts": "R5",
  "lease.ts": "R6",
  "patience.ts": "R5",
  "gate.ts": "R10",
  "reads.ts": "R8",
};

/** A function, or a block in one. */
export interface Branch {
  readonly file: string;
  /** The rule that its function cites, or its file is about. */
  readonly rule: string;
  /** The function; empty in a nameless one. */
  readonly place: string;
  /** How its text begins. */
  readonly code: string;
  /** How many branches of the function before it begin with the same. */
  readonly before: number;
  readonly count: number;
}

/** What V8 says of a range of a script. */
interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Range[] }[];
}

/** Counts from when it was made. */
export class Reach {
  readonly #session = new Session();

  /** Begins to count. */
  static async begin(): Promise<Reach> {
    const reach = new Reach();
    reach.#session.connect();
    await reach.#post("Profiler.enable", {});
    await reach.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return reach;
  }

  /** The branches of all copies of the files together, in the order of their text. */
  async take(): Promise<Branch[]> {
    const { result } = await this.#post("Profiler.takePreciseCoverage", {}) as { result: readonly Script[] };
    await this.#post("Debugger.enable", {});
    const branches: Branch[] = [];
    for (const [file, rule] of Object.entries(files)) {
      const copies = result.filter(({ url }) => url.endsWith(`/src/protocol/replica/${file}?changed`));
      const texts = new Map<string, Script[]>();
      for (const copy of copies) {
        const answer = await this.#post("Debugger.getScriptSource", { scriptId: copy.scriptId });
        const { scriptSource: text } = answer as { scriptSource: string };
        texts.set(text, [...texts.get(text) ?? [], copy]);
      }
      for (const [text, scripts] of texts) branches.push(...branchesOf(file, rule, text, scripts));
    }
    return branches;
  }

  #post(method: string, parameters: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, parameters, (error, answer) => error === null ? resolve(answer) : reject(error));
    });
  }
}

function branchesOf(file: string, fileRule: string, text: string, scripts: readonly Script[]): Branch[] {
  const seen = new Map<string, { readonly range: Range; readonly place: string; readonly rule: string }>();
  const all = scripts.map(({ functions }) => functions.flatMap(({ ranges }) => ranges));
  for (const { functions } of scripts) {
    let rule = fileRule;
    for (const { functionName, ranges } of functions) {
      const [{ startOffset }] = ranges;
      // The script, the module that is a function of it and runs once, and the fields of its classes.
      if (startOffset <= 1 || functionName.startsWith("<")) continue;
      if (functionName !== "") rule = ruleBefore(text, startOffset) ?? fileRule;
      for (const range of ranges) {
        seen.set(`${range.startOffset} ${range.endOffset}`, { range, place: functionName, rule });
      }
    }
  }
  const found = [...seen.values()].sort(({ range: a }, { range: b }) =>
    a.startOffset - b.startOffset || b.endOffset - a.endOffset
  );
  const same = new Map<string, number>();
  return found.map(({ range, place, rule }) => {
    const code = text.slice(range.startOffset, range.endOffset).trim().split("\n")[0].slice(0, 70);
    const before = same.get(`${place} ${code}`) ?? 0;
    same.set(`${place} ${code}`, before + 1);
    const count = all.reduce((sum, ranges) => sum + countAt(ranges, range), 0);
    return { file, rule, place, code, before, count };
  });
}

/** How often a range was reached, whether it has a count of its own or is a part of a range that has one. */
function countAt(ranges: readonly Range[], { startOffset, endOffset }: Range): number {
  let inner: Range | undefined;
  for (const range of ranges) {
    if (range.startOffset > startOffset || range.endOffset < endOffset) continue;
    if (inner === undefined || range.endOffset - range.startOffset <= inner.endOffset - inner.startOffset) {
      inner = range;
    }
  }
  return inner?.count ?? 0;
}

/** The first rule that the comment in front of a function cites. */
function ruleBefore(text: string, offset: number): string | undefined {
  const comment = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:export )?(?:static )?$/.exec(
    text.slice(Math.max(0, offset - 1_000), offset),
  );
  return /\b[VRD]\d+\b/.exec(comment?.[1] ?? "")?.[0];
}

/** A line of the table of a branch. */
export function reachLine(branch: Branch): string {
  const { file, rule, place, code, count } = branch;
  const where = `${file} ${place || "=>"}`;
  const name = nameOf(branch);
  return `${rule.padEnd(3)} ${String(count).padStart(10)}  ${where.padEnd(27)} ${
    name === undefined ? code : `${name}: ${code}`
  }`;
}
