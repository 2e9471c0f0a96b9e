/**
 * The house rules that can be read from the text: imports go down only and in no circle, and what decides is pure.
 */

import { assert, assertEquals } from "@std/assert";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const needs = "(needs --allow-read)";
const root = new URL("../src/", import.meta.url);

/** What a floor may import; a floor is a folder of `src`, `ground` what lies in `src` itself. */
const floors: Record<string, readonly string[]> = {
  ground: ["ground"],
  protocol: ["ground", "protocol"],
  simulator: ["ground", "protocol", "simulator"],
  // Of the protocol it knows only what a state machine is, and what a batch is.
  database: ["ground", "database", "protocol/batch.ts", "protocol/state_machine.ts"],
  net: ["ground", "protocol", "net"],
  client: ["ground", "database", "net"],
  formats: ["ground", "database", "formats"],
  // Of the protocol it knows what a state machine, and a batch is, and what a replica and a client say of themselves.
  http: [
    "ground",
    "database",
    "protocol/batch.ts",
    "protocol/inspection.ts",
    "protocol/state_machine.ts",
    "simulator",
    "net",
    "client",
    "formats",
    "http",
  ],
  front: ["ground", "database", "front"],
  cluster: ["ground", "protocol", "database", "storage", "net", "http", "front", "cluster"],
  cli: ["ground", "database", "storage", "protocol/inspection.ts", "net", "client", "formats", "http", "front", "cli"],
  std: ["std"],
  storage: ["ground", "storage"],
};

/** What would make two replicas differ, or a run not repeatable. */
const impure: readonly [name: string, pattern: RegExp][] = [
  ["Deno", /\bDeno\b/],
  ["the date", /\bDate\b|\bTemporal\b|\bIntl\b/],
  ["a clock", /\bperformance\b/],
  ["randomness", /\bMath\s*\.\s*random\b|\bcrypto\b/],
  ["a timer", /\bsetTimeout\b|\bsetInterval\b|\bqueueMicrotask\b/],
  ["waiting", /\bawait\b|\basync\b|\bPromise\b/],
  // Not a method of that name, nor its declaration.
  ["the network", /(?<!\.)\bfetch\b(?!\(\w+: )|\bglobalThis\b|\bWebSocket\b/],
  ["the console", /\bconsole\b/],
  ["what the locale decides", /\blocaleCompare\b|\btoLocale\w+\b/],
  ["what is not of the language", /\bfrom\s+"(?!\.)/],
];

async function sources(folder = root, prefix = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of Deno.readDir(folder)) {
    const path = prefix + entry.name;
    if (entry.isDirectory) {
      for (const [name, text] of await sources(new URL(entry.name + "/", folder), path + "/")) found.set(name, text);
    } else if (path.endsWith(".ts")) {
      found.set(path, await Deno.readTextFile(new URL(entry.name, folder)));
    }
  }
  return found;
}

/** The text without comments. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

/** The modules of `src` that a file imports. */
function importsOf(path: string, text: string): string[] {
  return [...codeOf(text).matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]*\.ts)"/g)].map(([, specifier]) =>
    new URL(specifier, new URL(path, root)).href.slice(root.href.length)
  );
}

function floorOf(path: string): string {
  if (path === "client.ts") return "client";
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "ground";
}

Deno.test({
  name: `imports go down only ${needs}`,
  ignore: !granted,
  fn: async () => {
    for (const [path, text] of await sources()) {
      const allowed = floors[floorOf(path)];
      assert(allowed !== undefined, `src/${path} is on no floor that this test knows`);
      for (const imported of importsOf(path, text)) {
        const isAllowed = allowed.includes(floorOf(imported)) || allowed.includes(imported);
        assert(isAllowed, `src/${path} imports src/${imported}, which is not below it`);
      }
    }
  },
});

Deno.test({
  name: `no file imports itself by way of others ${needs}`,
  ignore: !granted,
  fn: async () => {
    const imports = new Map([...await sources()].map(([path, text]) => [path, importsOf(path, text)]));
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]) => {
      assert(!way.includes(path), `imports go round: ${[...way.slice(way.indexOf(path)), path].join(" -> ")}`);
      if (done.has(path)) return;
      for (const imported of imports.get(path) ?? []) visit(imported, [...way, path]);
      done.add(path);
    };
    for (const path of imports.keys()) visit(path, []);
    assertEquals(done.size, imports.size);
  },
});

Deno.test({
  name: `the ground, the protocol, the simulator and the database are pure ${needs}`,
  ignore: !granted,
  fn: async () => {
    for (const [path, text] of await sources()) {
      if (!["ground", "protocol", "simulator", "database"].includes(floorOf(path))) continue;
      for (const [name, pattern] of impure) {
        assertEquals(codeOf(text).match(pattern)?.[0], undefined, `src/${path} uses ${name}`);
      }
    }
  },
});

Deno.test({
  name: `the formats know of no file, no socket and no clock ${needs}`,
  ignore: !granted,
  fn: async () => {
    // They read dates of others, wait for the input that they are given, and use a package.
    const allowed = ["the date", "waiting", "what is not of the language"];
    for (const [path, text] of await sources()) {
      if (floorOf(path) !== "formats") continue;
      for (const [name, pattern] of impure) {
        if (!allowed.includes(name)) {
          assertEquals(codeOf(text).match(pattern)?.[0], undefined, `src/${path} uses ${name}`);
        }
      }
      assertEquals(codeOf(text).match(/\bDate\.now\b|\bnew Date\(\)|\bTemporal\b/)?.[0], undefined, `src/${path}`);
    }
  },
});

Deno.test("codeOf() and importsOf() see code, and not what is said about it", () => {
  const text =
    '/** Uses no Deno. */\nimport { a } from "./a.ts"; // not "./b.ts"\nexport * from "../uid.ts";\nlet x = 1;\n';
  assertEquals(codeOf(text).includes("Deno"), false);
  assertEquals(importsOf("protocol/x.ts", text), ["protocol/a.ts", "uid.ts"]);
  assertEquals([floorOf("uid.ts"), floorOf("client.ts"), floorOf("net/link.ts")], ["ground", "client", "net"]);
});
