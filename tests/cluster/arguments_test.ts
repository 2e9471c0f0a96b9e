import { assert, assertEquals, assertThrows } from "@std/assert";
import { certUsage, parseCertArguments } from "../../src/cluster/cert_command.ts";
import { parseServersArguments, serversUsage } from "../../src/cluster/arguments.ts";
import { page } from "../../src/front/layout.ts";
import { UsageError } from "../../src/front/usage_error.ts";

const parse = (line: string) => parseServersArguments(line.split(" ").filter((word) => word !== ""));

const plain = {
  replicas: 3,
  basePort: 8892,
  isBasePortGiven: false,
  dataDir: undefined,
  forceFrom: undefined,
  restore: undefined,
  until: undefined,
  logDir: undefined,
  logFormat: "text" as const,
  logLevel: "info" as const,
  historyMemory: undefined,
  suspectAfterMs: 5000,
  engine: undefined,
  http: undefined,
  detach: false,
  variables: [],
};

/** What a base port makes of it. */
const at = (basePort: number) => ({ ...plain, basePort, isBasePortGiven: true });

Deno.test("parseServersArguments() reads the number of replicas and every option", () => {
  assertEquals(parse("3"), plain);
  assertEquals(parse("16 --base-port 1"), { ...at(1), replicas: 16 });
  assertEquals(parse("1 --base-port=65535"), { ...at(65535), replicas: 1 });
  assertEquals(parse("--base-port 0 3"), at(0));
  assertEquals(parse("3 --detach --log-dir ./logs"), { ...plain, detach: true, logDir: "./logs" });
  assertEquals(parse("--detach 3"), { ...plain, detach: true });
  assertEquals(parse("3 --history-memory 1.5GiB"), { ...plain, historyMemory: 1.5 * 2 ** 30 });
  assertEquals(parse("3 --suspect-after 0.5"), { ...plain, suspectAfterMs: 500 });
  assertEquals(parseServersArguments(["3", "--log-dir", "a b,c"]), { ...plain, logDir: "a b,c" });
  assertEquals(parse("3 --base-port 8892"), at(8892));
  assertEquals(parse("3 --data d"), { ...plain, dataDir: "d" });
  assertEquals(parse("3 --data d --force-from 0"), { ...plain, dataDir: "d", forceFrom: 0 });
  const feed = {
    publicUrl: undefined,
    cors: undefined,
    staleAfterMs: undefined,
    publicRead: undefined,
    tlsDir: undefined,
    insecure: undefined,
  };
  assertEquals(parse("3 --http 8080"), { ...plain, http: { hostname: "127.0.0.1", port: 8080, ...feed } });
  const http = { hostname: "::1", port: 0, ...feed };
  assertEquals(parse("3 --http-host ::1 --http 0"), { ...plain, http });
  const publicUrl = "https://example.org/vaccines/";
  assertEquals(parse("3 --http-host ::1 --http 0 --public-url https://example.org/vaccines"), {
    ...plain,
    http: { ...http, publicUrl },
  });
  assertEquals(parse("3 --http-host ::1 --http 0 --cors --stale-after 36h"), {
    ...plain,
    http: { ...http, cors: true, staleAfterMs: 36 * 3_600_000 },
  });
  assertEquals(parse("3 --http-host ::1 --http 0 --public-read"), { ...plain, http: { ...http, publicRead: true } });
  const open = { ...http, hostname: "0.0.0.0" };
  assertEquals(parse("3 --http-host 0.0.0.0 --http 0 --tls-dir t"), { ...plain, http: { ...open, tlsDir: "t" } });
  assertEquals(parse("3 --http-host 0.0.0.0 --http 0 --insecure"), { ...plain, http: { ...open, insecure: true } });
  for (const hostname of ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LocalHost"]) {
    assertEquals(parse(`3 --http-host ${hostname} --http 0`), { ...plain, http: { ...http, hostname } });
  }
  assertEquals(parse("3 --restore ./b --data=d"), { ...plain, dataDir: "d", restore: "./b" });
  assertEquals(parse("3 --restore b"), { ...plain, restore: "b" });
  const until = (typed: string) => {
    const options = parse(`3 --restore b --until ${typed}`);
    return typeof options === "object" ? options.until : options;
  };
  assertEquals(until("812"), { kind: "index", index: 812 });
  assertEquals(until("2026-11-24T10:00Z"), { kind: "time", time: Date.UTC(2026, 10, 24, 10) });
  assertEquals(until("2026-11-24"), { kind: "time", time: Date.UTC(2026, 10, 24) });
});

Deno.test("parseServersArguments() gives help when asked, whatever else is there", () => {
  for (const line of ["--help", "-h", "3 --help", "--help --nonsense"]) assertEquals(parse(line), "help");
  assertEquals(page(serversUsage).split("\n").filter((line) => line.length > 79), []);
});

