/**
 * TLS to the members of etcd: the authority that has signed their certificates, and a certificate of this client where
 * they ask for one.
 *
 * With authentication on, the JSON gateway of etcd refuses a certificate with a common name, whatever user the request
 * names: so a certificate that comes with a user must not have one.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { quoted } from "../../quoted.ts";
import { reasonOf } from "../../reason.ts";

/** Characters of a file, at most: a bundle of all public authorities has 230,000. */
const fileCharactersMax = 1024 * 1024;

/** Certificates and a key, in PEM. */
export interface EtcdTls {
  /** The authorities that may have signed the certificates of members; absent: those that this machine trusts. */
  readonly ca?: string;
  /** The certificate of this client, and its key; absent: it has none. */
  readonly cert?: string;
  readonly key?: string;
}

/** The files of an {@link EtcdTls}. */
export type EtcdTlsFiles = EtcdTls;

/**
 * Reads certificates and a key.
 *
 * @param files their names.
 * @param hasUser whether a user comes with them.
 * @param readTextFile reads a file.
 * @throws {Error} if one cannot be read or used; the message is a sentence with its name, and says what to do.
 */
export async function readEtcdTls(
  files: EtcdTlsFiles,
  hasUser: boolean,
  readTextFile: (name: string) => Promise<string> = Deno.readTextFile,
): Promise<EtcdTls> {
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(async (name) => {
    if (name === undefined) return undefined;
    let text: string;
    try {
      text = await readTextFile(name);
    } catch (error) {
      throw new Error(`Cannot read ${quoted(name)}: ${reasonOf(error)}`);
    }
    if (text.length <= fileCharactersMax) return text;
    throw new Error(`${quoted(name)} has ${text.length} characters: that is not a certificate or a key`);
  }));
  if (ca !== undefined) certificateIn(ca, files.ca!);
  if (cert === undefined && key === undefined) return { ca };
  if (cert === undefined) throw new Error(`The key ${quoted(files.key!)} needs its certificate: name that, too`);
  if (key === undefined) throw new Error(`The certificate ${quoted(files.cert!)} needs its key: name that, too`);
  const own = certificateIn(cert, files.cert!);
  if (!own.checkPrivateKey(keyIn(key, files.key!))) {
    throw new Error(`The key ${quoted(files.key!)} is not that of the certificate ${quoted(files.cert!)}`);
  }
  const [, name] = /^CN=(.*)$/m.exec(own.subject ?? "") ?? [];
  if (hasUser && name !== undefined) {
    throw new Error(
      `The certificate ${quoted(files.cert!)} has the common name ${quoted(name)}: etcd refuses that where a user ` +
        "is named; make one without a common name",
    );
  }
  try {
    httpClientOf({ ca, cert, key }).close();
  } catch (error) {
    throw new Error(`Cannot use the certificate ${quoted(files.cert!)}: ${reasonOf(error)}`);
  }
  return { ca, cert, key };
}

function certificateIn(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new Error(`${quoted(file)} is not a certificate in PEM`);
  }
}

function keyIn(text: string, file: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(`${quoted(file)} is not a key in PEM without a password`);
  }
}

/**
 * What fetches with them.
 *
 * @throws {Error} if they cannot be used.
 */
export function httpClientOf({ ca, cert, key }: EtcdTls): Deno.HttpClient {
  const own = cert === undefined || key === undefined ? {} : { cert, key };
  return Deno.createHttpClient({ ...ca === undefined ? {} : { caCerts: [ca] }, ...own });
}
