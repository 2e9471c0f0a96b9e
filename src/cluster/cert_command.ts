/**
 * `deno task servers cert`: certificates for a trial of TLS.
 *
 * @module
 */

import { parseCommandLine } from "../front/command_line.ts";
import { readHost } from "../front/listening.ts";
import { readName } from "../front/readers.ts";
import { defineCommand, explain, option } from "../front/typed_command.ts";
import { makeTrialCerts } from "./trial_certs.ts";

/** Where they are, unless another directory is asked for. */
const usualDirectory = "tls";

/** The command. */
const certCommand = defineCommand({
  name: "cert",
  summary: "make a certificate for a trial of TLS, and the authority that signs it",
  details: [
    "DIR then has ca.crt, which clients are to trust, and node.crt and node.key, which servers --tls-dir DIR serves " +
    "with. Its ca.key signs: keep it to yourself. If DIR has an authority, that one signs a new certificate.",
  ],
  examples: ["cert", "cert --dir trial --name vaccines.example"],
  operands: [],
  options: {
    dir: option("DIR", `directory to make them in (${usualDirectory})`, readName("a directory")),
    name: option("HOST", "name or address of this machine for others, beside localhost", readHost),
  },
  make: ({ options: { dir = usualDirectory, name } }) => ({ directory: dir, host: name }),
});

/** The text of `cert --help`. */
export const certUsage: string = explain(certCommand, "Usage: deno task servers", "deno task servers").trimEnd();

/** What you may type. */
export const certExamples: readonly string[] = certCommand.examples;

/**
 * Reads the words after `cert`.
 *
 * @throws {UsageError} if they make no sense.
 */
export function parseCertArguments(args: readonly string[]): ReturnType<typeof certCommand.read> | "help" {
  if (args.includes("--help") || args.includes("-h")) return "help";
  return certCommand.read(parseCommandLine(args, certCommand.options));
}

/**
 * Makes what was asked for.
 *
 * @returns what to print.
 * @throws {Error} if that is not possible; the message is one sentence.
 */
export async function runCert({ directory, host }: ReturnType<typeof certCommand.read>): Promise<string> {
  const { names, isRenewed, days } = await makeTrialCerts(directory, host);
  const authority = isRenewed ? "signed by the authority that was there" : "and ca.crt with ca.key, which signs it";
  return [
    `Made node.crt and node.key in "${directory}" for ${names.join(", ")}, good for ${days} days, ${authority}.`,
    `Serve with them: deno task servers 3 --http 8443 --tls-dir "${directory}"`,
    `Ask: curl --cacert "${directory}/ca.crt" https://localhost:8443/health`,
  ].join("\n");
}