Deno.test("parseServersArguments() refuses a wrong command line in one sentence that quotes what is wrong", () => {
  const wrong: readonly [line: string, message: string][] = [
    ["", "How many replicas? Give a number from 1 to 16"],
    ["0", '"0": it must be an integer from 1 to 16'],
    ["17", '"17"'],
    ["3.5", '"3.5"'],
    ["1e1", '"1e1"'],
    ["0x3", '"0x3"'],
    ["three", '"three"'],
    ["99999999999999999999", '"99999999999999999999"'],
    ["-3", 'The number of replicas is "-3": it must be an integer'],
    ["3 4", 'Unexpected argument "4"'],
    ["3 --base-prot 1", 'There is no option "--base-prot": did you mean --base-port?'],
    ["3 --no-detach", 'There is no option "--no-detach": --help shows all'],
    ["3 -x", 'There is no option "-x": --help shows all'],
    ["3 --detach=no", '"--detach" takes no value, and "--detach=no" gives one'],
    ["3 --http 9110 --http 9111", '"--http" is given twice; leave one of them out'],
    ["3 --base-port", '"--base-port" has no value: give one after it'],
    ["3 --base-port --data d", '"--base-port" has no value: give one after it; if you mean "--data"'],
    ["3 --base-port -1", '--base-port is "-1": it must be an integer from 0 to 65535'],
    ["3 --base-port 65536", '--base-port is "65536"'],
    ["3 --base-port 8892.5", '--base-port is "8892.5"'],
    ["3 --base-port 65534", '"65534": with 3 replicas the last port would be 65536, past 65535'],
    ["3 --log-dir=", "--log-dir needs the name of a directory"],
    ["3 --data=", "--data needs the name of a directory"],
    ["3 --data d --force-from=", '--force-from is ""'],
    ["3 --data d --force-from one", '--force-from is "one"'],
    ["3 --data d --force-from 64", '"64": it must be the id of a replica, an integer from 0 to 63'],
    ["3 --force-from 1", "--force-from needs --data DIR"],
    ["3 --until 5", "--until needs --restore FILE"],
    ["3 --data d --until 5", "--until needs --restore FILE"],
    ["3 --restore b --until 0", '--until is "0": it must be an integer from 1'],
    ["3 --restore b --until yesterday", '--until is "yesterday": it must be the number of an entry, or a time such as'],
    ["3 --restore b --until 2026-11-24T10:00", '--until is "2026-11-24T10:00": it must be the number of an entry'],
    ["3 --data d --restore=", "--restore needs the name of a backup file"],
    ["3 --data d --history-memory 1GiB", "--history-memory goes without --data"],
    ["3 --history-memory 1MiB", "it must be a size such as 512MiB or 2GiB, from 64 MiB to 1 TiB"],
    ["3 --data d --restore b --force-from 1", "--restore and --force-from exclude each other"],
    ["3 --http -1", '--http is "-1": it must be an integer from 0 to 65535'],
    ["3 --http=", '--http is ""'],
    ["3 --http 65536", '--http is "65536"'],
    ["3 --http 80,90", '--http is "80,90"'],
    ["3 --http-host ::1", "--http-host needs --http PORT"],
    ["3 --http 1 --http-host a,b", '--http-host is "a,b"'],
    ["3 --http 1 --http-host=", '--http-host is ""'],
    ["3 --public-url https://a.example", "--public-url needs --http PORT"],
    ["3 --http 1 --public-url=", '--public-url is "": it must be a whole URL'],
    ["3 --http 1 --public-url a.example", '--public-url is "a.example": it must be a whole URL'],
    ["3 --http 1 --public-url https://a.example?b", '--public-url is "https://a.example?b": it must end with its path'],
    ["3 --http 1 --public-url https://a:b@a.example", '--public-url is "https://a:b@a.example": it must not have'],
    ["3 --cors", "--cors needs --http PORT"],
    ["3 --stale-after 1h", "--stale-after needs --http PORT"],
    ["3 --http 1 --stale-after soon", '--stale-after is "soon": it must be a span of time such as 90m'],
    ["3 --tls-dir d", "--tls-dir needs --http PORT"],
    ["3 --http 1 --tls-dir=", "--tls-dir needs the name of a directory"],
    ["3 --insecure", "--insecure needs --http PORT"],
    ["3 --public-read", "--public-read needs --http PORT"],
    ["3 --http 1 --tls-dir d --insecure", "--insecure and --tls-dir exclude each other"],
    ["3 --http 1 --http-host 0.0.0.0", '--http-host "0.0.0.0" lets other machines reach the gateway, and tokens'],
    ["3 --http 1 --http-host ::", "give --tls-dir DIR (deno task servers cert --dir DIR makes one for a trial), or"],
    ["3 --http 1 --http-host 192.0.2.7", '--http-host "192.0.2.7" lets other machines'],
    ["3 --http 1 --http-host 127.0.0.1.example", '--http-host "127.0.0.1.example" lets other machines'],
    ["3 --suspect-after 0", '--suspect-after is "0"'],
    ["3 --suspect-after 1e3", '--suspect-after is "1e3"'],
    ["3 --suspect-after soon", '--suspect-after is "soon"'],
    ["3 --suspect-after 3601", '--suspect-after is "3601"'],
  ];
  for (const [line, message] of wrong) {
    const error = assertThrows(() => parse(line), UsageError, message);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("parseServersArguments() takes the rest from the environment, and names a variable that is wrong", () => {
  const from = (line: string, variables: Record<string, string>) =>
    parseServersArguments(line.split(" "), (name) => variables[name]);
  const set = { VAXLOG_DATA: "d", VAXLOG_BASE_PORT: "9100", VAXLOG_HTTP: "8080", VAXLOG_CORS: "true" };
  const read = from("3 --base-port 9200", set);
  assert(typeof read === "object");
  assertEquals([read.dataDir, read.basePort, read.http?.port, read.http?.cors], ["d", 9200, 8080, true]);
  assertEquals(read.variables, ["VAXLOG_DATA", "VAXLOG_HTTP", "VAXLOG_CORS"]);
  // A start from a backup, or from one replica alone, is for one time.
  const once = { VAXLOG_RESTORE: "b", VAXLOG_UNTIL: "5", VAXLOG_FORCE_FROM: "0", VAXLOG_HELP: "true" };
  assertEquals(from("3", once), plain);
  const wrong: readonly [line: string, variables: Record<string, string>, message: string][] = [
    ["3", { VAXLOG_HTTP: "web" }, 'VAXLOG_HTTP is "web": it must be an integer from 0 to 65535'],
    ["3", { VAXLOG_BASE_PORT: "65534" }, 'VAXLOG_BASE_PORT is "65534": with 3 replicas the last port would be 65536'],
    ["3", { VAXLOG_LOG_FORMAT: "xml" }, 'VAXLOG_LOG_FORMAT is "xml": it must be text or json'],
    ["3", { VAXLOG_CORS: "true" }, "VAXLOG_CORS needs --http PORT: the port of the gateway"],
    ["3", { VAXLOG_DETACH: "yes" }, 'VAXLOG_DETACH is "yes": it must be true or false'],
    ["3 --history-memory 1GiB", set, "--history-memory goes without VAXLOG_DATA"],
    ["3 --tls-dir t", { ...set, VAXLOG_INSECURE: "true" }, "VAXLOG_INSECURE and --tls-dir exclude each other"],
    ["3", { ...set, VAXLOG_HTTP_HOST: "0.0.0.0" }, 'VAXLOG_HTTP_HOST "0.0.0.0" lets other machines reach'],
  ];
  for (const [line, variables, message] of wrong) assertThrows(() => from(line, variables), UsageError, message);
});

Deno.test("parseCertArguments() reads a directory and a name, and refuses a wrong command line", () => {
  const parseIt = (line: string) => parseCertArguments(line.split(" ").filter((word) => word !== ""));
  assertEquals(parseIt(""), { directory: "tls", host: undefined });
  assertEquals(parseIt("--dir a/b --name vaccines.example"), { directory: "a/b", host: "vaccines.example" });
  for (const line of ["--help", "x -h"]) assertEquals(parseIt(line), "help");
  assertEquals(page(certUsage).split("\n").filter((line) => line.length > 79), []);
  const wrong: readonly [line: string, message: string][] = [
    ["here", 'The command is cert, and after cert "here" is given'],
    ["--dir=", "--dir needs the name of a directory"],
    ["--name a,DNS:b", '--name is "a,DNS:b"'],
    ["--name", '"--name" has no value'],
    ["--nam x", 'There is no option "--nam": did you mean --name?'],
  ];
  for (const [line, message] of wrong) assertThrows(() => parseIt(line), UsageError, message);
});

Deno.test("parseServersArguments() takes an empty word for the value that it stands for", () => {
  const cases = [["--public-url", "it must be a whole URL"], ["--http-host", "it must be an address of this machine"]];
  for (const [option, why] of cases) {
    const parseIt = () => parseServersArguments(["3", "--http", "0", option, ""]);
    assertThrows(parseIt, UsageError, `${option} is "": ${why}`);
  }
  assertThrows(() => parseServersArguments(["3", "--data", ""]), UsageError, "--data needs the name of a directory");
});
