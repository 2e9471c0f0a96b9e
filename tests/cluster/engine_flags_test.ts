import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseServersArguments, type ServersOptions } from "../../src/cluster/arguments.ts";
import { UsageError } from "../../src/front/usage_error.ts";

const parse = (line: string, variables: Record<string, string> = {}): ServersOptions => {
  const options = parseServersArguments(line.split(" "), (name) => variables[name]);
  assert(typeof options === "object");
  return options;
};

const usual = { nodeHost: "127.0.0.1", accessDir: undefined };

Deno.test("the launcher takes an engine that it starts, or one that runs, with the files for TLS", () => {
  assertEquals(parse("3").engine, undefined);
  const local = { kind: "local", program: undefined, dataDir: undefined } as const;
  assertEquals(parse("3 --engine etcd").engine, { where: local, ...usual });
  const own = "3 --engine etcd --etcd ./etcd --engine-data d --access-dir a --node-host 127.0.0.2";
  assertEquals(parse(own).engine, {
    where: { kind: "local", program: "./etcd", dataDir: "d" },
    nodeHost: "127.0.0.2",
    accessDir: "a",
  });
  const remote = {
    kind: "remote",
    endpoints: ["http://h:2379"],
    prefix: "/p",
    isTls: false,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    user: undefined,
    passwordFile: undefined,
  } as const;
  assertEquals(parse("1 --engine etcd://h/p").engine, { where: remote, ...usual });
  const tls = "1 --engine-ca ca --engine-cert c --engine-key k --engine-user u --engine-password-file pw";
  assertEquals(parse(tls, { VAXLOG_ENGINE: "etcds://h/p" }).engine?.where, {
    ...remote,
    endpoints: ["https://h:2379"],
    isTls: true,
    caFile: "ca",
    certFile: "c",
    keyFile: "k",
    user: "u",
    passwordFile: "pw",
  });
  assertEquals(parse("1 --engine etcd://h --http 0 --log-dir l").logDir, "l");
  assertEquals(parse("1 --engine etcd://h --base-port 65535").basePort, 65535);
  const { restore, until } = parse("1 --engine etcd://h --restore b --until 5");
  assertEquals([restore, until], ["b", { kind: "index", index: 5 }]);
});

Deno.test("nodes that other machines reach have a certificate, with a gateway or without", () => {
  const far = "1 --engine etcds://h/p --node-host 10.0.0.1 --tls-dir d";
  const { engine, http } = parse(far);
  assertEquals([engine?.nodeHost, engine?.nodeTlsDir, http], ["10.0.0.1", "d", undefined]);
  assertEquals(parse(`${far} --http 8080`).http?.tlsDir, "d");
  assertEquals(parse("1 --engine etcds://h/p --tls-dir d --http 8080").engine?.nodeTlsDir, undefined);
});

Deno.test("options that do not go with nodes, or need another one, are refused in one sentence", () => {
  const wrong: readonly [line: string, message: string, variables?: Record<string, string>][] = [
    ["3 --engine", '"--engine" has no value'],
    ["3 --engine redis", '--engine is "redis": it must be etcd'],
    ["17 --engine etcd", 'The number of replicas is "17"'],
    [
      "3 --engine etcd --data d",
      "--data does not go with --engine: etcd keeps the data of nodes: leave it out",
    ],
    ["3 --engine etcd", "VAXLOG_DATA does not go with --engine: etcd keeps the data", { VAXLOG_DATA: "d" }],
    ["3 --engine etcd --force-from 0", "--force-from does not go with --engine: nodes have no data of their own"],
    ["3 --engine etcd --until 5", "--until needs --restore FILE: the backup to start from"],
    ["3 --engine etcd --history-memory 1GiB", "--history-memory does not go with --engine: all nodes of a cluster"],
    ["3 --engine etcd --suspect-after 1", "--suspect-after does not go with --engine: a node that gives no answer"],
    ["3 --engine etcd --log-dir l", "--log-dir with --engine needs --http PORT: only the gateway writes a log"],
    ["3 --engine etcd --http-host ::1", "--http-host needs --http PORT"],
    ["3 --engine-data d", "--engine-data needs --engine WHERE: it is for nodes, not for replicas"],
    ["3", "VAXLOG_ENGINE_DATA needs --engine WHERE", { VAXLOG_ENGINE_DATA: "d" }],
    ["3 --etcd e", "--etcd needs --engine WHERE"],
    ["3 --access-dir a", "--access-dir needs --engine WHERE"],
    ["3 --node-host 127.0.0.1", "--node-host needs --engine WHERE"],
    ["3 --engine etcd://h --engine-data d", "--engine-data needs --engine etcd: nobody starts the etcd of a URL here"],
    ["3 --engine etcd://h --etcd e", "--etcd needs --engine etcd"],
    ["3 --engine etcd --engine-ca c", "--engine-ca needs the URL of an etcd with TLS: --engine etcds://HOST:PORT"],
    ["3 --engine etcd://h --engine-user u --engine-password-file p", "--engine-user needs the URL of an etcd with TLS"],
    ["3 --engine etcds://h --engine-cert c", "--engine-cert needs --engine-key FILE: the key of that certificate"],
    ["3 --engine etcds://h --engine-key k", "--engine-key needs --engine-cert FILE: the certificate of that key"],
    ["3 --engine etcds://h --engine-user u", "--engine-user needs --engine-password-file FILE"],
    ["3 --engine etcds://h --engine-password-file p", "--engine-password-file needs --engine-user NAME"],
    ["3 --engine etcds://h --engine-ca=", "--engine-ca needs the name of a file with certificates"],
    ["3 --engine etcd --access-dir=", "--access-dir needs the name of a directory"],
    ["3 --engine etcd --node-host a,b", '--node-host is "a,b": it must be an address of this machine'],
    ["3 --engine etcd --node-host 10.0.0.1", '--node-host "10.0.0.1" lets other machines reach the nodes, and data'],
    ["3 --engine etcd --node-host 10.0.0.1", "give --tls-dir DIR (deno task servers cert --dir DIR --name 10.0.0.1"],
    ["3 --engine etcd --tls-dir d", "--tls-dir needs --http PORT"],
    [
      "3 --engine etcd --node-host 0.0.0.0",
      '--node-host is "0.0.0.0": nodes tell clients where they are, so it must be',
    ],
    ["3 --engine etcd --base-port 65450", '--base-port is "65450": with members of etcd the last port would be 65555'],
    ["3 --engine etcd://h --base-port 65534", "with 3 nodes the last port would be 65536, past 65535"],
  ];
  for (const [line, message, variables] of wrong) {
    const error = assertThrows(() => parse(line, variables), UsageError, message, line);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("a variable that names the program etcd counts where a member is started, and refuses nothing else", () => {
  const variables = { VAXLOG_ETCD: "./etcd" };
  const local = { kind: "local", program: "./etcd", dataDir: undefined } as const;
  assertEquals(parse("3 --engine etcd", variables).engine?.where, local);
  assertEquals(parse("3", variables).engine, undefined);
  assertEquals(parse("1 --engine etcd://h/p", variables).engine?.where.kind, "remote");
  assertThrows(() => parse("3 --etcd e", variables), UsageError, "--etcd needs --engine WHERE");
});
