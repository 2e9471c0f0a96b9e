/**
 * The menu: a person types what to do, and is asked for what is missing.
 *
 * Lines come from a terminal or from a pipe; both are read only when something is asked, so none is lost. While it
 * waits for a line, nothing else stops: a session goes on answering the replicas.
 *
 * @module
 */

import type { AddOutcome, SetOutcome, VaxlogClient, ViewOutcome } from "../client.ts";
import { printable, quotedShort } from "../database/quoted.ts";
import { formatAvailability, parseAvailability, parseName, parseZip, ValueError } from "../database/values.ts";
import { siteListing } from "./commands/list.ts";
import { explain } from "./failures.ts";
import { printListing } from "./listing.ts";
import type { NoticeBoard } from "./notices.ts";
import { describeRefusal } from "./refusals.ts";
import { coloured, plain, siteLine, type Style } from "./render.ts";
import { type ExitCode, exitCodes, OutputClosedError, OutputError, type Surroundings } from "./surroundings.ts";

/** What a menu works with. */
export interface MenuOptions {
  /** What executes the commands. */
  readonly client: VaxlogClient;
  /** Where prompts and answers go; lines that nobody typed are printed there, so that it reads as if somebody had. */
  readonly around: Surroundings;
  /** What the session has told. */
  readonly notices: NoticeBoard;
}

const choices = "[l] list all sites  [v] view one  [e] edit its availability  [n] new site  [q] quit";
const choicePrompt = "[l] [v] [e] [n] [q] > ";
const hints = { list: "[l]", add: "[n]", set: "[e]" };

/** Runs the menu until it is left. */
export async function runMenu(options: MenuOptions): Promise<ExitCode> {
  return await new Menu(options).run();
}

class Menu {
  readonly #client: VaxlogClient;
  readonly #lines: AsyncIterator<string>;
  readonly #around: Surroundings;
  readonly #style: Style;
  readonly #notices: NoticeBoard;

  constructor({ client, around, notices }: MenuOptions) {
    this.#client = client;
    this.#lines = around.openLines();
    this.#around = around;
    this.#style = around.hasColour ? coloured : plain;
    this.#notices = notices;
  }

  async run(): Promise<ExitCode> {
    await this.#say(choices);
    for (;;) {
      const typed = await this.#ask(choicePrompt);
      if (typed === undefined) return exitCodes.ok;
      const choice = typed.trim().toLowerCase();
      if (choice === "q" || choice === "quit" || choice === "exit") return exitCodes.ok;
      try {
        await this.#choose(choice, typed);
      } catch (error) {
        if (error instanceof OutputClosedError || error instanceof OutputError) throw error;
        const { line, exitCode } = explain(error);
        await this.#complain(line);
        // The session tries on by itself, but with the last replica the database that was here is gone.
        if (this.#notices.isUnreachable) return exitCode;
      }
    }
  }

  async #choose(choice: string, typed: string): Promise<void> {
    switch (choice) {
      case "":
        return;
      case "l":
      case "list":
        return await printListing(this.#client.list(), siteListing, "csv", this.#around);
      case "v":
      case "view":
        return await this.#view();
      case "e":
      case "edit":
        return await this.#edit();
      case "n":
      case "new":
        return await this.#new();
      case "h":
      case "help":
      case "?":
        return await this.#say(choices);
      default:
        return await this.#complain(`${quotedShort(typed.trim())} is no choice: type l, v, e, n or q`);
    }
  }

  async #view(): Promise<void> {
    const name = await this.#askFor("Site name (empty: back): ", parseName);
    if (name !== undefined) await this.#tell(await this.#client.view(name));
  }

  async #edit(): Promise<void> {
    const name = await this.#askFor("Name of the site to edit (empty: back): ", parseName);
    if (name === undefined) return;
    const present = await this.#client.view(name);
    if (present.kind !== "site") return await this.#tell(present);
    const now = formatAvailability(present.site.availability);
    const prompt = `New availability, a count or True or False (now ${now}; empty: back): `;
    const value = await this.#askFor(prompt, parseAvailability);
    if (value !== undefined) await this.#tell(await this.#client.set(name, value));
  }

  async #new(): Promise<void> {
    const name = await this.#askFor("Name of the new site (empty: back): ", parseName);
    if (name === undefined) return;
    const zip = await this.#askFor("Its ZIP code, digits only (empty: back): ", parseZip);
    if (zip !== undefined) await this.#tell(await this.#client.add(name, zip));
  }

  async #tell(outcome: ViewOutcome | SetOutcome | AddOutcome): Promise<void> {
    if (outcome.kind === "site") await this.#say(siteLine(outcome.site));
    else await this.#complain(describeRefusal(outcome, hints));
  }

  /** Asks until the answer makes sense; undefined if the person goes back, or the input has ended. */
  async #askFor<T>(prompt: string, parse: (typed: string) => T): Promise<T | undefined> {
    for (;;) {
      const typed = await this.#ask(prompt);
      if (typed === undefined || typed.trim() === "") return undefined;
      try {
        return parse(typed);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        await this.#complain(error.message);
      }
    }
  }

  #inputHasEnded = false;

  /** Prints what the session has told, and the prompt, and reads a line; undefined if the input has ended. */
  async #ask(prompt: string): Promise<string | undefined> {
    if (this.#inputHasEnded) return undefined;
    for (const line of this.#notices.take()) await this.#say(this.#style.notice(line));
    await this.#around.stdout.write(this.#style.prompt(prompt));
    const { done, value } = await this.#lines.next();
    if (done) {
      this.#inputHasEnded = true;
      await this.#say("");
      return undefined;
    }
    if (!this.#around.isTyped) await this.#say(printable(value));
    return value;
  }

  async #say(line: string): Promise<void> {
    await this.#around.stdout.write(`${line}\n`);
  }

  async #complain(line: string): Promise<void> {
    await this.#say(this.#style.bad(line));
  }
}
