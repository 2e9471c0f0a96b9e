/**
 * The client program: from its arguments to its exit code.
 *
 * @module
 */

import { type Submitter, VaxlogClient } from "../client.ts";
import { mayChange } from "../database/commands.ts";
import type { Notice } from "../net/session.ts";
import { UsageError } from "./addresses.ts";
import { BackupCommand } from "./backup_command.ts";
import { helpText, type Invocation, parseArguments } from "./arguments.ts";
import { runCommand } from "./commands.ts";
import { explain, unknownOutcome } from "./failures.ts";
import { runMenu } from "./menu.ts";
import { NoticeBoard } from "./notices.ts";
import { coloured, plain } from "./render.ts";
import { type Connection, type ExitCode, exitCodes, OutputClosedError, type Surroundings } from "./surroundings.ts";

/** Runs the client. Never throws. */
export async function runClient(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    const invocation = parseArguments(args);
    if (invocation.kind !== "help") return await new ClientRun(invocation, around).run();
    await around.stdout.write(helpText);
    return exitCodes.ok;
  } catch (error) {
    // Whoever closed the output has read enough.
    if (error instanceof OutputClosedError) return exitCodes.ok;
    const { line, exitCode } = explain(error);
    const help = error instanceof UsageError ? " (--help explains more)" : "";
    await around.stderr.write(`${line}${help}\n`);
    return exitCode;
  }
}

/** One run with a session. */
class ClientRun {
  readonly #invocation: Exclude<Invocation, { kind: "help" }>;
  readonly #around: Surroundings;
  readonly #notices = new NoticeBoard();
  #connection: Connection | undefined;
  #backup: BackupCommand | undefined;
  #changesInFlight = 0;
  #isInterrupted = false;

  constructor(invocation: Exclude<Invocation, { kind: "help" }>, around: Surroundings) {
    this.#invocation = invocation;
    this.#around = around;
  }

  async run(): Promise<ExitCode> {
    try {
      return await Promise.race([this.#work(), this.#around.interrupted.then(() => this.#interrupted())]);
    } finally {
      this.#backup?.stop();
      await this.#connection?.close();
    }
  }

  async #work(): Promise<ExitCode> {
    const invocation = this.#invocation;
    const { stdout, stderr } = this.#around;
    if (invocation.kind === "command" && invocation.command.verb === "backup") {
      // Before anything else: for a file that cannot be, nobody needs to be asked.
      this.#backup = new BackupCommand(invocation.command.file, this.#around);
    } else {
      this.#around.giveUpFiles();
    }
    this.#connection = await this.#around.connect(invocation.addresses, (notice) => this.#onNotice(notice));
    const client = new VaxlogClient(this.#counting(this.#connection));
    if (invocation.kind === "command") {
      const { command, addresses, json } = invocation;
      if (command.verb === "backup") return await this.#backup!.run(this.#connection, addresses, json);
      return await runCommand(client, command, { stdout, stderr, json });
    }
    const addresses = this.#connection.members.map(({ address }) => address);
    await stdout.write(
      `Connected to ${addresses.length === 1 ? "the replica" : "the replicas"} ${addresses.join(", ")}\n`,
    );
    return await runMenu({
      client,
      lines: this.#around.openLines(),
      stdout,
      echo: !this.#around.isTyped,
      style: this.#around.hasColour ? coloured : plain,
      notices: this.#notices,
    });
  }

  /** Ctrl-C, or a closed terminal: what is under way is left, and said to be unknown if it may have changed something. */
  async #interrupted(): Promise<ExitCode> {
    this.#isInterrupted = true;
    if (this.#changesInFlight > 0) {
      const { line, exitCode } = unknownOutcome("the client was stopped while it waited for the answer");
      await this.#around.stderr.write(`\n${line}\n`);
      return exitCode;
    }
    if (this.#backup?.isComplete) return exitCodes.ok;
    // A command that was stopped is not done; a menu is there to be left.
    if (this.#invocation.kind === "command") return exitCodes.failure;
    if (this.#around.isTyped) await this.#around.stderr.write("\n");
    return exitCodes.ok;
  }

  /** A person who types in the menu is not written over; one who waits for the menu is told why at once. */
  #onNotice(notice: Notice): void {
    this.#notices.post(notice);
    if (this.#invocation.kind === "menu" && notice.kind !== "waiting") return;
    for (const line of this.#notices.take()) this.#around.stderr.write(`${line}\n`);
  }

  #counting(submitter: Submitter): Submitter {
    return {
      submit: async (command, outputBytesMax) => {
        const change = mayChange(command) ? 1 : 0;
        this.#changesInFlight += change;
        try {
          return await submitter.submit(command, outputBytesMax);
        } catch (error) {
          // Its outcome was told already, and leaving is what has ended it now.
          if (this.#isInterrupted) return await new Promise(() => {});
          throw error;
        } finally {
          this.#changesInFlight -= change;
        }
      },
    };
  }
}
