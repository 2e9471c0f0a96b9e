/**
 * The directory of the members of etcd that the launcher starts: a new one that is removed in the end, or one that
 * somebody has named, which a later start continues from.
 *
 * @module
 */

import { resolve } from "node:path";
import { reasonOf } from "../../reason.ts";
import { ownDirectoryMode, ownFileMode } from "../../storage/own_modes.ts";
import { isCount, isList, isMatch, isPort, isRecordOf } from "../../runtime/control.ts";
import { StartError } from "../launcher_events.ts";
import { type MemberPorts, membersCount } from "./member_ports.ts";

/** The file that says which members there are. */
const fileName = "members.json";

/** What the names of the directories of members begin with. */
const folderPrefix = "member-";

/** The format of that file. */
const formatVersion = 1;

const isKept = isRecordOf({
  version: isCount,
  token: isMatch(/^[\w-]{1,32}$/),
  members: isList(isRecordOf({ client: isPort, peer: isPort })),
});

/** The members that a directory has data of. */
export interface KeptMembers {
  /** What etcd knows them by. */
  readonly token: string;
  /** Where they listen: etcd keeps the addresses of its members. */
  readonly members: readonly MemberPorts[];
  /** Whether some of them have data; if not, the start before came no further than this. */
  readonly haveData: boolean;
}

/** The directory. */
export class MemberFolder {
  private constructor(
    /** Its whole name. */
    readonly path: string,
    /** Whether it is removed in the end. */
    readonly isRemoved: boolean,
    /** What an earlier start has left there; undefined: nothing. */
    readonly kept: KeptMembers | undefined,
  ) {}

  /**
   * Opens the directory that somebody has named, or makes one.
   *
   * @throws {StartError} if it cannot be used.
   */
  static async open(named: string | undefined): Promise<MemberFolder> {
    try {
      if (named === undefined) {
        return new MemberFolder(await Deno.makeTempDir({ prefix: "vaxlog-etcd-" }), true, undefined);
      }
      await Deno.mkdir(named, { recursive: true, mode: ownDirectoryMode });
      return new MemberFolder(resolve(named), false, await keptIn(named));
    } catch (error) {
      if (error instanceof StartError) throw error;
      const where = named === undefined ? "a directory for etcd" : `"${named}"`;
      throw new StartError(`Cannot use ${where}: ${reasonOf(error)}; choose another --engine-data`);
    }
  }

  /** The name of the directory of a member in it. */
  folderOf(member: number): string {
    return `${folderPrefix}${member}`;
  }

  /** Keeps which members there are, before the first of them starts. @throws {StartError} if that is not possible. */
  async keep(kept: Omit<KeptMembers, "haveData">): Promise<void> {
    if (this.isRemoved || this.kept !== undefined) return;
    try {
      const text = `${JSON.stringify({ version: formatVersion, ...kept })}\n`;
      await Deno.writeTextFile(`${this.path}/${fileName}`, text, { createNew: true, mode: ownFileMode });
    } catch (error) {
      throw new StartError(`Cannot write to "${this.path}": ${reasonOf(error)}; choose another --engine-data`);
    }
  }

  /** Removes it, if it is one to remove. */
  async close(): Promise<void> {
    if (this.isRemoved) await Deno.remove(this.path, { recursive: true }).catch(() => {});
  }
}

async function keptIn(directory: string): Promise<KeptMembers | undefined> {
  const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  if (names.length === 0) return undefined;
  if (!names.includes(fileName)) {
    throw new StartError(
      `"${directory}" is not empty, and has no ${fileName} of members: choose another --engine-data`,
    );
  }
  const kept = parsed(await Deno.readTextFile(`${directory}/${fileName}`));
  if (kept === undefined) throw new StartError(`Cannot read "${directory}/${fileName}": it is not of this format`);
  return { ...kept, haveData: names.some((name) => name.startsWith(folderPrefix)) };
}

function parsed(text: string): Omit<KeptMembers, "haveData"> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isKept(value) && value.version === formatVersion && value.members.length === membersCount
      ? { token: value.token, members: value.members }
      : undefined;
  } catch {
    return undefined;
  }
}
