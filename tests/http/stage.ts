/**
 * A gateway without a socket, to a cluster of one database in this process.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Reply } from "../../src/library/client.ts";
import { Access } from "../../src/http/access.ts";
import { Gateway } from "../../src/http/gateway.ts";
import type { ClusterLink, GatewayOptions, LauncherAction, LauncherAnswer } from "../../src/http/gateway_options.ts";
import { formatPlace, logName } from "../../src/http/log_name.ts";
import type { NodeAnswer, StatusAnswer } from "../../src/net/client/status.ts";
import type { InspectedTransmitter } from "../../src/inspection.ts";
import type { Entries } from "../../src/state_machine.ts";
import { entriesAfter } from "../database/store/machine.ts";
import { MemoryCluster } from "../database/store/memory.ts";

/** Bytes of entries that come at a time: little, so that there are many batches. */
const batchBytes = 1024;

/** A cluster of one database whose log can be watched. */
export class WatchedCluster implements ClusterLink {
  /** It is its own session. */
  readonly session: this = this;
  /** What it is made of. */
  memory = new MemoryCluster();
  /** Its id; another one after a start from scratch. */
  cluster = "c0".repeat(16);
  /** The number of the view. */
  view = 1;
  /** What its replicas say. */
  answers: readonly (StatusAnswer | NodeAnswer)[] = [];
  /** How often its log was asked for. */
  watches = 0;
  readonly #waiting = new Set<() => void>();

  /** Ends it, and starts another one. */
  startAnew(): void {
    this.memory = new MemoryCluster();
    this.cluster = "c1".repeat(16);
    for (const wake of this.#waiting) wake();
  }

  /** What it calls its replicas. */
  get members(): readonly { readonly address: string }[] {
    return this.memory.members;
  }

  /** Executes a command, and gives what comes of it to those who watch. */
  async submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const reply = await this.memory.submit(command, outputBytesMax);
    for (const wake of this.#waiting) wake();
    return reply;
  }

  /** Answers a command that changes nothing. */
  read(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return this.memory.read(command, outputBytesMax);
  }

  /** The entries, until it is aborted. */
  async *watch(after: number, cluster: string, signal: AbortSignal): AsyncGenerator<Entries> {
    this.watches++;
    let wake = () => {};
    signal.addEventListener("abort", () => wake());
    while (!signal.aborted) {
      if (cluster !== this.cluster) throw new Error("No replica gives entries: each is of another cluster");
      const entries = entriesAfter(this.memory.sites, after, batchBytes);
      if (entries !== undefined) {
        yield entries;
        after = entries.last;
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** What its session waits for. */
  inspect(): InspectedTransmitter {
    return this.memory.inspect();
  }

  /** What its replicas say. */
  statuses(): Promise<readonly (StatusAnswer | NodeAnswer)[]> {
    return Promise.resolve(this.answers);
  }
}

/** A launcher that notes what it is asked. */
export class NotingLauncher {
  /** The token of the link that it has printed. */
  readonly token = "0123456789abcdef";
  /** What it was asked. */
  readonly asked: LauncherAction[] = [];
  /** What it answers. */
  answer: LauncherAnswer = { done: true, text: "Replica 1 was crashed", rows: [] };

  /** Notes it. */
  ask(action: LauncherAction): Promise<LauncherAnswer> {
    this.asked.push(action);
    return Promise.resolve(this.answer);
  }
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Its body, if that is JSON: what it looks like, the test knows. */
  readonly json: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

/** Fails unless this is a problem of that status and type. */
export function assertProblem(answer: Answer, status: number, type: string): void {
  assertEquals([answer.status, answer.json?.type], [status, `urn:vaxlog:problem:${type}`], answer.text);
  assertEquals(answer.headers.get("content-type"), "application/problem+json");
  assertEquals(answer.json.status, status);
}

/** A place in the log of such a cluster. */
export function placeAt(index: number): string {
  return formatPlace({ log: logName("c0".repeat(16)), index });
}

/** Asks again for as long as the answer does not come within a time that is too short for any. */
export async function untilInTime(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.headers.get("idempotency-replayed") === "true") return answer;
    if (!/The cluster gave no answer in time/.test(answer.text)) return answer;
  }
}

/** A gateway that a test asks; who asks it may do everything, unless the options say otherwise. */
export class GatewayStage implements AsyncDisposable {
  /** The cluster behind it. */
  readonly cluster: WatchedCluster;
  /** The gateway. */
  readonly gateway: Gateway;
  /** What it wrote for the person who runs it. */
  readonly lines: string[] = [];
  /** Milliseconds since 1970; stands still. */
  nowMs = 1_764_000_000_000;

  /** Begins. */
  constructor(options: Partial<GatewayOptions> = {}, cluster: WatchedCluster = new WatchedCluster()) {
    this.cluster = cluster;
    this.gateway = new Gateway({
      cluster,
      access: new Access({ anonymous: "operate" }),
      host: "127.0.0.1",
      log: (line) => this.lines.push(line),
      now: () => this.nowMs,
      ...options,
    });
  }

  /** Asks, and reads the answer to its end. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.gateway.fetch(requestOf(method, path, body, headers));
    const text = await response.text();
    const isJson = /^application.(?:problem.)?json$/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : null };
  }

  /** Asks for something that must work, and resolves when the gateway's own copy has it. */
  async done(method: string, path: string, body: unknown): Promise<Answer> {
    const answer = await this.ask(method, path, body);
    assertEquals(answer.status, 201, answer.text);
    await this.gateway.services.reached(answer.json.entry);
    return answer;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close();
  }
}

/** A request as it comes over a socket; a body that is neither text nor bytes is sent as JSON. */
export function requestOf(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Request {
  return new Request(`http://127.0.0.1${path}`, {
    method,
    headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    body: body === undefined || typeof body === "string" || body instanceof Uint8Array
      ? body as string | Uint8Array<ArrayBuffer> | undefined
      : JSON.stringify(body),
  });
}
