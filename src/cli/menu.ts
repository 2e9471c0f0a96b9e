/**
 * The menu: a person types what to do, and is asked for what is missing.
 *
 * @module
 */

import type { AnyOutcome, ListOptions, VaxlogClient } from "../library/client.ts";
import { parseReason } from "./commands/retire.ts";
import { printable, quotedShort } from "../quoted.ts";
import { formatAvailability, parseAvailability, parseName, parseZip, type Site } from "../database/values.ts";
import type { Candidates } from "../library/candidates.ts";
import { ambiguityText, candidateLine, moreText } from "./candidate_text.ts";
import { Dialogue } from "./dialogue.ts";
import { explain } from "./failures.ts";
import { flowed, page } from "../front/layout.ts";
import { anyOf } from "../front/phrases.ts";
import { printListing } from "./listing.ts";
import type { NoticeBoard } from "./notices.ts";
import type { Hints } from "./refusals.ts";
import { entryListingOf } from "./render_entries.ts";
import { type FoundSite, SiteChoice } from "./site_choice.ts";
import { numberedListing, type NumberedSite, siteLine } from "./render.ts";
import { refusalWithOffer } from "./site_names.ts";
import { OutputClosedError, OutputError, type Surroundings } from "./surroundings.ts";
import { type ExitCode, exitCodes } from "./task.ts";
import { tableFor } from "./table.ts";

const naming = "A site is called by its name, how that begins, or its number in the last list";
const hints: Hints = { list: "[l]", add: "[n]", set: "[e]", reopen: "[r]" };

/** Entries of a history that fit a window. */
const historyMax = 15;

/** A choice: a word, of which the first letter is enough, what it stands for, and what it does. */
type MenuChoice = readonly [name: string, summary: string, act: () => Promise<"quit" | void>];

