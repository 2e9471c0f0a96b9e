/**
 * The members of an etcd that the launcher starts on this machine, to try nodes out: started, watched and ended.
 *
 * All members are on one disk and end with the launcher, so nothing of this is safer than replicas. A member that dies
 * stays dead until somebody starts it: to see what happens meanwhile is what they are for.
 *
 * @module
 */

import { kill } from "node:process";
import { loopback } from "../../front/listening.ts";
import { Child } from "../../runtime/child.ts";
import { pause, within } from "../../runtime/within.ts";
import { causeOfExit } from "../causes.ts";
import { StartError } from "../launcher_events.ts";
import { findEtcd } from "./etcd_program.ts";
import { MemberFolder } from "./member_folder.ts";
import { type MemberSay, type MemberTell, parseMemberSay } from "./member_messages.ts";
import { memberPorts, membersCount } from "./member_ports.ts";

/** Milliseconds for all members to listen, and then to have a majority. */
const startWithinMs = 30_000;

/** Milliseconds for which the report of a death is held back. */
const groupSignalMs = 250;

/** Milliseconds for keepers to end, with their members. */
const stopWithinMs = 2_500;

/** What members are started with. */
export interface MembersOptions {
  /** The port of the first node; 0: free ones. */
  readonly basePort: number;
  /** The program; undefined: the one on the PATH. */
  readonly program: string | undefined;
  /** Where they keep their data; undefined: in a directory that is removed in the end. */
  readonly dataDir: string | undefined;
  /** Takes what happens once all have started. */
  readonly onEvent: (event: MemberEvent) => void;
  /** Is aborted when all is to end: before they have started, that stops them; after that, no death is reported. */
  readonly signal: AbortSignal;
}

/** What happens to a member. */
export type MemberEvent =
  /** It has ended, with the end of a sentence that says why; `wanted`: {@link Members.kill} was asked for it. */
  | { readonly kind: "memberFailed"; readonly member: number; readonly cause: string; readonly wanted: boolean }
  /** It runs again, and sees a majority. */
  | { readonly kind: "memberReady"; readonly member: number }
  /** Its keeper wrote a line to its standard error. */
  | { readonly kind: "memberStderr"; readonly member: number; readonly line: string };

/** A member, for all that is known without asking it. */
export interface MemberRow {
  readonly member: number;
  /** `host:port`. */
  readonly address: string;
  readonly state: "up" | "starting" | "failed";
  /** Its process; undefined: there is none. */
  readonly pid: number | undefined;
}

/** A member and its keeper. */
class MemberSeat {
  readonly listening: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly ready: PromiseWithResolvers<void> = Promise.withResolvers();
  client = 0;
  peer = 0;
  pid: number | undefined;
  state: MemberRow["state"] = "starting";
  isWanted = false;
  /** Why its keeper ends. */
  lastWords: string | undefined;
  /** Resolves when the member has ended that was told to. */
  gone: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(readonly member: number, readonly keeper: Child<MemberSay, MemberTell>) {
    this.listening.promise.catch(() => {});
    this.ready.promise.catch(() => {});
  }

  get name(): string {
    return `m${this.member}`;
  }

  get row(): MemberRow {
    const { member, client, state, pid } = this;
    return { member, address: `${loopback}:${client}`, state, pid };
  }
}

/** The members of one etcd. */
export class Members {
  readonly #seats: MemberSeat[] = [];
  readonly #options: MembersOptions;
  readonly #program: string;
  readonly #folder: MemberFolder;
  readonly #token: string;
  #isStarted = false;
  #stopped: Promise<void> | undefined;

