/**
 * Errors as a person is told of them: one line, and how the program ends.
 *
 * @module
 */

import { AnswerError, UnknownSiteError, ValueError } from "../library/client.ts";
import { printable } from "../quoted.ts";
import { FeedError } from "../formats/scheduling_links.ts";
import { CopyError } from "../net/client/backup.ts";
import { ConnectError, NotExecutedError, OutcomeUnknownError } from "../net/client/session.ts";
import { BackupFileError } from "../storage/backup_file.ts";
import { CertificatesError } from "../front/certificates.ts";
import { UsageError } from "../front/usage_error.ts";
import { ArchiveError } from "./archive_index.ts";
import { InputError } from "./inputs.ts";
import { OutputError } from "./surroundings.ts";
import { type ExitCode, exitCodes } from "./task.ts";

/** What to say of an error, and how to end for it. */
export interface Explanation {
  /** One line without its end. */
  readonly line: string;
  /** The exit code of a program that ends for it. */
  readonly exitCode: ExitCode;
}

/** Says that a command may or may not have been executed, and why nobody can know. */
export function unknownOutcome(why: string): Explanation {
  return {
    line: `The outcome is unknown: ${asClause(printable(why))}; what was asked may or may not have been done`,
    exitCode: exitCodes.unknown,
  };
}

/** A message that stands within a sentence: it does not begin with a capital, unless that is part of its first word. */
export function asClause(message: string): string {
  return /^[A-Z][a-z]/.test(message) ? message[0].toLowerCase() + message.slice(1) : message;
}

/** Errors whose message says all that a person can do about them. */
const foreseen = [
  AnswerError,
  ArchiveError,
  BackupFileError,
  CertificatesError,
  ConnectError,
  CopyError,
  FeedError,
  InputError,
  OutputError,
  UnknownSiteError,
] as const;

/** Explains an error, whatever it is; a stack trace is nothing for a user. */
export function explain(error: unknown): Explanation {
  if (error instanceof OutcomeUnknownError) return unknownOutcome(error.message);
  const message = printable(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError || error instanceof ValueError) return { line: message, exitCode: exitCodes.usage };
  const exitCode = exitCodes.failure;
  if (error instanceof NotExecutedError) return { line: `Nothing was done: ${asClause(message)}`, exitCode };
  if (foreseen.some((kind) => error instanceof kind)) return { line: message, exitCode };
  const name = error instanceof Error ? `${error.name}: ` : "";
  return { line: `The client failed unexpectedly: ${name}${message}`, exitCode };
}
