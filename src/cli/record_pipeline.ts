/**
 * Records of an import on their way into the database: many at a time, those of one site one after the other.
 *
 * An import may be repeated, and changes nothing the second time: a site that exists is not added, a document that
 * the site has is not written again, and a report that the site has is the same one. So an import that was cut off
 * continues when it is repeated.
 *
 * @module
 */

import { ValueError, type VaxlogClient } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { InputRefusal, type OnProblem, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { OutcomeUnknownError } from "../net/client/session.ts";
import { type RecordCounts, type Recording, RecordSteps } from "./record_steps.ts";

/** Records of an import whose commands are under way at a time: enough to fill requests, and few to wait for. */
const importRecordsMax = 1_024;

/** Bytes of documents that are under way at a time in an import: half of what a client may have outstanding. */
const importBytesMax = 4 * 1024 * 1024;

/** Records that were taken, and are not certainly done. */
interface Undone {
  /** Why: an {@link OutcomeUnknownError} if one of them may have been done; absent: the answers have not come yet. */
  readonly error?: unknown;
  /** The line of the first of them. */
  readonly line: number;
}

/** A record under way, for the next one of its site. */
interface Predecessor {
  /** Its commands are on their way; what is submitted after that is executed after them. */
  readonly submitted: Promise<void>;
  /** They have been answered. */
  readonly done: Promise<void>;
}

/** Has records executed. */
export class RecordPipeline {
  /** What became of those that are done. */
  readonly counts: RecordCounts = { added: 0, changed: 0, confirmed: 0, same: 0, outOfDate: 0, retired: 0 };
  readonly #steps: RecordSteps;
  readonly #onProblem: OnProblem;
  /** The line of the last record that was taken. */
  lastLine: number | undefined;
  /** The last record of each site that is under way. */
  readonly #lastOf = new Map<string, Predecessor>();
  readonly #underWay = new Set<ImportRecord>();
  #bytesUnderWay = 0;
  #settled = Promise.withResolvers<void>();
  #failure: Undone | undefined;

  /**
   * @param recording when and as whose word all of it is recorded.
   * @param onProblem is told of each record that the database did not take.
   */
  constructor(client: VaxlogClient, recording: Recording, onProblem: OnProblem) {
    this.#onProblem = onProblem;
    this.#steps = new RecordSteps(client, recording, this.counts, onProblem);
  }

  /** When the input was last changed, in ms since 1970, for reports without a time of their own; absent: now. */
  set changedAt(ms: number | undefined) {
    this.#steps.changedAt = ms;
  }

  /** The first and the last entry of a report that was made; absent: none was. */
  get reported(): { readonly first: number; readonly last: number } | undefined {
    return this.#steps.reported;
  }

  /** Whether something could not be done; what is taken after that is not begun. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Records that were taken, and are not certainly done; undefined if there are none. */
  get undone(): Undone | undefined {
    const waiting = [...this.#underWay].map(({ line }) => line);
    const line = Math.min(this.#failure?.line ?? Infinity, ...waiting);
    if (line === Infinity) return undefined;
    // As long as an answer may come, nothing is known of what it is about.
    return waiting.length > 0 || this.#failure === undefined ? { line } : { ...this.#failure, line };
  }

  /** Whether there is room for another record now. */
  get hasRoom(): boolean {
    return this.#underWay.size < importRecordsMax && this.#bytesUnderWay < importBytesMax;
  }

  /** Resolves when half of what was under way is done: so what comes next goes out together. */
  async room(): Promise<void> {
    while (this.#underWay.size > importRecordsMax / 2 || this.#bytesUnderWay > importBytesMax / 2) {
      await this.#settled.promise;
    }
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await this.#settled.promise;
  }

  /** Takes a record. After a failure it is not begun any more. */
  take(record: ImportRecord): void {
    const bytes = record.document?.length ?? 0;
    const { name } = record;
    this.lastLine = record.line;
    this.#underWay.add(record);
    this.#bytesUnderWay += bytes;
    const submitted = Promise.withResolvers<void>();
    const done = this.#do(record, this.#lastOf.get(name), submitted.resolve).finally(() => {
      submitted.resolve();
      if (this.#lastOf.get(name) === last) this.#lastOf.delete(name);
      this.#underWay.delete(record);
      this.#bytesUnderWay -= bytes;
      this.#settled.resolve();
      this.#settled = Promise.withResolvers();
    });
    const last: Predecessor = { submitted: submitted.promise, done };
    this.#lastOf.set(name, last);
  }

  async #do(record: ImportRecord, before: Predecessor | undefined, onSubmitted: () => void): Promise<void> {
    // Where it depends on what is known of the site, or on where it is, the one before must have been answered.
    if (this.#steps.dependsOnKnown(record)) await before?.done;
    if (this.#failure !== undefined) return this.#fail(record, this.#failure.error);
    try {
      this.counts[await this.#steps.execute(record, before?.submitted, onSubmitted)]++;
    } catch (error) {
      const refusal = error instanceof ValueError ? new InputRefusal("not-taken", error.message) : error;
      if (!(refusal instanceof InputRefusal)) return this.#fail(record, error);
      tellAt(this.#onProblem, record, refusal.kind, `${quotedShort(record.name)}: ${refusal.message}`);
    }
  }

  #fail({ line }: ImportRecord, error: unknown): void {
    const { error: before = error, line: first = line } = this.#failure ?? {};
    // The one that leaves an outcome unknown counts most.
    const worst = error instanceof OutcomeUnknownError ? error : before;
    this.#failure = { error: worst, line: Math.min(first, line) };
  }
}
