/**
 * What the session tells beside the answers, kept until the person can read it.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import type { Notice } from "../net/client/session.ts";

/** Notices that wait at most: a client that is left alone for a week keeps the latest. */
const waitingMax = 20;

/** Notices, as lines. */
export class NoticeBoard {
  #lines: string[] = [];
  /** Whether no replica answers, as far as the session has told. */
  isUnreachable = false;

  /** Takes a notice in. One that is there already is not said twice. */
  post(notice: Notice): void {
    this.isUnreachable = notice.kind === "unreachable";
    const line = printable(notice.message);
    this.#lines = [...this.#lines.filter((other) => other !== line), line].slice(-waitingMax);
  }

  /** The lines that came since the last call, the oldest first. */
  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
