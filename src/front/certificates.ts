/**
 * Files with certificates of authorities, in PEM.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { quoted } from "../quoted.ts";
import { reasonOf } from "../reason.ts";

/** Characters of such a file, at most: that many are more than ten certificates. */
const charactersMax = 32 * 1024;

/** A file of certificates cannot be used; the message is one sentence. */
export class CertificatesError extends Error {
  override name = "CertificatesError";
}

/**
 * Reads a file.
 *
 * @param option the option that names it, for errors.
 * @returns each certificate in it, one at least.
 * @throws {CertificatesError} if it cannot be read, or one of them is not a certificate.
 */
export function readAuthorities(option: string, file: string): string[] {
  const what = `the file ${quoted(file)} of ${option}`;
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    throw new CertificatesError(`Cannot read ${what}: ${reasonOf(error)}`);
  }
  if (text.length > charactersMax) {
    throw new CertificatesError(
      `Cannot use ${what}: it has over ${charactersMax} characters; leave out what is not needed`,
    );
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw new CertificatesError(`Cannot use ${what}: there is no certificate in PEM in it`);
  for (const certificate of found) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw new CertificatesError(`Cannot use ${what}: a certificate in it cannot be read: ${reasonOf(error)}`);
    }
  }
  return found;
}
