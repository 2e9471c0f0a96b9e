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
  const told = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw failureOf(file, error);
    }
  };
  const output = told(() => new NewFile(file, mayReplace));
  return {
    write: (bytes) => told(() => output.write(bytes)),
    complete: () => told(() => output.complete()),
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
  try {
    Deno.mkdirSync(directory);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw failureOf(directory, error);
    if (!mayExist || !Deno.statSync(directory).isDirectory) throw failureOf(directory, new FileThereError());
    return { discard: () => {} };
  }
  return {
    discard: () => {
      try {
        Deno.removeSync(directory);
      } catch {
        // Somebody has put something into it, or has removed it.
      }
    },
  };
}

function failureOf(place: string, error: unknown): OutputError {
  const why = reasonOf(error);
  const advice = error instanceof FileThereError
    ? "choose another name; of the commands, only export replaces files, with --force"
    : error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-write"
    : "choose another place";
  return new OutputError(`Cannot write ${quotedShort(place)}: ${why}; ${advice}`);
}
