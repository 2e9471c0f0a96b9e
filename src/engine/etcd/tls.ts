/**
 * TLS to the members of etcd: the authority that has signed their certificates, and a certificate of this client where
 * they ask for one.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";

/** Certificates and a key, in PEM. */
export interface EtcdTls {
  /** The authorities that may have signed the certificates of members; absent: those that this machine trusts. */
  readonly ca?: string;
  /** The certificate of this client, and its key; absent: it has none. */
  readonly cert?: string;
  readonly key?: string;
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

/**
 * The common name of a certificate. With authentication on, the JSON gateway of etcd refuses a certificate that has
 * one, whatever user the request names: so a certificate that comes with a user must not have one.
 *
 * @returns undefined if it has none.
 * @throws {Error} if it is not a certificate in PEM.
 */
export function commonNameOf(certificate: string): string | undefined {
  return /^CN=(.*)$/m.exec(new X509Certificate(certificate).subject ?? "")?.[1];
}
