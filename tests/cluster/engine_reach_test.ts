import { assertEquals, assertRejects } from "@std/assert";
import type { RemoteEtcd } from "../../src/cluster/engine/engine_flags.ts";
import { engineReachOf } from "../../src/cluster/engine/engine_reach.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import { makeTrialCerts } from "../../src/cluster/trial_certs.ts";
import { testNeeding } from "../net/needing.ts";

const files = { caFile: undefined, certFile: undefined, keyFile: undefined, user: undefined, passwordFile: undefined };

const etcd: RemoteEtcd = { kind: "remote", endpoints: ["https://h:1"], prefix: "/p", isTls: true, ...files };

testNeeding(
  ["run", "read", "write", "uid"],
  "engineReachOf() reads what nodes need, and says what is wrong",
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const path = (name: string) => `${directory}/${name}`;
    const write = (name: string, text: string, mode = 0o600) => Deno.writeTextFile(path(name), text, { mode });
    try {
      await makeTrialCerts(directory, undefined);
      const [caFile, certFile, keyFile, passwordFile] = ["ca.crt", "node.crt", "node.key", "password"].map(path);
      await write("password", "open sesame\r\n");
      const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((file) => Deno.readTextFile(file)));
      const all = { ...etcd, caFile, certFile, keyFile, passwordFile };
      const { endpoints, prefix } = etcd;
      assertEquals(await engineReachOf(all), {
        endpoints,
        prefix,
        user: undefined,
        password: "open sesame",
        ca,
        cert,
        key,
      });
      const none = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
      assertEquals((await engineReachOf({ ...etcd, user: "ann", passwordFile })).user, "ann");
      assertEquals(await engineReachOf(etcd), { endpoints, prefix, ...none });

      await write("open", "x\n", 0o644);
      await write("empty", "\n");
      await write("two", "a\nb\n");
      await write("long", "x".repeat(1_025));
      await write("bad.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
      await write("many.crt", ca.repeat(100));
      const wrong: readonly [given: Partial<RemoteEtcd>, why: string][] = [
        [{ caFile: path("none") }, `Cannot read the file "${path("none")}" of --engine-ca: No such file`],
        [{ caFile: keyFile }, `The file "${keyFile}" of --engine-ca has no certificate in PEM`],
        [{ caFile: path("bad.crt") }, `A certificate in the file "${path("bad.crt")}" of --engine-ca cannot be read`],
        [{ caFile: path("many.crt") }, "has over 32768 characters: put only those into it"],
        [{ certFile: caFile, keyFile }, `The key "${keyFile}" does not belong to the certificate "${caFile}"`],
        [{ certFile, keyFile: passwordFile }, `The key "${passwordFile}" of --engine-key cannot be read`],
        [
          { certFile, keyFile: path("none") },
          `Cannot read the file "${path("none")}" of --engine-key: there is no such`,
        ],
        [
          { certFile, keyFile, user: "ann", passwordFile },
          `"${certFile}" has the common name "Vaxlog trial", and etcd`,
        ],
        [{ passwordFile: path("none") }, "of --engine-password-file: there is no such file"],
        [{ passwordFile: path("open") }, "(mode 644); allow only yourself: chmod 600 (--engine-password-file)"],
        [{ passwordFile: path("empty") }, "of --engine-password-file must have one line with the password"],
        [{ passwordFile: path("two") }, "of --engine-password-file must have one line with the password"],
        [{ passwordFile: path("long") }, "it has over 1024 bytes (--engine-password-file)"],
      ];
      for (const [given, why] of wrong) {
        const { message } = await assertRejects(() => engineReachOf({ ...etcd, ...given }), StartError, why);
        assertEquals(message.includes("\n"), false, message);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);