/** The menu of one run of the client. */
export class Menu {
  readonly #client: VaxlogClient;
  readonly #around: Surroundings;
  readonly #notices: NoticeBoard;
  readonly #dialogue: Dialogue;
  readonly #choice: SiteChoice;
  readonly #choices: readonly MenuChoice[] = [
    ["list", "list all sites", () => this.#list({})],
    ["filter", "filter them by ZIP", () => this.#filter()],
    ["view", "view one", () => this.#view()],
    ["history", "its history", () => this.#history()],
    ["edit", "edit its availability", () => this.#edit()],
    ["new", "new site", () => this.#new()],
    ["retire", "retire or reopen one", () => this.#retire()],
    ["quit", "quit", () => Promise.resolve("quit")],
  ];

  /** @param notices news from the session. */
  constructor(client: VaxlogClient, around: Surroundings, notices: NoticeBoard) {
    this.#client = client;
    this.#around = around;
    this.#notices = notices;
    this.#dialogue = new Dialogue(around, notices);
    this.#choice = new SiteChoice(client);
  }

  /** Runs the menu until it is left. */
  async run(): Promise<ExitCode> {
    await this.#explain();
    const prompt = `${this.#choices.map(([name]) => `[${name[0]}]`).join(" ")} > `;
    for (;;) {
      const typed = await this.#dialogue.ask(prompt);
      if (typed === undefined) return exitCodes.ok;
      try {
        if (await this.#choose(typed.trim()) === "quit") return exitCodes.ok;
      } catch (error) {
        if (error instanceof OutputClosedError || error instanceof OutputError) throw error;
        const { line, exitCode } = explain(error);
        await this.#dialogue.complain(line);
        // The session tries to reconnect, but with the last replica the database that was here is gone.
        if (this.#notices.isUnreachable) return exitCode;
      }
    }
  }

  async #choose(typed: string): Promise<"quit" | void> {
    const word = typed.toLowerCase();
    if (word === "") return;
    if (word === "exit") return "quit";
    if (word === "help" || word === "?") return await this.#explain();
    const [, , act] = this.#choices.find(([name]) => word === name || word === name[0]) ?? [];
    if (act !== undefined) return await act();
    const letters = anyOf(this.#choices.map(([name]) => name[0]));
    await this.#dialogue.complain(`${quotedShort(typed)} is not a choice: type ${letters}`);
  }

  async #explain(): Promise<void> {
    const columns = this.#around.columns();
    await this.#dialogue.say(flowed(this.#choices.map(([name, summary]) => `[${name[0]}] ${summary}`), columns));
    await this.#dialogue.say(page(naming, columns));
  }

  /** On a terminal a table with numbers, which choose a site; else CSV, of which the first row is number 1. */
  async #list(options: ListOptions): Promise<void> {
    this.#choice.beginList();
    const form = this.#around.columns() === undefined ? "csv" : "table";
    await printListing(this.#numbered(this.#client.list(options)), numberedListing, form, this.#around);
  }

  async *#numbered(pages: AsyncIterable<readonly Site[]>): AsyncGenerator<readonly NumberedSite[]> {
    for await (const page of pages) yield page.map((site) => ({ ...site, number: this.#choice.list(site.name) }));
  }

  async #filter(): Promise<void> {
    const zip = await this.#dialogue.askFor("ZIP code, or how it begins (empty: back): ", parseZip);
    if (zip !== undefined) await this.#list({ zip });
  }

  async #view(): Promise<void> {
    const site = await this.#askForSite("Site name (empty: back): ");
    if (site !== undefined) await this.#tell(site.outcome);
  }

  async #history(): Promise<void> {
    const site = await this.#askForSite("Site whose history is shown (empty: back): ");
    if (site === undefined) return;
    await this.#tell(site.outcome);
    const { id, name } = site.outcome.site;
    const pages = await Array.fromAsync(this.#client.history(name, { newestFirst: true, limit: historyMax + 1 }));
    const entries = pages.flat();
    const listing = entryListingOf(id, entries.some(({ siteId }) => siteId !== id));
    const table = tableFor(listing.columns, this.#around);
    await this.#around.stdout.write(table.rows(entries.slice(0, historyMax)) + table.end());
    if (entries.length > historyMax) {
      await this.#dialogue.say(`These are the newest ${historyMax}; the command "history NAME" prints all`);
    }
  }

  async #edit(): Promise<void> {
    const present = await this.#askForSite("Name of the site to edit (empty: back): ");
    if (present === undefined) return;
    const { name, availability } = present.outcome.site;
    // A person who has typed a part of the name sees which site it is.
    if (!present.isExact) await this.#tell(present.outcome);
    const now = formatAvailability(availability);
    const prompt = `New availability, a count, True, False or Unknown (now ${now}; empty: back): `;
    const value = await this.#dialogue.askFor(prompt, parseAvailability);
    if (value !== undefined) await this.#tell(await this.#client.set(name, value));
  }

  async #new(): Promise<void> {
    const name = await this.#dialogue.askFor("Name of the new site (empty: back): ", parseName);
    if (name === undefined) return;
    const zip = await this.#dialogue.askFor("Its ZIP code, digits only (empty: back): ", parseZip);
    if (zip !== undefined) await this.#tell(await this.#client.add(name, zip));
  }

  async #retire(): Promise<void> {
    const present = await this.#askForSite("Site to retire, or to open again (empty: back): ");
    if (present === undefined) return;
    await this.#tell(present.outcome);
    const { name, retired } = present.outcome.site;
    if (retired === undefined) {
      const reason = await this.#dialogue.askFor("Why it is retired (empty: back): ", parseReason);
      if (reason !== undefined) await this.#tell(await this.#client.retire(name, reason));
      return;
    }
    const answer = await this.#dialogue.ask("Open it again? y (empty: back): ");
    if (/^\s*y(?:es)?\s*$/i.test(answer ?? "")) await this.#tell(await this.#client.reopen(name));
  }

  /** Asks which site is meant until that is clear; undefined if there is none, or the person goes back. */
  async #askForSite(prompt: string): Promise<FoundSite | undefined> {
    for (;;) {
      const name = await this.#dialogue.askFor(prompt, parseName);
      if (name === undefined) return undefined;
      const choice = await this.#choice.find(name);
      if (choice.kind === "site") return choice;
      if (choice.kind === "none") return void await this.#tell(choice.outcome);
      if (choice.kind === "candidates") await this.#offerCandidates(name, choice.candidates);
      else await this.#offer(name, choice.names, choice.isAll);
    }
  }

  /** Shows the sites that have a name with something behind it, each with a number to choose it by. */
  async #offerCandidates(name: string, candidates: Candidates): Promise<void> {
    await this.#dialogue.say(`${ambiguityText(name, candidates)}; type a number, an id, or the whole name:`);
    this.#choice.beginList();
    for (const site of candidates.sites) {
      await this.#dialogue.say(`  ${this.#choice.list(site.name)}  ${candidateLine(site)}`);
    }
    const more = moreText(candidates);
    if (more !== undefined) await this.#dialogue.say(`  ${more}`);
  }

  /** Shows the sites of which one may be meant, each with a number to choose it by. */
  async #offer(beginning: string, names: readonly string[], isAll: boolean): Promise<void> {
    const count = isAll ? names.length : `More than ${names.length}`;
    const what = `${count} sites begin with ${quotedShort(beginning)}`;
    await this.#dialogue.say(`${what}; type a number, or more of the name:`);
    this.#choice.beginList();
    for (const name of names) await this.#dialogue.say(`  ${this.#choice.list(name)}  ${printable(name)}`);
  }

  async #tell(outcome: AnyOutcome): Promise<void> {
    if (outcome.kind === "site") return await this.#dialogue.say(siteLine(outcome.site));
    await this.#dialogue.complain(await refusalWithOffer(outcome, hints, this.#client, this.#around));
  }
}
