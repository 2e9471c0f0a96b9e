import { assert, assertEquals, assertRejects } from "@std/assert";
import { pause } from "../../../src/runtime/within.ts";
import { beforeAll, type LogRecord } from "../../../src/engine/core/order.ts";
import { EngineRefusedError } from "../../../src/engine/engine.ts";
import { EtcdEngine, type EtcdEngineOptions } from "../../../src/engine/etcd/etcd_engine.ts";
import { commonNameOf, type EtcdTls } from "../../../src/engine/etcd/tls.ts";
import { type CertFiles, whyNoOpenssl, withCerts } from "./certs.ts";
import { EtcdCluster } from "./cluster.ts";
import { whyNoEtcd } from "./etcd_program.ts";
import { turnOnAuth } from "./users.ts";

const deadlineMs = 20_000;
const whyNot = whyNoEtcd ?? whyNoOpenssl;
const bytes = Uint8Array.of(7);

async function tlsOf(ca: string, { cert, key }: CertFiles["named"]) {
  const [caText, certText, keyText] = await Promise.all([ca, cert, key].map((file) => Deno.readTextFile(file)));
  return { ca: caText, cert: certText, key: keyText };
}

/** Members that want certificates, and tokens of which each is good for a second. */
async function withSecured(files: CertFiles, run: (cluster: EtcdCluster) => Promise<void>): Promise<void> {
  const { ca, named, tokens } = files;
  const tls = ["--client-cert-auth", "--trusted-ca-file", ca, "--cert-file", named.cert, "--key-file", named.key];
  const jwt = `jwt,pub-key=${tokens.pub},priv-key=${tokens.key},sign-method=RS256,ttl=1s`;
  const client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(ca)],
    cert: await Deno.readTextFile(files.nameless.cert),
    key: await Deno.readTextFile(files.nameless.key),
  });
  try {
    const post = async (url: string, body: unknown, headers: Readonly<Record<string, string>>) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body), headers, client });
      return { status: response.status, text: await response.text() };
    };
    const args = [...tls, "--auth-token", jwt, "--bcrypt-cost", "4"];
    await using cluster = await EtcdCluster.start({ size: 1, args, hasTls: true, post });
    await run(cluster);
  } finally {
    client.close();
  }
}

const name = "EtcdEngine uses certificates and users, and says what is wrong with them";
Deno.test({
  name: whyNot === undefined ? name : `${name} (${whyNot})`,
  ignore: whyNot !== undefined,
  fn: () => withCerts((files) => withSecured(files, (cluster) => check(files, cluster))),
});

async function check(files: CertFiles, cluster: EtcdCluster): Promise<void> {
  const { endpoints } = cluster;
  const tls = await tlsOf(files.ca, files.nameless);
  assertEquals(commonNameOf(tls.cert), undefined);
  const engines: EtcdEngine[] = [];
  const engineOf = (more: Partial<EtcdEngineOptions>) => {
    const engine = new EtcdEngine({ endpoints, prefix: "/vaxlog", node: `n${engines.length}`, tls, ...more });
    engines.push(engine);
    return engine;
  };
  const failureOf = async (more: { tls: EtcdTls | undefined }) => {
    const [{ failure = "" }] = (await engineOf(more).health(1_500)).members;
    return failure;
  };
  try {
    // TLS: the reason is told, and not only that something has failed.
    const untrusted = await failureOf({ tls: undefined });
    const authority = "does not answer: invalid peer certificate: UnknownIssuer; name the authority that has signed";
    assert(untrusted.includes(authority), untrusted);
    const nameless = await failureOf({ tls: { ca: tls.ca } });
    assert(/name (a certificate|one) that the member trusts/.test(nameless), nameless);
    const open = engineOf({});
    await open.open(deadlineMs);
    assertEquals(await open.append(0, 1, bytes, deadlineMs), 1);

    await turnOnAuth(cluster, { name: "ann", password: "secret", prefix: "/vaxlog/" });
    const user = { name: "ann", password: "secret" };
    const refused = async (more: Partial<EtcdEngineOptions>, text: string) => {
      const error = await assertRejects(() => engineOf(more).open(deadlineMs), EngineRefusedError, text);
      assert(error.isFinal, error.message);
    };
    await refused({}, "authentication is on: name a user");
    await refused({ user: { name: "ann", password: "wrong" } }, "the user or the password is wrong");
    const right = 'give the user "ann" the right to read and write all keys with the prefix "/other/"';
    await refused({ user, prefix: "/other" }, right);
    const named = await tlsOf(files.ca, files.named);
    assertEquals(commonNameOf(named.cert), "Vaxlog trial");
    await refused({ user, tls: named }, "a client certificate must not have a common name");

    // A user with the right to nothing but the prefix can do all that an engine does, also with tokens that expire.
    const engine = engineOf({ user });
    await engine.open(deadlineMs);
    assertEquals(await engine.append(0, 1, bytes, deadlineMs), 2);
    assertEquals(await engine.barrier(deadlineMs), 2);
    const ended = new AbortController();
    const stream = engine.follow(beforeAll, false, ended.signal)[Symbol.asyncIterator]();
    assertEquals((await stream.next()).value?.map(({ n }: LogRecord) => n), [1, 2]);
    const next = stream.next();
    await pause(2_200);
    assertEquals(await engine.append(0, 2, bytes, deadlineMs), 3, "with another token");
    assertEquals((await next).value?.map(({ n }: LogRecord) => n), [3], "by a watch that is older than the token");
    ended.abort();
    await stream.next();
    assertEquals(await engine.announce({ node: "n", address: "", n: 0, digest: 0, clockMs: 0 }, deadlineMs), []);
    assertEquals(await engine.beginEpoch(1, deadlineMs), true);
    await engine.putSnapshot({ n: 3, revision: 9, epoch: 2, index: 0, digest: 0 }, [bytes]);
    await engine.trim(2, deadlineMs);
    const health = await engine.health(deadlineMs);
    assertEquals([health.hasQuorum, health.members[0].failure], [true, undefined]);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}
