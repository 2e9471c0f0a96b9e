/**
 * Certificates for tests with a real etcd: those of a trial for the members, and one of a client.
 *
 * @module
 */

import { makeTrialCerts } from "../../../src/cluster/trial_certs.ts";

/** Why there is no program that makes certificates; undefined: there is one. */
export const whyNoOpenssl: string | undefined = await findOut();

async function findOut(): Promise<string | undefined> {
  if ((await Deno.permissions.query({ name: "run" })).state !== "granted") return "needs --allow-run";
  try {
    await openssl("version");
  } catch {
    return "needs openssl on the PATH";
  }
}

async function openssl(...args: string[]): Promise<void> {
  const command = new Deno.Command("openssl", { args, stdin: "null", stdout: "null", stderr: "piped" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

/** The names of files. */
export interface CertFiles {
  readonly ca: string;
  /** With a common name, for members. */
  readonly named: { readonly cert: string; readonly key: string };
  /** Without one, for a client. */
  readonly nameless: { readonly cert: string; readonly key: string };
  /** A pair of keys that signs tokens. */
  readonly tokens: { readonly pub: string; readonly key: string };
}

/** Makes them in a directory, and removes that after `run`. */
export async function withCerts(run: (files: CertFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaxlog-certs-" });
  const path = (name: string) => `${directory}/${name}`;
  try {
    await makeTrialCerts(directory, undefined);
    const [key, csr, cert] = ["client.key", "client.csr", "client.crt"].map(path);
    await openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key);
    await openssl("req", "-new", "-subj", "/O=Vaxlog", "-key", key, "-out", csr);
    await Deno.writeTextFile(path("client.cnf"), "basicConstraints = CA:FALSE\nextendedKeyUsage = clientAuth\n");
    const signer = ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-set_serial", "7", "-days", "2"];
    await openssl("x509", "-req", "-in", csr, ...signer, "-extfile", path("client.cnf"), "-out", cert);
    await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path("token.key"));
    await openssl("pkey", "-in", path("token.key"), "-pubout", "-out", path("token.pub"));
    await run({
      ca: path("ca.crt"),
      named: { cert: path("node.crt"), key: path("node.key") },
      nameless: { cert, key },
      tokens: { pub: path("token.pub"), key: path("token.key") },
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
