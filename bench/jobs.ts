/**
 * What the bench asks of a load process, and what that answers: JSON lines, one answer to each job, in order.
 *
 * @module
 */

/** Which of the two is under load. */
export type SystemName = "vaxlog" | "limit";

/**
 * What the commands are: `writes` set a site, `reads` view one, `mixed` are nine reads to a write, `rows` list three
 * sites (an answer of 60 bytes), `typed` are writes through `VaxlogClient`, which encodes each and decodes its answer.
 */
export type Mix = "writes" | "reads" | "mixed" | "rows" | "typed";

/** Keeps some commands under way in each of some sessions, for a while. */
export interface LoadJob {
  readonly kind: "load";
  readonly sessions: number;
  /** Commands under way in each session. */
  readonly outstanding: number;
  readonly mix: Mix;
  /** How many sites the commands are about; they are there. */
  readonly sites: number;
  readonly durationMs: number;
  /** See `load.ts`. */
  readonly thinkMs?: number;
  /**
   * Whether to find the longest gap between two answers of a session, and the longest command. Then each answer costs a
   * look at the clock.
   */
  readonly gaps?: boolean;
}

/** Opens the sessions and encodes the commands of a load, so that none of that is measured with it. */
export type PrepareJob = Pick<LoadJob, "sessions" | "mix" | "sites"> & { readonly kind: "prepare" };

/** Sends single commands, far enough apart that the session is suspended between any two of them. */
export interface RareJob {
  readonly kind: "rare";
  readonly count: number;
  /** Milliseconds between an answer and the next command. */
  readonly pauseMs: number;
}

/** Adds all sites but the first, which is there. */
export interface PopulateJob {
  readonly kind: "populate";
  readonly sites: number;
}

/** Lists all sites, from the first name on. */
export interface ListJob {
  readonly kind: "list";
  readonly times: number;
  /** Only the first page of each list. */
  readonly isFirstPageOnly: boolean;
}

/** Opens sessions, each of which executes one command and is idle from then on. */
export interface OpenJob {
  readonly kind: "open";
  readonly sessions: number;
}

/** Anything that a load process is asked for. */
export type Job = PrepareJob | LoadJob | RareJob | PopulateJob | ListJob | OpenJob;

/** What went through the sockets of the load process, in both directions. */
export interface WireCount {
  readonly bytes: number;
  /** Frames. */
  readonly messages: number;
  /** Calls of the system that sent some of them. */
  readonly writes: number;
  /** Frames by the kind of message. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** What a job came to. */
export interface JobResult {
  /** Commands that were answered, all in all. */
  readonly answers: number;
  /** Commands answered per second, while as many as wanted were under way. */
  readonly perSecond: number;
  /** From the submission of a command, or of a list, to its output. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The longest time between two answers of one session; 0 if nobody asked for it. */
  readonly gapMs: number;
  /** The longest time that one command took; 0 if nobody asked for it. */
  readonly longestMs: number;
  readonly wire: WireCount;
}

/** An answer of a load process: why it could not do it, or what it came to. */
export type Answer = { readonly error: string } | { readonly result: JobResult };

/** What the answer to a job that no time was taken of is made of. */
export const untimed = { perSecond: 0, p50Ms: 0, p99Ms: 0, gapMs: 0, longestMs: 0 } as const;
