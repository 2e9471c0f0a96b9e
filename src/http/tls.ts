/**
 * TLS for a gateway: a certificate and its key, read from a directory and checked before anybody is served with them.
 *
 * The server of the runtime takes any pair and then fails each connection, so that only clients would see what is
 * wrong. Everything that a person can mend is said here instead, with the name of the file.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { exactTime } from "../formats/times.ts";
import { quoted } from "../quoted.ts";
import { reasonOf } from "../reason.ts";

/** The files of a directory for TLS. */
export const tlsFiles = { ca: "ca.crt", cert: "node.crt", key: "node.key" } as const;

/** Characters of a file, at most: a long chain of certificates has 10,000. */
const tlsFileCharactersMax = 24 * 1024;

/** A certificate and its key, in PEM. */
export interface TlsPair {
  /** The certificate, perhaps with others behind it that lead to the authority. */
  readonly cert: string;
  /** The key of the first certificate. */
  readonly key: string;
}

/** How the files are read. */
export interface TlsFolder {
  /** The text of a file. @throws what the system says. */
  readTextFile(path: string): Promise<string>;
  /** The bits of a file that say who may read it; null where a system has none. @throws what the system says. */
  stat(path: string): Promise<{ readonly mode: number | null }>;
}

/**
 * Reads the pair of a directory: `node.crt` and `node.key`. If there is a `ca.crt`, it must have signed the pair.
 *
 * @param directory as it was typed.
 * @param nowMs milliseconds since 1970.
 * @throws {Error} if a file is missing or cannot be read, others may read the key, the two do not belong together, or
 *   the certificate is not valid now; the message is one sentence.
 */
export async function readTlsPair(directory: string, nowMs: number, folder: TlsFolder = Deno): Promise<TlsPair> {
  const [certName, keyName, caName] = [tlsFiles.cert, tlsFiles.key, tlsFiles.ca].map((name) => `${directory}/${name}`);
  const trial = `deno task servers cert --dir ${quoted(directory)} makes a pair for a trial`;
  const needed = async (name: string) => {
    const text = await readIfThere(folder, name);
    if (text === undefined) throw new Error(`There is no ${quoted(name)}: --tls-dir needs it; ${trial}`);
    return text;
  };
  const pair = { cert: await needed(certName), key: await needed(keyName) };
  const { mode } = await folder.stat(keyName);
  if (mode !== null && (mode & 0o077) !== 0) {
    const bits = (mode & 0o777).toString(8);
    throw new Error(`Others may read the key ${quoted(keyName)} (mode ${bits}): run chmod 600 ${quoted(keyName)}`);
  }
  const chain = certificatesIn(pair.cert, certName);
  const [own] = chain;
  if (!own.checkPrivateKey(keyIn(pair.key, keyName))) {
    const advice = "put a certificate and its own key there";
    throw new Error(`The key ${quoted(keyName)} does not belong to ${quoted(certName)}: ${advice}`);
  }
  const [from, until] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
  if (until <= nowMs) {
    throw new Error(`The certificate ${quoted(certName)} has expired at ${exactTime(until)}: renew it; ${trial}`);
  }
  if (from > nowMs) {
    const advice = "look at the clock of this computer";
    throw new Error(`The certificate ${quoted(certName)} is valid from ${exactTime(from)} on: ${advice}`);
  }
  const ca = await readIfThere(folder, caName);
  if (ca !== undefined && !isSignedBy(chain, certificatesIn(ca, caName))) {
    throw new Error(`The certificate ${quoted(certName)} is not of ${quoted(caName)}: take both from one authority`);
  }
  return pair;
}

async function readIfThere(folder: TlsFolder, name: string): Promise<string | undefined> {
  try {
    const text = await folder.readTextFile(name);
    if (text.length <= tlsFileCharactersMax) return text;
    throw new Error(`it has over ${tlsFileCharactersMax} characters, and no certificate or key needs that many`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${quoted(name)}: ${reasonOf(error)}`);
  }
}

const pemPattern = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function certificatesIn(text: string, name: string): X509Certificate[] {
  try {
    const certificates = [...text.matchAll(pemPattern)].map(([pem]) => new X509Certificate(pem));
    if (certificates.length > 0) return certificates;
  } catch {
    // It says nothing that helps a person.
  }
  throw new Error(`There is no certificate in ${quoted(name)}: it must be in PEM`);
}

function keyIn(text: string, name: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(`There is no key in ${quoted(name)}: it must be in PEM, without a passphrase`);
  }
}

/** Whether an authority has signed one of a chain, or is one of it. */
function isSignedBy(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  return authorities.some((authority) =>
    chain.some((one) => one.fingerprint256 === authority.fingerprint256 || verifies(authority, one))
  );
}

/** A signature of a kind that the runtime does not know counts as good: clients check it for themselves. */
function verifies(authority: X509Certificate, one: X509Certificate): boolean {
  try {
    return one.verify(authority.publicKey);
  } catch {
    return one.issuer === authority.subject;
  }
}
