/**
 * A worker of a campaign, in a thread of its own: it runs the blocks that it is sent.
 *
 * @module
 */

import type { Block, Report } from "./campaign.ts";
import { type Kind, kindOf, kindText, loadRun, repeatText, type Run } from "./kinds.ts";
import { count, type Tallies } from "./tally.ts";

/** What a worker is told first. */
export interface WorkerSetup {
  /** The only kind of schedule; absent: the seed decides. */
  readonly only?: Kind;
  readonly isMonitored: boolean;
}

const thread = self as unknown as {
  onmessage: (event: MessageEvent<{ readonly setup: WorkerSetup; readonly block: Block }>) => void;
  postMessage(report: Report): void;
};

let loading: Promise<Run> | undefined;

thread.onmessage = async ({ data: { setup: { only, isMonitored }, block } }) => {
  const run = await (loading ??= loadRun(isMonitored));
  const tallies: Tallies = new Map();
  for (let seed = block.from; seed <= block.to; seed++) {
    const kind = kindOf(seed, only);
    try {
      count(tallies, kindText(kind), run(seed, kind));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
      const line = `seed ${seed}: ${reason}; repeat it: ${repeatText(seed, kind, isMonitored)}`;
      thread.postMessage({ kind: "failed", of: kindText(kind), line });
    }
  }
  thread.postMessage({ kind: "done", tallies });
};
