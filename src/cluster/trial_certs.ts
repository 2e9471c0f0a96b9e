/**
 * A certificate authority and a certificate for trying TLS, made by `openssl`: Deno can check certificates, and cannot
 * make any.
 *
 * The authority and its key stay in the directory, so that the next run renews the certificate, and clients need not
 * learn to trust another authority. For anything but a trial, take certificates of an authority that people run.
 *
 * @module
 */

import { tlsFiles } from "../http/tls.ts";
import { quoted } from "../quoted.ts";
import { reasonOf } from "../reason.ts";

/** Days for which the authority is good. */
const caDays = 825;

/** Days for which the certificate is good. */
const certDays = 90;

/** The key of the authority, which whoever serves does not need. */
const caKeyName = "ca.key";

/** Names of this machine, which every certificate for a trial has. */
const ownNames = ["localhost", "127.0.0.1", "::1"] as const;

/** The certificate that was made. */
export interface TrialCerts {
  /** The names that the certificate is for. */
  readonly names: readonly string[];
  /** Whether the authority was there before. */
  readonly isRenewed: boolean;
  /** Days for which the certificate is good. */
  readonly days: number;
}

/**
 * Makes `ca.crt`, `ca.key`, `node.crt` and `node.key` in a directory, which is made too; the keys are readable for
 * their owner alone.
 *
 * @param host a name or an address that the certificate is for, beside those of this machine.
 * @throws {Error} if that is not possible; the message is one sentence.
 */
export async function makeTrialCerts(directory: string, host: string | undefined): Promise<TrialCerts> {
  const names = [...new Set([...ownNames, ...host === undefined ? [] : [host]])];
  const path = (name: string) => `${directory}/${name}`;
  const { ca, cert, key } = tlsFiles;
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const isRenewed = await isThere(path(ca)) && await isThere(path(caKeyName));
    const foreign = isRenewed ? [] : await those([ca, caKeyName, cert, key], (name) => isThere(path(name)));
    if (foreign.length > 0) {
      const what = `${quoted(path(foreign[0]))} is there, and is not of a trial (there is no authority with its key)`;
      throw new TrialError(`${what}: give another --dir`);
    }
    const work = await Deno.makeTempDir({ dir: directory, prefix: "making-" });
    try {
      const made = (name: string) => `${work}/${name}`;
      const authority = isRenewed ? path : made;
      await Deno.writeTextFile(made("openssl.cnf"), configOf(names));
      const common = ["-config", made("openssl.cnf"), "-batch"];
      if (!isRenewed) {
        await makeKey(made(caKeyName));
        const days = ["-days", `${caDays}`, "-extensions", "authority", "-subj", "/CN=Vaxlog trial authority"];
        await openssl("req", "-x509", "-new", ...common, ...days, "-key", made(caKeyName), "-out", made(ca));
      }
      await makeKey(made(key));
      await openssl("req", "-new", ...common, "-subj", "/CN=Vaxlog trial", "-key", made(key), "-out", made("csr"));
      const signer = ["-CA", authority(ca), "-CAkey", authority(caKeyName), "-set_serial", `0x${serial()}`];
      const extensions = ["-extfile", made("openssl.cnf"), "-extensions", "node", "-days", `${certDays}`];
      await openssl("x509", "-req", "-in", made("csr"), ...signer, ...extensions, "-out", made(cert));
      for (const name of isRenewed ? [key, cert] : [ca, caKeyName, key, cert]) {
        await Deno.rename(made(name), path(name));
      }
    } finally {
      await Deno.remove(work, { recursive: true });
    }
    return { names, isRenewed, days: certDays };
  } catch (error) {
    if (error instanceof TrialError) throw error;
    throw new Error(`Cannot make certificates in ${quoted(directory)}: ${reasonOf(error)}`);
  }
}

/** Something that a person can mend, in one sentence. */
class TrialError extends Error {}

function configOf(names: readonly string[]): string {
  const kindOf = (name: string) => /^\d{1,3}(?:\.\d{1,3}){3}$|:/.test(name) ? "IP" : "DNS";
  return [
    "[req]",
    "distinguished_name = subject",
    "[subject]",
    "[authority]",
    "basicConstraints = critical, CA:TRUE, pathlen:0",
    "keyUsage = critical, keyCertSign, cRLSign",
    "subjectKeyIdentifier = hash",
    "[node]",
    "basicConstraints = critical, CA:FALSE",
    "keyUsage = critical, digitalSignature",
    "extendedKeyUsage = serverAuth, clientAuth",
    `subjectAltName = ${names.map((name) => `${kindOf(name)}:${name}`).join(", ")}`,
    "",
  ].join("\n");
}

function serial(): string {
  // A positive number of 16 bytes: the first bit is 0, and the first byte is not.
  return `4${crypto.getRandomValues(new Uint8Array(16)).toHex().slice(1)}`;
}

/** Makes a key in a file that nobody else could read at any moment. */
async function makeKey(file: string): Promise<void> {
  const pem = await openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
  await Deno.writeTextFile(file, pem, { createNew: true, mode: 0o600 });
}

/** Runs it. @returns what it has printed. */
async function openssl(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command("openssl", { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const advice = "install it, or take a certificate from elsewhere and put it there as node.crt and node.key";
    throw new TrialError(`There is no program openssl, which makes certificates: ${advice}`);
  }
  const [said, complaint] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!output.success) throw new Error(`openssl ${args[0]} failed: ${complaint.trim().split("\n").at(-1)}`);
  return said;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function those(names: readonly string[], is: (name: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) if (await is(name)) found.push(name);
  return found;
}
