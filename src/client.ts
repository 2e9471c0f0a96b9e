/**
 * The database's commands as typed functions: what a program that logs availability uses.
 *
 * A client is given something to submit to, as a rule a session with a cluster:
 *
 * ```ts ignore
 * const session = await Session.connect(["127.0.0.1:8892", "127.0.0.1:8893"]);
 * const client = new VaxlogClient(session);
 * const outcome = await client.set("Harvard University", 12);
 * ```
 *
 * Each command is linearizable and takes effect exactly once. An outcome that is returned is certain. Where an outcome
 * cannot be known, or the command certainly was not executed, the error of the session passes through.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "./bytes.ts";
import { type Command, outputBytesMax, writeCommand } from "./database/commands.ts";
import { type Output, readOutput } from "./database/outputs.ts";
import { type Availability, isAvailability, parseName, parseZip, type Site, ValueError } from "./database/values.ts";
import { quotedShort } from "./database/quoted.ts";

export { type Availability, type Site, ValueError } from "./database/values.ts";

/** What a command came to. */
export interface Reply {
  /** The command's output. */
  readonly output: Uint8Array;
  /** The command's place among all commands that were ever executed, from 1. */
  readonly index: number;
}

/** What executes commands: a session, or a database in the same process. */
export interface Submitter {
  /**
   * Has a command executed exactly once.
   *
   * @param command good only during the call.
   * @param outputBytesMax the most bytes that its output can have.
   */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply>;
}

/** The command was executed; this is the site now. */
export interface SiteOutcome {
  /** Which outcome it is. */
  readonly kind: "site";
  /** The site after the command. */
  readonly site: Site;
  /** The command's place among all commands, from 1. */
  readonly index: number;
}

/** There is no site of that name; nothing changed. */
export interface UnknownSiteOutcome {
  /** Which outcome it is. */
  readonly kind: "unknownSite";
  /** The name as it was looked up: trimmed, in NFC. */
  readonly name: string;
  /** The command's place among all commands, from 1. */
  readonly index: number;
}

/** A site of that name is there already; nothing changed. */
export interface ExistsOutcome {
  /** Which outcome it is. */
  readonly kind: "exists";
  /** The site that is there. */
  readonly site: Site;
  /** The command's place among all commands, from 1. */
  readonly index: number;
}

/** The cluster did not do it, and says why; nothing changed. */
export interface RefusedOutcome {
  /** Which outcome it is. */
  readonly kind: "refused";
  /** Why, as the end of a sentence. */
  readonly reason: string;
  /** The command's place among all commands, from 1. */
  readonly index: number;
}

/** What became of a `view`. */
export type ViewOutcome = SiteOutcome | UnknownSiteOutcome | RefusedOutcome;

/** What became of a `set`. */
export type SetOutcome = SiteOutcome | UnknownSiteOutcome | RefusedOutcome;

/** What became of an `add`. */
export type AddOutcome = SiteOutcome | ExistsOutcome | RefusedOutcome;

/** Which sites to list. */
export interface ListOptions {
  /** Only sites whose name comes after this one; it need not exist. */
  readonly after?: string;
  /** At most so many sites, 1 or more. */
  readonly limit?: number;
}

/** An answer that no command can have: the replicas run another program. */
export class AnswerError extends Error {
  /** The name of the class. */
  override name = "AnswerError";
}

/** The database's commands, typed. */
export class VaxlogClient {
  readonly #submitter: Submitter;
  /** Reused: a submitter copies a command before it returns. */
  readonly #writer = new ByteWriter();

  /**
   * Gives commands to whatever executes them.
   *
   * @param submitter a session, as a rule.
   */
  constructor(submitter: Submitter) {
    this.#submitter = submitter;
  }

