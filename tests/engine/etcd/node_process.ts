/**
 * A node in a process of its own: starts it, asks it, kills it and freezes it.
 *
 * @module
 */

import type { NodeOutcome, SubmittedRequest } from "../../../src/engine/node.ts";
import { linesOf } from "../../../src/runtime/lines.ts";
import { within } from "../../net/within.ts";
import type { Post } from "./cluster.ts";
import type { NodeDoor } from "./node_client.ts";
import type { NodeAnswers, NodeAsk, NodeLook, NodeStart, OutcomeLine } from "./node_lines.ts";

const lineBytesMax = 16 * 1024 * 1024;
const encoder = new TextEncoder();

/** What a client has of a node that has ended. */
const gone: NodeOutcome = { kind: "unknown", reason: "the node has ended" };

/** One process. */
export class NodeProcess implements NodeDoor, AsyncDisposable {
  readonly name: string;
  /** What it was started with. */
  readonly start: NodeStart;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #reading: Promise<void>;
  #ids = 0;
  #isUp = true;

  private constructor(name: string, start: NodeStart, child: Deno.ChildProcess) {
    this.name = name;
    this.start = start;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param at gives the words that start a program where it is to run.
   */
  static async start(
    name: string,
    start: NodeStart,
    at: (words: readonly string[]) => readonly string[] = (words) => words,
  ): Promise<NodeProcess> {
    const main = new URL("node_main.ts", import.meta.url).pathname;
    const [program, ...args] = at(["deno", "run", "--no-prompt", "--no-check", "--allow-net", main]);
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    const node = new NodeProcess(name, start, child);
    const begun = Promise.withResolvers<unknown>();
    node.#asked.set(0, begun);
    await node.#tell(start);
    await within(`node ${name}`, begun.promise);
    return node;
  }

  /** Whether its process runs; frozen or not. */
  get isUp(): boolean {
    return this.#isUp;
  }

  async #read(): Promise<void> {
    for await (const { text } of linesOf(this.#child.stdout, lineBytesMax)) {
      const { id, answer, error } = JSON.parse(text);
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) asked?.resolve(answer);
      else asked?.reject(new Error(`${this.name}: ${error}`));
    }
    this.#isUp = false;
    for (const { reject } of this.#asked.values()) reject(new Error(`${this.name} has ended`));
    this.#asked.clear();
  }

  async #tell(line: unknown): Promise<void> {
    await this.#writer.write(encoder.encode(JSON.stringify(line) + "\n")).catch(() => {});
  }

  async #ask<A extends NodeAsk>(ask: A): Promise<NodeAnswers[A["do"]]> {
    if (!this.#isUp) throw new Error(`${this.name} has ended`);
    const id = ++this.#ids;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    void this.#tell({ id, ...ask });
    return await asked.promise as NodeAnswers[A["do"]];
  }

  async submit(request: SubmittedRequest, waitMs: number): Promise<NodeOutcome> {
    const { commands, client, born, seq, done, recordedAtMs } = request;
    const line = { client, born, seq, done, recordedAtMs, commands: commands.toBase64(), waitMs };
    return await this.#ask({ do: "submit", ...line }).then(outcomeOf, () => gone);
  }

  async read(commands: Uint8Array, waitMs: number): Promise<NodeOutcome> {
    return await this.#ask({ do: "read", commands: commands.toBase64(), waitMs }).then(outcomeOf, () => gone);
  }

  async born(): Promise<number> {
    return (await this.look()).n;
  }

  /** How it is. */
  look(): Promise<NodeLook> {
    return this.#ask({ do: "look" });
  }

  /** How it sees etcd. */
  health(): Promise<NodeAnswers["health"]> {
    return this.#ask({ do: "health" });
  }

  /** Sends requests from where it is. */
  get post(): Post {
    return (url, body, headers) => this.#ask({ do: "post", url, body, headers });
  }

  /** Stops it as it is. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#child.status;
    await this.#reading;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#writer.close().catch(() => {});
  }
}

function outcomeOf(line: OutcomeLine): NodeOutcome {
  return "outputs" in line ? { ...line, outputs: Uint8Array.fromBase64(line.outputs) } : line;
}
