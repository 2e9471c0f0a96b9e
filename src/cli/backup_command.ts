/**
 * `backup FILE`: a copy of the whole database, of one place in the log, while others go on writing.
 *
 * @module
 */

import { AnswerError, VaxlogClient } from "../client.ts";
import { printable, quoted } from "../database/quoted.ts";
import { Sites } from "../database/sites.ts";
import type { DatabaseCopy } from "../net/backup.ts";
import { NotExecutedError, OutcomeUnknownError } from "../net/session.ts";
import type { BackupHeader } from "../storage/backup_format.ts";
import { type BackupTarget, type Connection, type ExitCode, exitCodes, type Surroundings } from "./surroundings.ts";

/** A backup under way. */
export class BackupCommand {
  readonly #file: string;
  readonly #around: Surroundings;
  readonly #target: BackupTarget;
  readonly #stopping = new AbortController();
  #progressTimer: ReturnType<typeof setInterval> | undefined;
  #progress = "Waiting for a replica";

  /**
   * Takes the place where the file is to be.
   *
   * @throws {BackupFileError} if there is something of that name, or nothing can be written there.
   */
  constructor(file: string, around: Surroundings) {
    this.#file = file;
    this.#around = around;
    this.#target = around.createBackup(file);
  }

  /** Whether the file is there. */
  get isComplete(): boolean {
    return this.#target.isComplete;
  }

  /**
   * Makes the backup and prints what it is.
   *
   * @param named the addresses that the client was given, for when the session knows none any more.
   * @param json whether it is printed as JSON.
   * @throws {CopyError} if no replica gives a copy.
   * @throws {BackupFileError} if it cannot be written.
   */
  async run(connection: Connection, named: readonly string[], json: boolean): Promise<ExitCode> {
    const { stdout, fetchCopy } = this.#around;
    this.#showProgress();
    try {
      const { cluster } = connection;
      const copy = await fetchCopy({
        cluster,
        atLeast: await this.#position(connection),
        addresses: () => {
          const members = connection.members.map(({ address }) => address);
          return members.length > 0 ? members : named;
        },
        onProgress: (bytes, total) => this.#progress = `Copied ${megabytes(bytes)} of ${megabytes(total)} MB`,
        onTrouble: (address, reason) => this.#progress = `Waiting: the replica at ${address} ${reason}`,
        signal: this.#stopping.signal,
      });
      const { executed: index, bytes } = copy;
      const header = this.#target.complete({ cluster, index, sites: countSites(copy) }, bytes);
      await stdout.write(`${json ? jsonOf(this.#file, header) : lineOf(this.#file, header)}\n`);
      return exitCodes.ok;
    } finally {
      clearInterval(this.#progressTimer);
    }
  }

  /** Leaves nothing half-done behind. */
  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#progressTimer);
    this.#target.discard();
  }

  /** All that anybody had seen before the backup was asked for is to be in it. */
  async #position(connection: Connection): Promise<number> {
    try {
      return await new VaxlogClient(connection).position();
    } catch (error) {
      // Whether a question was executed concerns nobody: there is no backup, certainly.
      if (error instanceof OutcomeUnknownError) throw new NotExecutedError(error.message);
      throw error;
    }
  }

  /** Says now and then how it goes, where it takes long. */
  #showProgress(): void {
    let said = "";
    this.#progressTimer = setInterval(() => {
      if (said === this.#progress) return;
      said = this.#progress;
      this.#around.stderr.write(`${printable(said)}\n`);
    }, this.#around.progressMs);
  }
}

/** How many sites are in a copy, which is read whole for it: what cannot be restored is no backup. */
function countSites({ bytes }: DatabaseCopy): number {
  const sites = new Sites();
  try {
    sites.restore(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new AnswerError(`Cannot use the copy that came: ${why}; run client and servers of one version`);
  }
  return sites.size;
}

function lineOf(file: string, { index, sites, bytes }: BackupHeader): string {
  return `Backup ${quoted(file)}: log index ${index}, ${sites} ${sites === 1 ? "site" : "sites"}, ${bytes} bytes`;
}

function jsonOf(file: string, { cluster, index, sites, bytes, sha256 }: BackupHeader): string {
  return printable(JSON.stringify({ file, cluster, index, sites, bytes, sha256 }));
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
