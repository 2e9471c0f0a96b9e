/**
 * How nodes reach an etcd that somebody else runs: the files that the launcher was given, read and checked. Nodes may
 * read no files; they are told over their control road.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { commonNameOf } from "../../engine/etcd/tls.ts";
import { reasonOf } from "../../reason.ts";
import { readPrivateFile, SecretError } from "../../secrets/private_file.ts";
import { StartError } from "../launcher_events.ts";
import type { RemoteEtcd } from "./engine_flags.ts";
import type { EngineReach } from "./nodes.ts";

/** Characters of certificates: all that nodes are told must fit in one line. */
const certificatesMax = 32 * 1024;

/** Bytes of a key and of a password. */
const [keyBytesMax, passwordBytesMax] = [8 * 1024, 1024];

/**
 * Reads the files.
 *
 * @throws {StartError} if one of them cannot be used; the message is one sentence.
 */
export async function engineReachOf(etcd: RemoteEtcd): Promise<EngineReach> {
  const { endpoints, prefix, caFile, certFile, keyFile, user, passwordFile } = etcd;
  const ca = caFile === undefined ? undefined : await certificatesIn("--engine-ca", caFile);
  const cert = certFile === undefined ? undefined : await certificatesIn("--engine-cert", certFile);
  const key = keyFile === undefined ? undefined : secretIn("--engine-key", keyFile, keyBytesMax);
  if (cert !== undefined && key !== undefined) checkPair(cert, certFile!, key, keyFile!);
  const name = cert === undefined || user === undefined ? undefined : commonNameOf(cert);
  if (name !== undefined) {
    const why = "and etcd refuses that where a user is named: make one without a common name";
    throw new StartError(`The certificate "${certFile}" has the common name "${name}", ${why}`);
  }
  const password = passwordFile === undefined ? undefined : passwordIn(passwordFile);
  return { endpoints, prefix, user, password, ca, cert, key };
}

async function certificatesIn(option: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    throw new StartError(`Cannot read the file "${file}" of ${option}: ${reasonOf(error)}`);
  }
  if (text.length > certificatesMax) {
    const advice = "put only those into it that the members of etcd need";
    throw new StartError(`The file "${file}" of ${option} has over ${certificatesMax} characters: ${advice}`);
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw new StartError(`The file "${file}" of ${option} has no certificate in PEM`);
  for (const certificate of found) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw new StartError(`A certificate in the file "${file}" of ${option} cannot be read: ${reasonOf(error)}`);
    }
  }
  return text;
}

/** Reads a file that only its owner may read. */
function secretIn(option: string, file: string, bytesMax: number): string {
  try {
    const text = readPrivateFile(file, { bytesMax, mayBeLink: true });
    if (text !== undefined) return text;
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new StartError(`${error.message} (${option})`);
  }
  throw new StartError(`Cannot read the file "${file}" of ${option}: there is no such file`);
}

function passwordIn(file: string): string {
  const password = secretIn("--engine-password-file", file, passwordBytesMax).replace(/\r?\n$/, "");
  if (password !== "" && !/[\r\n]/.test(password)) return password;
  throw new StartError(`The file "${file}" of --engine-password-file must have one line with the password`);
}

function checkPair(cert: string, certFile: string, key: string, keyFile: string): void {
  let isPair: boolean;
  try {
    isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new StartError(`The key "${keyFile}" of --engine-key cannot be read: ${reasonOf(error)}`);
  }
  if (!isPair) throw new StartError(`The key "${keyFile}" does not belong to the certificate "${certFile}"`);
}
