/**
 * The house rules that can be read from the text: imports go down only and in no circle, and what decides is pure.
 */

import { assert, assertEquals } from "@std/assert";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const needs = "(needs --allow-read)";
const root = new URL("../src/", import.meta.url);

/**
 * What a floor may import. A floor is a folder of `src`, or a folder in one of those; `ground` is what lies in `src`
 * itself. The client's side and the replica's side of a thing are floors side by side: neither imports the other.
 */
const floors: Record<string, readonly string[]> = {
  ground: [],
  runtime: ["ground"],
  access: ["ground"],
  secrets: ["ground", "access"],
  "protocol/wire": ["ground"],
  "protocol/client": ["ground", "protocol/wire"],
  "protocol/replica": ["ground", "protocol/wire"],
  simulator: ["ground", "protocol/wire", "protocol/client", "protocol/replica"],
  lesson: ["ground", "protocol/wire", "protocol/client", "protocol/replica", "simulator"],
  database: ["ground"],
  "database/wire": ["ground", "database"],
  "database/segments": ["ground", "database", "database/wire"],
  "database/store": ["ground", "database", "database/wire", "database/segments"],
  net: ["ground", "access", "runtime", "protocol/wire", "engine/wire"],
  "net/client": [
    "ground",
    "access",
    "runtime",
    "protocol/wire",
    "protocol/client",
    "engine/wire",
    "engine/client",
    "net",
  ],
  "net/server": ["ground", "access", "protocol/wire", "protocol/replica", "net"],
  "net/replica": ["ground", "access", "runtime", "protocol/wire", "protocol/replica", "net", "net/server"],
  "net/node": [
    "ground",
    "access",
    "protocol/wire",
    "protocol/replica",
    "net",
    "net/server",
    "engine",
    "engine/core",
    "engine/wire",
  ],
  library: ["ground", "access", "secrets", "database", "database/wire", "net", "net/client"],
  "engine/core": ["ground", "protocol/wire", "protocol/replica"],
  "engine/wire": ["ground", "protocol/wire", "engine/core"],
  "engine/client": ["ground", "protocol/wire", "engine/wire"],
  engine: ["ground", "runtime", "engine/core"],
  "engine/etcd": ["ground", "runtime", "engine", "engine/core"],
  storage: ["ground", "database/segments"],
  formats: ["ground", "database", "front"],
  places: ["ground", "database", "library", "formats"],
  alerts: ["ground", "database", "places"],
  front: ["ground"],
  // What runs in a browser: of the lessons, it takes only types.
  "http/page": ["ground", "database", "front", "lesson", "alerts"],
  http: [
    "ground",
    "access",
    "runtime",
    "database",
    "database/wire",
    "engine/wire",
    "net",
    "net/client",
    "library",
    "formats",
    "places",
    "alerts",
    "front",
    "lesson",
    "http/page",
  ],
  cluster: [
    "ground",
    "access",
    "secrets",
    "runtime",
    "database",
    "database/wire",
    "database/store",
    "protocol/replica",
    "protocol/wire",
    "engine",
    "engine/core",
    "engine/etcd",
    "engine/wire",
    "net",
    "net/client",
    "net/replica",
    "net/node",
    "storage",
    "formats",
    "front",
    "http",
  ],
  cli: [
    "ground",
    "access",
    "secrets",
    "runtime",
    "database",
    "database/wire",
    "database/store",
    "net",
    "net/client",
    "library",
    "storage",
    "formats",
    "places",
    "alerts",
    "front",
    "http",
  ],
  std: [],
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
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return folder === "" ? "ground" : Object.hasOwn(floors, folder) ? folder : folder.replace(/\/.*/, "");
}

Deno.test({
  name: `imports go down only ${needs}`,
  ignore: !granted,
  fn: async () => {
    for (const [path, text] of await sources()) {
      const allowed = floors[floorOf(path)];
      assert(allowed !== undefined, `src/${path} is on no floor that this test knows`);
      for (const imported of importsOf(path, text)) {
        const isAllowed = floorOf(imported) === floorOf(path) || allowed.includes(floorOf(imported));
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
  name: `the ground, the protocol, the simulator, the lessons, the database, nodes and their clients are pure ${needs}`,
  ignore: !granted,
  fn: async () => {
    for (const [path, text] of await sources()) {
      if (!/^(ground|protocol|simulator|lesson|database|engine\/core|engine\/client)\b/.test(floorOf(path))) continue;
      for (const [name, pattern] of impure) {
        assertEquals(codeOf(text).match(pattern)?.[0], undefined, `src/${path} uses ${name}`);
      }
    }
  },
});

Deno.test({
  name: `what decides who may come in knows of no file, no socket, no clock and no randomness ${needs}`,
  ignore: !granted,
  fn: async () => {
    // It writes dates that it is given, and takes its hashes from node:crypto.
    const allowed = ["the date", "what is not of the language", "randomness"];
    for (const [path, text] of await sources()) {
      if (floorOf(path) !== "access") continue;
      for (const [name, pattern] of impure) {
        if (!allowed.includes(name)) {
          assertEquals(codeOf(text).match(pattern)?.[0], undefined, `src/${path} uses ${name}`);
        }
      }
      const impurity = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bgetRandomValues\b|\brandomBytes\b/;
      assertEquals(codeOf(text).match(impurity)?.[0], undefined, `src/${path}`);
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
      const clock = /\bDate\.now\b|\bnew Date\(\)|\bTemporal\.Now\b/;
      assertEquals(codeOf(text).match(clock)?.[0], undefined, `src/${path}`);
    }
  },
});

Deno.test({
  name: `a type has a name of its own ${needs}`,
  ignore: !granted,
  fn: async () => {
    const homes = new Map<string, string>();
    for (const [path, text] of await sources()) {
      if (path.startsWith("std/")) continue;
      for (const [, name] of codeOf(text).matchAll(/^(?:export )?(?:abstract )?(?:type|interface|class) (\w+)/gm)) {
        assertEquals(homes.get(name), undefined, `src/${path} declares "${name}" once more: give it another name`);
        homes.set(name, path);
      }
    }
  },
});

Deno.test("codeOf() and importsOf() see code, and not what is said about it", () => {
  const text =
    '/** Uses no Deno. */\nimport { a } from "./a.ts"; // not "./b.ts"\nexport * from "../uid.ts";\nlet x = 1;\n';
  assertEquals(codeOf(text).includes("Deno"), false);
  assertEquals(importsOf("protocol/x.ts", text), ["protocol/a.ts", "uid.ts"]);
  assertEquals([floorOf("uid.ts"), floorOf("net/link.ts")], ["ground", "net"]);
});
