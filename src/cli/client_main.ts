/**
 * The client program: from its arguments to its exit code.
 *
 * @module
 */

import { type CommandOutput, type Submitter, VaxlogClient } from "../library/client.ts";
import { mayChange } from "../database/wire/commands.ts";
import { page, wrapped } from "../front/layout.ts";
import { versionLine } from "../front/version.ts";
import type { Notice } from "../net/client/session.ts";
import { replicaFile } from "../storage/store_tables.ts";
import { UsageError } from "../front/usage_error.ts";
import { type Invocation, parseArguments } from "./arguments.ts";
import { commands } from "./commands/all.ts";
import { explain, unknownOutcome } from "./failures.ts";
import { Menu } from "./menu.ts";
import { NoticeBoard } from "./notices.ts";
import { type ClientSession, OutputClosedError, type Surroundings } from "./surroundings.ts";
import { type Connected, type ExitCode, exitCodes, type Task } from "./task.ts";

/** Runs the client. Never throws. */
export async function runClient(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    const invocation = parseArguments(args, commands, around.now(), around.variable);
    if (invocation.kind === "run") {
      for (const line of invocation.notices) await around.stderr.write(`${line}\n`);
      return await new ClientRun(invocation, around).run();
    }
    const { columns, stdout } = around;
    const version = () => `${versionLine(replicaFile.version)}\n`;
    await stdout.write(invocation.kind === "help" ? page(invocation.text, columns()) : version());
    return exitCodes.ok;
  } catch (error) {
    // The reader that closed the output has read enough.
    if (error instanceof OutputClosedError) return exitCodes.ok;
    const { line, exitCode } = explain(error);
    const help = error instanceof UsageError ? " (--help explains more)" : "";
    await around.stderr.write(`${line}${help}\n`);
    return exitCode;
  }
}

/** One run with a session. */
class ClientRun {
  readonly #addresses: readonly string[];
  /** Absent: the menu. */
  readonly #task: Task | undefined;
  readonly #tokenFile: string | undefined;
  readonly #tlsCa: string | undefined;
  readonly #around: Surroundings;
  readonly #notices = new NoticeBoard();
  readonly #leaving = new AbortController();
  #session: ClientSession | undefined;
  #changesInFlight = 0;
  /** Whether the client has stopped to wait for what is under way. */
  #isLeft = false;

  constructor({ addresses, task, tokenFile, tlsCa }: Extract<Invocation, { kind: "run" }>, around: Surroundings) {
    this.#addresses = addresses;
    this.#task = task;
    this.#tokenFile = tokenFile;
    this.#tlsCa = tlsCa;
    this.#around = around;
  }

  async run(): Promise<ExitCode> {
    const work = this.#work();
    const left = this.#around.interrupted.then(() => {
      this.#leaving.abort();
      return this.#task?.endsItself && this.#session !== undefined ? work : this.#interrupted();
    });
    try {
      return await Promise.race([work, left]);
    } finally {
      // It may still wait for an answer that the client has given up.
      work.catch(() => {});
      this.#leaving.abort();
      this.#task?.stop?.();
      await this.#session?.close();
    }
  }

  async #work(): Promise<ExitCode> {
    const around = this.#around;
    const connect = () => this.#connect();
    if (this.#tokenFile !== undefined) around.useTokenFile(this.#tokenFile);
    if (this.#tlsCa !== undefined) around.useAuthorities(this.#tlsCa);
    if (!this.#task?.needsFiles) around.giveUpFiles();
    if (this.#task === undefined) return await this.#openMenu(await connect());
    const { signal } = this.#leaving;
    return await this.#task.run({ addresses: this.#addresses, around, signal, connect }) ?? exitCodes.ok;
  }

  async #connect(): Promise<Connected> {
    const session = await this.#around.connect(this.#addresses, (notice) => this.#onNotice(notice));
    this.#session = session;
    const { submit, read } = this.#counting(session);
    const replicaNowMs = () => (session as Submitter).replicaNowMs?.();
    const entries = session.entries.bind(session);
    return {
      session,
      client: new VaxlogClient({ submit, read, entries, replicaNowMs }),
      prober: new VaxlogClient({ submit }),
    };
  }

  async #openMenu({ client, session }: Connected): Promise<ExitCode> {
    const addresses = session.members.map(({ address }) => address);
    const one = session.kind === "nodes" ? "node" : "replica";
    const line = `Connected to the ${addresses.length === 1 ? one : `${one}s`} ${addresses.join(", ")}`;
    await this.#around.stdout.write(`${wrapped(line, this.#around.columns())}\n`);
    return await new Menu(client, this.#around, this.#notices).run();
  }

  /**
   * Ctrl-C, or a closed terminal: what is under way is left, and said to be unknown if it may have changed something.
   */
  async #interrupted(): Promise<ExitCode> {
    this.#isLeft = true;
    if (this.#changesInFlight > 0) {
      const { line, exitCode } = unknownOutcome("the client was stopped while it waited for the answer");
      await this.#around.stderr.write(`\n${line}\n`);
      return exitCode;
    }
    // A command that was stopped is not done; leaving a menu is its normal end.
    if (this.#task !== undefined) return this.#task.isDone ? exitCodes.ok : exitCodes.failure;
    if (this.#around.isTyped) await this.#around.stderr.write("\n");
    return exitCodes.ok;
  }

  /** The menu tells a notice at its next prompt, so that it does not write over what is typed. */
  #onNotice(notice: Notice): void {
    this.#notices.post(notice);
    if (this.#task === undefined && notice.kind !== "waiting") return;
    for (const line of this.#notices.take()) this.#around.stderr.write(`${this.#task?.lineOf?.(line) ?? line}\n`);
  }

  #counting(session: ClientSession): Submitter {
    const counted = async (call: Promise<CommandOutput>, changes: number) => {
      this.#changesInFlight += changes;
      try {
        return await call;
      } catch (error) {
        // The client has told the outcome already; closing the session is what has ended it.
        if (this.#isLeft) return await new Promise<never>(() => {});
        throw error;
      } finally {
        this.#changesInFlight -= changes;
      }
    };
    return {
      submit: (command, ...rest) => counted(session.submit(command, ...rest), mayChange(command) ? 1 : 0),
      read: (...call) => counted(session.read(...call), 0),
    };
  }
}
