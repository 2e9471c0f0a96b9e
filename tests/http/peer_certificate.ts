/**
 * Which certificate a server shows.
 *
 * @module
 */

import { connect } from "node:tls";
import { testAuthority } from "./test_certs.ts";

/** The name in the certificate that the server at a port of this machine shows to a client that trusts an authority. */
export async function subjectAt(port: number, authority = testAuthority): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, ca: authority, servername: "localhost" });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.once("error", reject);
  socket.once("secureConnect", () => resolve(String(socket.getPeerCertificate().subject.CN)));
  try {
    return await promise;
  } finally {
    socket.destroy();
    await closed;
  }
}
