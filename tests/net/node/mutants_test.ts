/**
 * Each rule of a node on the network is needed: if it is broken, a check fails. docs/design/engine.md lists the rules.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import page from "../../../docs/design/engine.md" with { type: "text" };
import { modulesWith } from "../../mutations/each_is_needed.ts";
import type { Mutant } from "../../mutations/mutant.ts";
import { testNeeding } from "../needing.ts";
import type { NodeParts } from "./local_nodes.ts";
import { nodeChecks } from "./node_checks.ts";

const [server, load, node] = ["net/node/node_server.ts", "net/node/node_load.ts", "engine/node.ts"];

/** A mutant, and the check that catches it. */
const mutants: readonly (Mutant & { readonly check: keyof typeof nodeChecks })[] = [
  {
    name: "N1: sessions are served at once",
    file: server,
    from: "if (this.#node.isReady) this.#greet(id, link, hello);",
    to: "if (!this.#isClosed) this.#greet(id, link, hello);",
    check: "sessions wait until the node is ready",
  },
  {
    name: "N2: a session has as many links as it opens",
    file: server,
    from: '    if (session.link !== undefined) this.#end(session.link, "its session has another link");\n',
    to: "",
    check: "a session has one link",
  },
  {
    name: "N3: what a session has under way has no bound",
    file: load,
    from: "return count >= sessionCount || bytes >= sessionBytes;",
    to: "return false;",
    check: "what a session has under way is bounded",
  },
  {
    name: "N3: what all sessions have under way has no bound",
    file: load,
    from: "    if (count > allCount || sum > allBytes) return false;\n",
    to: "",
    check: "what all have under way is bounded",
  },
  {
    name: "N3: sessions that have much under way leave no room",
    file: load,
    from: "    if (isCrowded && !hasLittle) return false;\n",
    to: "",
    check: "near that, those that have little are served",
  },
  {
    name: "N4: every role may do everything",
    file: server,
    from: "const why = whyForbidden(this.#node.core.replay.executor.machine, commands, guest);",
    to: "const why = undefined;",
    check: "a role is looked at before a request is taken",
  },
  {
    name: "N4: an output may be confirmed that is not made",
    file: server,
    from: "    if (flaw !== undefined) return this.#end(id, `SUBMIT: ${flaw}`);\n",
    to: "",
    check: "no output is confirmed before it is made",
  },
  {
    name: "N5: a node that has halted begins sessions",
    file: server,
    from: "    if (halted !== undefined) return this.#refused(link, haltedWords(halted));\n",
    to: "",
    check: "a node that has halted lets nobody in, and gives nothing",
  },
  {
    name: "N5: a node that has halted gives copies",
    file: server,
    from: "return node.isReady && node.core.halted === undefined ?",
    to: "return node.isReady ?",
    check: "a node that has halted lets nobody in, and gives nothing",
  },
  {
    name: "N5: sessions wait for a node that has halted",
    file: server,
    from: "(isReady || halted !== undefined)",
    to: "isReady",
    check: "sessions that wait hear that the node has halted",
  },
  {
    name: "N6: a request waits for the engine for as long as it takes",
    file: server,
    from: "export const outcomeWithinMs = 4_000;",
    to: "export const outcomeWithinMs = 60_000;",
    check: "a request has an outcome in time",
  },
  {
    name: "N7: an order of another cluster is followed",
    file: node,
    from: "if (cluster !== (this.#cluster ??= cluster)) {",
    to: "if ((this.#cluster ??= cluster) === undefined) {",
    check: "an order is of one cluster",
  },
  {
    name: "N8: a turn has all records",
    file: node,
    from: "(count === 0 || performance.now() < this.#turnEndsAt)",
    to: "true",
    check: "a turn ends after some records",
  },
  {
    name: "N8: a turn has all reads",
    file: node,
    from: "hasTime: () => performance.now() < this.#turnEndsAt",
    to: "hasTime: () => true",
    check: "a turn ends after some reads",
  },
  {
    name: "N8: records wait without a bound",
    file: node,
    from: "while (this.#queuedBytes > queuedBytesMax && !signal.aborted) {",
    to: "while (this.#queuedBytes < 0 && !signal.aborted) {",
    check: "a node takes no more records than it has room for",
  },
  {
    name: "N9: a snapshot that was read late is taken in",
    file: node,
    from: "if (this.core.wants(cut)) restoring.finish();",
    to: "restoring.finish();",
    check: "a state never goes back",
  },
  {
    name: "N10: a node begins before it has the state of its order",
    file: node,
    from: "        if (snapshot !== undefined) await this.#restore(snapshot);\n",
    to: "        this.#opened.resolve();\n        if (snapshot !== undefined) await this.#restore(snapshot);\n",
    check: "a node answers nothing before it has the state that its order begins with",
  },
];

/** Nodes in a world in which one rule is broken; undefined: none is. */
function partsWith(mutant: Mutant | undefined): NodeParts {
  const modules = modulesWith(mutant);
  const files = ["src/engine/node.ts", "src/net/node/node_server.ts", "tests/net/node/memory_engine.ts"];
  return Object.assign({}, ...files.map((file) => modules(file))) as NodeParts;
}

for (const [name, check] of Object.entries(nodeChecks)) {
  testNeeding(["net", "read"], `a node on the network: ${name}`, () => check(partsWith(undefined)));
}

for (const { check, ...mutant } of mutants) {
  testNeeding(["net", "read"], `mutant "${mutant.name}" is caught`, async () => {
    await assertRejects(() => nodeChecks[check](partsWith(mutant)), Error);
  });
}

Deno.test("docs/design/engine.md names the mutants of nodes on the network, and each of its rules has one", () => {
  const named = [...page.matchAll(/^\| (N\d+: [^|]+?) +\|/gm)].map(([, name]) => name);
  assertEquals(named, mutants.map(({ name }) => name));
  const rules = new Set([...page.matchAll(/^- \*\*(N\d+)\b/gm)].map(([, rule]) => rule));
  assertEquals(new Set(named.map((name) => name.slice(0, name.indexOf(":")))), rules);
  assert(rules.size > 0);
});