  private constructor(options: MembersOptions, program: string, folder: MemberFolder) {
    this.#options = options;
    this.#program = program;
    this.#folder = folder;
    this.#token = folder.kept?.token ?? `vaxlog-${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  }

  /**
   * Starts them; resolves when all of them see a majority.
   *
   * @throws {StartError} if they cannot start, or the signal is aborted before they have.
   */
  static async start(options: MembersOptions): Promise<Members> {
    const program = await findEtcd(options.program);
    const members = new Members(options, program, await MemberFolder.open(options.dataDir));
    try {
      await within(options.signal, members.#start());
      if (options.signal.aborted) throw new StartError("The start was interrupted");
    } catch (error) {
      await members.stop();
      throw error;
    }
    return members;
  }

  /** Where nodes reach them. */
  get endpoints(): readonly string[] {
    return this.#seats.map(({ client }) => `http://${loopback}:${client}`);
  }

  /** The members by their number. */
  rows(): readonly MemberRow[] {
    return this.#seats.map(({ row }) => row);
  }

  /** The directory of their data; undefined: it is removed in the end. */
  get dataDir(): string | undefined {
    return this.#folder.isRemoved ? undefined : this.#folder.path;
  }

  /**
   * Kills a member with SIGKILL; resolves when it has ended.
   *
   * @throws {RangeError} if there is none that lives.
   */
  async kill(member: number): Promise<void> {
    const seat = this.#seats[member];
    if (seat === undefined || seat.state === "failed") throw new RangeError(`Member ${member} of etcd does not live`);
    seat.isWanted = true;
    seat.keeper.tell({ tell: "kill" });
    await Promise.race([seat.gone.promise, seat.keeper.exited]);
  }

  /**
   * Starts a member that has ended; it says so when it sees a majority.
   *
   * @throws {RangeError} if there is none that has ended.
   */
  async restart(member: number): Promise<void> {
    const seat = this.#seats[member];
    if (seat?.state !== "failed") throw new RangeError(`Member ${member} of etcd has not ended`);
    if (await within(0, seat.keeper.exited) === undefined) return this.#run(seat, "existing");
    const { client, peer } = seat;
    const next = this.#spawn(member, client, peer);
    await Promise.race([next.listening.promise, next.keeper.exited]);
    this.#run(next, "existing");
  }

  /** Ends all of them; resolves when each is gone. More calls change nothing. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#seats.map(async (seat) => {
      await seat.keeper.stop(stopWithinMs);
      endOrphan(seat);
    }));
    await this.#folder.close();
  }

  async #start(): Promise<void> {
    const { kept } = this.#folder;
    for (let member = 0; member < membersCount; member++) {
      const { client, peer } = kept?.members[member] ?? memberPorts(this.#options.basePort, member);
      this.#spawn(member, client, peer);
    }
    const seats = this.#seats;
    const listening = Promise.all(seats.map((seat) => seat.listening.promise)).then(() => true);
    if (!await within(startWithinMs, listening)) throw new StartError("Cannot start etcd: its keepers say nothing");
    await this.#folder.keep({ token: this.#token, members: seats.map(({ client, peer }) => ({ client, peer })) });
    // A member without its data must not take part as if it had never had any.
    for (const seat of seats) this.#run(seat, kept?.haveData ? "existing" : "new");
    const ready = Promise.all(seats.map((seat) => seat.ready.promise)).then(() => true);
    if (!await within(startWithinMs, ready)) {
      throw new StartError(`Cannot start etcd: after ${startWithinMs / 1000} s, no majority of its members answers`);
    }
    this.#isStarted = true;
  }

  #spawn(member: number, client: number, peer: number): MemberSeat {
    const { path, isRemoved } = this.#folder;
    const args = [
      "run",
      "--quiet",
      "--no-prompt",
      `--allow-net=${loopback}`,
      "--allow-run=sh",
      "--allow-read=.",
      "--allow-write=.",
      new URL("./member_main.ts", import.meta.url).href,
      `--program=${this.#program}`,
      `--folder=${this.#folder.folderOf(member)}`,
      `--client=${client}`,
      `--peer=${peer}`,
      ...(isRemoved ? ["--removed"] : []),
    ];
    const keeper = new Child<MemberSay, MemberTell>({
      args,
      // A path with a comma in it cannot be granted by its name.
      cwd: path,
      parse: parseMemberSay,
      onSay: (message) => this.#hear(seat, message),
      onStderr: (line) => this.#options.onEvent({ kind: "memberStderr", member, line }),
      onGarbage: ({ message }) => {
        seat.lastWords = message;
        keeper.kill();
      },
    });
    const seat = new MemberSeat(member, keeper);
    this.#seats[member] = seat;
    keeper.exited.then(async (status) => {
      await keeper.drained;
      endOrphan(seat);
      this.#failed(seat, seat.lastWords ?? `has lost its keeper, which ${causeOfExit(status)}`);
    });
    return seat;
  }

  #run(seat: MemberSeat, state: "new" | "existing"): void {
    seat.state = "starting";
    seat.isWanted = false;
    seat.gone = Promise.withResolvers();
    const members = this.#seats.map(({ name, peer }) => ({ name, peer }));
    seat.keeper.tell({ tell: "run", name: seat.name, token: this.#token, members, state });
  }

  #hear(seat: MemberSeat, message: MemberSay): void {
    switch (message.say) {
      case "ports":
        seat.client = message.client;
        seat.peer = message.peer;
        seat.listening.resolve();
        break;
      case "running":
        seat.pid = message.pid;
        break;
      case "ready":
        seat.state = "up";
        seat.ready.resolve();
        if (this.#isStarted) this.#options.onEvent({ kind: "memberReady", member: seat.member });
        break;
      case "ended":
        seat.pid = undefined;
        this.#failed(seat, message.cause);
        break;
      case "fatal":
        seat.lastWords = `could not begin: ${message.message}${
          this.#folder.kept ? "" : " or choose another --base-port"
        }`;
        break;
    }
  }

  async #failed(seat: MemberSeat, cause: string): Promise<void> {
    const { member, isWanted: wanted, state } = seat;
    seat.state = "failed";
    seat.gone.resolve();
    const error = new StartError(`Cannot start member ${member} of etcd: it ${cause}`);
    seat.listening.reject(error);
    seat.ready.reject(error);
    if (state === "failed" || !this.#isStarted) return;
    // A signal to the whole group is for the launcher too, which hears it in a moment and reports no failure then.
    const { signal } = this.#options;
    await pause(groupSignalMs, signal);
    if (signal.aborted || this.#stopped !== undefined) return;
    this.#options.onEvent({ kind: "memberFailed", member, cause, wanted });
  }
}

/** Kills a member whose keeper was killed from outside. */
function endOrphan(seat: MemberSeat): void {
  if (seat.pid === undefined) return;
  try {
    kill(seat.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
  seat.pid = undefined;
}
