import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  authEntriesMax,
  type AuthEntry,
  authFileBytesMax,
  AuthFileError,
  authFileText,
  entryOf,
  parseAuthFile,
} from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";

const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
const entries: readonly AuthEntry[] = [
  entryOf(tokenOf("ann", 1), "operate"),
  entryOf(tokenOf("bob", 2), "report", Date.UTC(2027, 0, 31)),
  entryOf(tokenOf("eve", 3), "read"),
];

Deno.test("auth.json has a line for each token, and nothing of the token itself", () => {
  const text = authFileText(entries);
  assertEquals(parseAuthFile(text), entries.map((entry) => ({ ...entry, expires: entry.expires })));
  assertEquals(text.split("\n").length, entries.length + 3);
  assertStringIncludes(text, '"expires":"2027-01-31T00:00:00.000Z"');
  for (const [at, name] of ["ann", "bob", "eve"].entries()) {
    const { text: token, keys } = tokenOf(name, at + 1);
    for (const secret of [token.slice(7, 50), keys.clientKey.toHex()]) assert(!text.includes(secret));
  }
  assertEquals(parseAuthFile(authFileText([])), []);
});

const [line] = authFileText(entries).split("\n").slice(1);
const plain = JSON.parse(line.replace(/,$/, ""));
const fileOf = (...tokens: readonly unknown[]) => JSON.stringify({ version: 1, tokens });

Deno.test("an auth.json that is not sound counts for nothing, and its error shows no key", () => {
  const wrong: readonly [text: string, why: string][] = [
    ["", "it is not JSON"],
    [authFileText(entries).slice(0, -9), "it is not JSON"],
    ["[]", "it is not an object"],
    ["null", "it is not an object"],
    ['{"tokens":[]}', "its version is not 1"],
    ['{"version":2,"tokens":[]}', "its version is not 1"],
    ['{"version":1}', '"tokens" is not a list'],
    ['{"version":1,"tokens":{}}', '"tokens" is not a list'],
    ['{"version":1,"tokens":[],"more":1}', "it has a field that is none of version, tokens"],
    [fileOf(1), "token 1 is not an object"],
    [fileOf(null), "token 1 is not an object"],
    [fileOf(plain, { ...plain, name: "b", role: "root" }), 'token 2: "role" is not one of read, report, operate'],
    [fileOf({ ...plain, role: undefined }), 'token 1: "role" is not one of'],
    [fileOf({ ...plain, role: ["operate"] }), 'token 1: "role" is not one of'],
    [fileOf({ ...plain, name: "" }), 'token 1: "name" is missing'],
    [fileOf({ ...plain, name: "../x" }), 'token 1: "name" is missing, or cannot be'],
    [fileOf({ ...plain, storedKey: plain.storedKey.slice(1) }), 'token 1: "storedKey" is not 64 hexadecimal digits'],
    [fileOf({ ...plain, serverKey: 5 }), 'token 1: "serverKey" is not 64 hexadecimal digits'],
    [fileOf({ ...plain, expires: 5 }), 'token 1: "expires" is not a time'],
    [fileOf({ ...plain, expires: "tomorrow" }), 'token 1: "expires" is not a time'],
    [fileOf({ ...plain, expires: "2027" }), 'token 1: "expires" is not a time'],
    [fileOf({ ...plain, expires: null }), 'token 1: "expires" is not a time'],
    [fileOf({ ...plain, notBefore: "2027" }), "token 1 has a field that is none of"],
    [fileOf(plain, plain), 'token 2: "ann" is there twice'],
    [fileOf(...new Array(authEntriesMax + 1).fill(plain)), `it has over ${authEntriesMax} tokens`],
    [" ".repeat(authFileBytesMax + 1), `it has over ${authFileBytesMax} bytes`],
  ];
  for (const [text, why] of wrong) {
    const { message } = assertThrows(() => parseAuthFile(text), AuthFileError, why, text.slice(0, 200));
    assertEquals(message.includes(plain.storedKey.slice(0, 16)), false, message);
  }
});

Deno.test("as many tokens as there may be fit into the file", () => {
  const [{ keys }] = entries;
  const many = Array.from({ length: authEntriesMax }, (_, at): AuthEntry => {
    return { name: `${at}`.padStart(40, "x"), role: "operate", keys, expires: Date.UTC(2027, 0, 31) };
  });
  assertEquals(parseAuthFile(authFileText(many)).length, authEntriesMax);
});