  /**
   * Reads sites in the order of their names, by code point, page by page. Each page is linearizable; between two pages
   * others may change and add sites, but none is left out that was there all the time, and none comes twice.
   *
   * @throws {ValueError} if the limit is not an integer from 1.
   * @throws {AnswerError} if the cluster runs another program. Nothing was changed.
   */
  async *list(options: ListOptions = {}): AsyncGenerator<Site[]> {
    let { after, limit } = options;
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new ValueError(`Cannot list ${quotedShort(String(limit))} sites: give a number from 1`);
    }
    for (;;) {
      const output = outputOf(await this.#submit({ kind: "list-page", after, limit }));
      if (output.status === "invalid" || output.status === "refused") {
        throw new AnswerError(`The cluster did not list the sites: ${output.reason}`);
      }
      if (output.status !== "page") throw misfit(output);
      if (output.sites.length > 0) yield [...output.sites];
      after = output.sites.at(-1)?.name;
      if (limit !== undefined) limit -= output.sites.length;
      if (!output.more || after === undefined || limit === 0) return;
    }
  }

  /**
   * Where the log has come to. All that anybody had seen an answer to when this was called stands before it.
   *
   * @returns the place in the log, from 1, of a command that changes nothing.
   */
  async position(): Promise<number> {
    return (await this.#submit({ kind: "list-page", limit: 1 })).index;
  }

  /**
   * Looks one site up.
   *
   * @throws {ValueError} if no site can have that name.
   */
  async view(name: string): Promise<ViewOutcome> {
    const site = parseName(name);
    const reply = await this.#submit({ kind: "view", name: site });
    return presentOutcome(outputOf(reply), site, reply.index);
  }

  /**
   * Sets the availability of a site that exists.
   *
   * @throws {ValueError} if no site can have that name or that availability.
   */
  async set(name: string, value: Availability): Promise<SetOutcome> {
    const site = parseName(name);
    if (!isAvailability(value)) {
      throw new ValueError(
        `Cannot take ${
          quotedShort(String(value))
        } as an availability: give an integer from 0 to 2^53 - 1, or a boolean`,
      );
    }
    const reply = await this.#submit({ kind: "set", name: site, value });
    return presentOutcome(outputOf(reply), site, reply.index);
  }

  /**
   * Adds a site, with availability 0.
   *
   * @throws {ValueError} if no site can have that name or that ZIP code.
   */
  async add(name: string, zip: string): Promise<AddOutcome> {
    const site = parseName(name);
    const reply = await this.#submit({ kind: "add", name: site, zip: parseZip(zip) });
    const output = outputOf(reply);
    if (output.status !== "exists") return siteOrRefused(output, site, reply.index);
    return {
      kind: "exists",
      site: { name: site, zip: output.zip, availability: output.availability },
      index: reply.index,
    };
  }

  /** One promise per command, not two: this is the hot path. */
  #submit(command: Command): Promise<Reply> {
    const writer = this.#writer;
    writer.clear();
    writeCommand(writer, command);
    return this.#submitter.submit(writer.view(), outputBytesMax(command.kind));
  }
}

/** What every command may be answered with: it was executed, or the cluster says why not. */
function siteOrRefused(output: Output, name: string, index: number): SiteOutcome | RefusedOutcome {
  switch (output.status) {
    case "site":
      return { kind: "site", site: { name, zip: output.zip, availability: output.availability }, index };
    case "invalid":
    case "refused":
      return { kind: "refused", reason: output.reason, index };
    default:
      throw misfit(output);
  }
}

/** What a command that needs the site to exist is answered with. */
function presentOutcome(
  output: Output,
  name: string,
  index: number,
): SiteOutcome | UnknownSiteOutcome | RefusedOutcome {
  return output.status === "unknown" ? { kind: "unknownSite", name, index } : siteOrRefused(output, name, index);
}

function outputOf(reply: Reply): Output {
  try {
    return readOutput(reply.output);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new AnswerError(
      `Cannot read an answer of the cluster: ${error.message}; run client and servers of one version`,
    );
  }
}

function misfit(output: Output): AnswerError {
  return new AnswerError(
    `Cannot use the answer "${output.status}", which no such command has; run client and servers of one version`,
  );
}
