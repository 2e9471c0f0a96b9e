import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { entryOf } from "../../src/access/auth_entries.ts";
import type { Token } from "../../src/access/token.ts";
import { AuthStore } from "../../src/secrets/auth_store.ts";
import { makePrivateFolder, readPrivateFile, SecretError, writePrivateFile } from "../../src/secrets/private_file.ts";
import {
  leavePortToken,
  newToken,
  portTokenFile,
  portTokenFolder,
  readClientToken,
  readPortToken,
  readTokenFile,
  type ReadVariable,
  takePortToken,
  writeTokenFile,
} from "../../src/secrets/token_files.ts";
import { oneToken, tokensOfPorts, usualTokens } from "../../src/secrets/token_source.ts";
import { testNeeding } from "../net/needing.ts";

/** Runs a test with a folder of its own, which only this user may use. */
function folderTest(name: string, fn: (folder: string) => Promise<void> | void): void {
  testNeeding(["read", "write", "uid"], name, async () => {
    if (Deno.build.os === "windows") return;
    const folder = await Deno.makeTempDir();
    try {
      await fn(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Variables of an environment. */
function variables(set: Readonly<Record<string, string>>): ReadVariable {
  return (name) => set[name];
}

const modeOf = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;

function assertRefused(use: () => unknown, why: string, secret?: Token): void {
  const { message } = assertThrows(use, SecretError, why);
  if (secret !== undefined) assertEquals(message.includes(secret.text.slice(7, 27)), false, message);
}

folderTest("a private file is written whole, with a mode that lets nobody else read it", (folder) => {
  const path = `${folder}/secret`;
  assertEquals(readPrivateFile(path, { bytesMax: 10 }), undefined);
  writePrivateFile(path, "one");
  writePrivateFile(path, "two");
  assertEquals([readPrivateFile(path, { bytesMax: 10 }), modeOf(path)], ["two", 0o600]);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["secret"]);
  assertRefused(() => readPrivateFile(path, { bytesMax: 2 }), "it has over 2 bytes");
});

folderTest("a file that others may use, a folder and a symbolic link are refused", (folder) => {
  const path = `${folder}/secret`;
  writePrivateFile(path, "one");
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    Deno.chmodSync(path, mode);
    assertRefused(() => readPrivateFile(path, { bytesMax: 10 }), `mode ${mode.toString(8)}`);
  }
  Deno.chmodSync(path, 0o600);
  Deno.symlinkSync(path, `${folder}/link`);
  assertRefused(() => readPrivateFile(`${folder}/link`, { bytesMax: 10 }), "it is not a file");
  assertEquals(readPrivateFile(`${folder}/link`, { bytesMax: 10, mayBeLink: true }), "one");
  assertRefused(() => readPrivateFile(folder, { bytesMax: 10 }), "it is not a file");
  // A link that is there is replaced, and what it leads to stays.
  writePrivateFile(`${folder}/link`, "two");
  assertEquals([Deno.readTextFileSync(path), Deno.readTextFileSync(`${folder}/link`)], ["one", "two"]);
});

folderTest("a file of another user is refused", (folder) => {
  if (Deno.uid() !== 0) return;
  const path = `${folder}/secret`;
  writePrivateFile(path, "one");
  Deno.chownSync(path, 65534, 65534);
  assertRefused(() => readPrivateFile(path, { bytesMax: 10 }), "it belongs to another user");
  Deno.mkdirSync(`${folder}/theirs`, { mode: 0o700 });
  Deno.chownSync(`${folder}/theirs`, 65534, 65534);
  assertRefused(() => makePrivateFolder(`${folder}/theirs`), "it belongs to another user");
  assertRefused(() => leavePortToken(1, newToken("local"), variables({ TMPDIR: "/proc/none" })), "Cannot make");
});

folderTest("a private folder is made, and one that others may use is refused", (folder) => {
  makePrivateFolder(`${folder}/mine`);
  makePrivateFolder(`${folder}/mine`);
  assertEquals(modeOf(`${folder}/mine`), 0o700);
  Deno.chmodSync(`${folder}/mine`, 0o750);
  assertRefused(() => makePrivateFolder(`${folder}/mine`), "others may use it (mode 750)");
  Deno.symlinkSync(folder, `${folder}/link`);
  assertRefused(() => makePrivateFolder(`${folder}/link`), "it is not a folder");
});

folderTest("a token is left for each port, and only its owner takes it away", (folder) => {
  const [first, second] = [newToken("local"), newToken("local")];
  const environment = variables({ XDG_RUNTIME_DIR: folder });
  leavePortToken(8892, first, environment);
  assertEquals(modeOf(portTokenFile(8892, environment)), 0o600);
  assertEquals(portTokenFile(8892, environment), `${folder}/vaxlog-8892.token`);
  assertEquals(readPortToken(8892, environment).text, first.text);
  // A stale one is replaced.
  leavePortToken(8892, second, environment);
  assertEquals(readPortToken(8892, environment).text, second.text);
  takePortToken(8892, first, environment);
  assertEquals(readPortToken(8892, environment).text, second.text);
  takePortToken(8892, second, environment);
  assertRefused(() => readPortToken(8892, environment), "is missing (run as");
  takePortToken(8892, second, environment);
});

folderTest(
  "without a folder of the session, tokens are in a folder of this user among the temporary ones",
  (folder) => {
    const environment = variables({ TMPDIR: `${folder}/` });
    const token = newToken("local");
    leavePortToken(8892, token, environment);
    assertEquals(portTokenFile(8892, environment), `${folder}/vaxlog-${Deno.uid()}/vaxlog-8892.token`);
    assertEquals(modeOf(`${folder}/vaxlog-${Deno.uid()}`), 0o700);
    assertEquals(readPortToken(8892, environment).text, token.text);
    assertEquals(portTokenFolder(variables({})), `/tmp/vaxlog-${Deno.uid()}`);
    // A folder that is not private does not count: both sides see the same.
    for (const runtime of ["relative", `${folder}/missing`]) {
      const set = { XDG_RUNTIME_DIR: runtime, TMPDIR: folder };
      assertEquals(portTokenFolder(variables(set)), `${folder}/vaxlog-${Deno.uid()}`);
    }
    Deno.chmodSync(`${folder}/vaxlog-${Deno.uid()}`, 0o755);
    assertRefused(() => readPortToken(8892, environment), "others may use it (mode 755)", token);
    assertRefused(() => leavePortToken(8892, token, environment), "others may use it (mode 755)", token);
  },
);

folderTest("a file without a token is refused, and its text is not shown", (folder) => {
  const path = `${folder}/ci.token`;
  assertRefused(() => readTokenFile(path), "there is no such file");
  const token = newToken("ci");
  writePrivateFile(path, token.text.slice(0, -4));
  assertRefused(() => readTokenFile(path), "It is not a token", token);
  writePrivateFile(path, `${token.text}${"\n".repeat(100)}`);
  assertRefused(() => readTokenFile(path), "it has over", token);
  writeTokenFile(path, token);
  assertEquals(readTokenFile(path).text, token.text);
  assertEquals(readClientToken(path)?.text, token.text);
  assertEquals(readClientToken(`${folder}/none`), undefined);
});

folderTest(
  "a client shows what it is given, or what VAXLOG_TOKEN_FILE names, or what the launcher has left",
  (folder) => {
    const [given, named, left] = ["given", "named", "local"].map(newToken);
    writeTokenFile(`${folder}/given`, given);
    writeTokenFile(`${folder}/named`, named);
    const without = variables({ XDG_RUNTIME_DIR: folder });
    const set = variables({ XDG_RUNTIME_DIR: folder, VAXLOG_TOKEN_FILE: `${folder}/named` });
    leavePortToken(8892, left, without);
    const address = "127.0.0.1:8892";
    assertEquals(usualTokens(`${folder}/given`, set)(address).name, "given");
    assertEquals(usualTokens(undefined, set)(address).name, "named");
    assertEquals(usualTokens(undefined, without)(address).name, "local");
    assertEquals(oneToken(given)(address).name, "given");
    for (const host of ["localhost", "[::1]", "127.0.0.2"]) {
      assertEquals(
        tokensOfPorts(without)(`${host}:8892`).name,
        "local",
      );
    }
    assertRefused(() => tokensOfPorts(without)("10.0.0.1:8892"), "it is on another machine: give one");
    assertRefused(() => tokensOfPorts(without)("127.0.0.1.example.org:8892"), "is on another machine");
  },
);

folderTest("auth.json keeps tokens that were added, until they are revoked", (folder) => {
  const store = new AuthStore(folder);
  assertEquals(store.read(), []);
  const [ann, bob] = ["ann", "bob"].map(newToken);
  store.add(entryOf(ann, "report"));
  store.add(entryOf(bob, "read", 5_000));
  assertEquals(modeOf(store.path), 0o600);
  assertEquals(new AuthStore(folder).read().map(({ name, role, expires }) => [name, role, expires]), [
    ["ann", "report", undefined],
    ["bob", "read", 5_000],
  ]);
  assertRefused(() => store.add(entryOf(newToken("ann"), "read")), 'There is a token "ann" already');
  store.revoke("ann");
  assertEquals(store.read().map(({ name }) => name), ["bob"]);
  assertRefused(() => store.revoke("ann"), 'There is no token "ann"');
  const text = Deno.readTextFileSync(store.path);
  assertEquals(text.includes(bob.text.slice(7, 50)), false);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["auth.json"]);
});

folderTest("an auth.json that is not sound, or that others may change, is refused and left as it is", (folder) => {
  const store = new AuthStore(folder);
  Deno.writeTextFileSync(store.path, '{"version":1}', { mode: 0o600 });
  assertRefused(() => store.read(), '"tokens" is not a list');
  assertRefused(() => store.add(entryOf(newToken("ann"), "read")), '"tokens" is not a list');
  Deno.chmodSync(store.path, 0o666);
  assertRefused(() => store.read(), "others may use it (mode 666)");
  assertEquals(Deno.readTextFileSync(store.path), '{"version":1}');
  Deno.removeSync(store.path);
  const nowhere = new AuthStore(`${folder}/nowhere`);
  assertRefused(() => nowhere.add(entryOf(newToken("ann"), "read")), "there is no such directory; start the cluster");
  Deno.writeTextFileSync(`${store.path}.lock`, "");
  assertRefused(() => store.add(entryOf(newToken("ann"), "read")), "another command changes it");
  assertRefused(() => new AuthStore(`${folder}/none`).add(entryOf(newToken("a"), "read")), "Cannot change");
});

folderTest("a new token differs from all others", (_folder) => {
  const texts = new Set(Array.from({ length: 100 }, () => newToken("a").text));
  assertEquals(texts.size, 100);
  for (const text of texts) assertMatch(text, /^vaxlog_/);
  assert(texts.size > 0);
  assertStringIncludes([...texts][0], ".a");
});
