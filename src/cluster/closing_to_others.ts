/**
 * Closes the directory of the data to other users, and says where others may look.
 *
 * Vaxlog makes its files and directories for its own user alone. A directory that was there before may be open to
 * others. That of the data belongs to Vaxlog, so it is closed; that of the logs may be anybody's, and stays as it is.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";
import { ifThere } from "../storage/file_claim.ts";
import { isOpenToOthers, ownDirectoryMode, ownFileMode } from "../storage/own_modes.ts";

/** What belongs to a cluster in the directory of its data; everything else is somebody's own. */
const ownNames = /^(cluster|replica-\d{1,2})\.(db|history)|^before-force-from-|\.token$/;

function modeOf(path: string): number | null {
  return ifThere(() => Deno.statSync(path))?.mode ?? null;
}

/**
 * Closes a directory of data, and what is in it, to others.
 *
 * @returns what to say, without a full stop; undefined: others could not reach it, or it is not there.
 */
export function closeToOthers(directory: string): string | undefined {
  if (!isOpenToOthers(modeOf(directory))) return undefined;
  try {
    Deno.chmodSync(directory, ownDirectoryMode);
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(directory)) {
      if (isSymlink || !ownNames.test(name)) continue;
      Deno.chmodSync(`${directory}/${name}`, isDirectory ? ownDirectoryMode : ownFileMode);
    }
    return `Other users could reach "${directory}": it is closed to them now`;
  } catch (error) {
    return `Other users can reach "${directory}", and it cannot be closed to them: ${reasonOf(error)}. ` +
      "Let its owner close it, with chmod 700";
  }
}

/** Says that others see the names of logs; undefined: they do not. */
export function logsInSight(directory: string): string | undefined {
  if (!isOpenToOthers(modeOf(directory))) return undefined;
  return `Other users may see what files "${directory}" has, and cannot read the logs`;
}
