/**
 * The files that the client writes for its user.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { FileThereError, NewFile } from "../storage/new_file.ts";
import { reasonOf } from "../reason.ts";
import { type NewDirectory, type NewOutput, OutputError } from "./surroundings.ts";

/**
 * Begins a file.
 *
 * @param mayReplace whether a file of that name may be replaced.
 * @throws {OutputError} if something is there that is not to be replaced, or it cannot be written.
 */
export function createFile(file: string, mayReplace: boolean): NewOutput {
  const output = told(file, () => new NewFile(file, mayReplace));
  return {
    write: (bytes) => told(file, () => output.write(bytes)),
    complete: () => told(file, () => output.complete()),
    discard: () => output.discard(),
  };
}

/**
 * Makes a directory.
 *
 * @param mayExist whether it may be there already.
 * @throws {OutputError} if it is there and may not, or it cannot be made.
 */
export function createDirectory(directory: string, mayExist: boolean): NewDirectory {
  const isNew = told(directory, () => {
    try {
      Deno.mkdirSync(directory);
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      if (mayExist && Deno.statSync(directory).isDirectory) return false;
      throw new FileThereError();
    }
  });
  return {
    discard: () => {
      try {
        if (isNew) Deno.removeSync(directory);
      } catch {
        // Somebody has put something into it, or has removed it.
      }
    },
  };
}

function told<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const advice = error instanceof FileThereError
      ? "choose another name; of the commands, only export replaces files, with --force"
      : error instanceof Deno.errors.NotCapable
      ? "run the client as deno task does, with --allow-read and --allow-write"
      : "choose another place";
    throw new OutputError(`Cannot write ${quotedShort(place)}: ${reasonOf(error)}; ${advice}`);
  }
}
