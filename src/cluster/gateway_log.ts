/**
 * The gateway's log: a line for each HTTP request that it refused, with the time, as text or as JSON.
 *
 * A log is for people, and nothing depends on it: where it cannot be written, as on a full disk, that is said once,
 * lines are lost, and it continues when there is room again.
 *
 * @module
 */

import { announcementJson, type LineFormat } from "../front/announcement.ts";
import { OutputQueue } from "./console.ts";
import { reasonOf } from "../reason.ts";

/** The name of the file, in the directory of logs. */
export const gatewayLogName = "gateway.log";

/** A log file that is being written. */
export type GatewayLogFile = Pick<Deno.FsFile, "write" | "close">;

type OpenLog = () => Promise<GatewayLogFile>;

/** The log of a gateway. */
export class GatewayLog {
  readonly #output: OutputQueue;
  readonly #open: OpenLog;
  readonly #complain: (line: string) => void;
  readonly #isJson: boolean;
  readonly #now: () => Date;
  #file: GatewayLogFile | undefined;
  #isFailing = false;

  /**
   * Opens nothing yet.
   *
   * @param open opens the file for writing behind what is in it.
   * @param complain takes a line for people, when the file cannot be written, and when it can again.
   */
  constructor(
    open: OpenLog,
    complain: (line: string) => void,
    format: LineFormat = "text",
    now: () => Date = () => new Date(),
  ) {
    this.#open = open;
    this.#complain = complain;
    this.#isJson = format === "json";
    this.#now = now;
    this.#output = new OutputQueue({ write: (bytes) => this.#write(bytes) });
  }

  /** Queues a line about a refused request, with the time; never waits. */
  line(text: string, level: "warn" | "error"): void {
    const now = this.#now();
    const line = this.#isJson
      ? announcementJson({ level, event: "refused", text }, now)
      : `${now.toISOString()}  ${text}`;
    this.#output.write(`${line}\n`);
  }

  /** Resolves when all is written or lost, or after `withinMs` milliseconds. */
  flush(withinMs: number): Promise<void> {
    return this.#output.flush(withinMs);
  }

  #gap(): string {
    const text = "lines are missing here";
    return this.#isJson ? announcementJson({ level: "warn", event: "missing", text }, this.#now()) : `(${text})`;
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      this.#file ??= await this.#open();
      if (this.#isFailing) {
        // The last line that went before may be torn.
        await this.#file.write(new TextEncoder().encode(`\n${this.#gap()}\n`));
        this.#isFailing = false;
        this.#complain(`"${gatewayLogName}" is written again`);
      }
      return await this.#file.write(bytes);
    } catch (error) {
      this.#file?.close();
      this.#file = undefined;
      if (!this.#isFailing) {
        const what = `Cannot write "${gatewayLogName}": ${reasonOf(error)}`;
        this.#complain(`${what}; requests are served, and refused ones are not logged`);
      }
      this.#isFailing = true;
      return bytes.length;
    }
  }
}
