/**
 * The gateway's API, as the page uses it.
 *
 * A request that changes something carries an `Idempotency-Key`: if its response is lost, the page sends the same
 * request with the same key again, and the gateway executes it once.
 *
 * @module
 */

import type { Candidate } from "../../database/values.ts";
import { request } from "./requests.ts";

/** A response with a body in JSON. */
interface Response200<T> {
  readonly body: T;
  readonly etag: string | undefined;
}

/** The body of a refusal, as RFC 9457 has it. */
interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly candidates?: readonly Candidate[];
  readonly more?: number;
}

/** The gateway refused a request, or cannot be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The status of the response; 0 if the gateway cannot be reached. */
  readonly status: number;
  /** The kind of problem: `conflict`, `unknown-site`, … */
  readonly type: string;
  /** The sites that may be meant; mostly none. */
  readonly candidates: readonly Candidate[];
  /** How many more there are. */
  readonly more: number;

  /** @param problem the body of the refusal. */
  constructor(status: number, problem: ProblemBody) {
    super(problem.detail ?? problem.title ?? `The gateway answered with status ${status}`);
    this.status = status;
    this.type = (problem.type ?? "").split(":").at(-1)!;
    this.candidates = problem.candidates ?? [];
    this.more = problem.more ?? 0;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the gateway could not be reached. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** How often the page sends a request with a key before it gives up. */
const attempts = 3;

/** Milliseconds without a response after which something is wrong: a healthy cluster takes less for everything. */
const patienceMs = 2_000;

/** Milliseconds between two probes of a cluster that is silent. */
const probeEveryMs = 1_000;

let silent = false;

/**
 * Whether the cluster is silent: a request got no response in time, and no probe has succeeded since. The window gets
 * an event "silence" when that changes.
 */
export function isSilent(): boolean {
  return silent;
}

function setSilent(now: boolean): void {
  silent = now;
  dispatchEvent(new Event("silence"));
}

/** The gateway answers many requests without the cluster: only a probe shows that the silence is over. */
async function waitForCluster(): Promise<void> {
  if (silent) return;
  setSilent(true);
  while (!await isWell()) await new Promise((resolve) => setTimeout(resolve, probeEveryMs));
  setSilent(false);
}

function isWell(): Promise<boolean> {
  return send<{ probe: { ok: boolean } }>("/api/status?replicas=false").then(({ body }) => body.probe.ok, () => false);
}

/** What a query may hold; a parameter that is empty, false or undefined is left out. */
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Reads something. */
export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<Response200<T>> {
  const url = new URL(path, location.href);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value || value === 0) url.searchParams.set(name, String(value));
  }
  return noted<T>(url.pathname + url.search, { signal });
}

/** How something is changed. */
interface PostOptions {
  readonly ifMatch?: string;
  readonly method?: "POST" | "PATCH";
}

/** Changes something, exactly once. */
export async function post<T>(
  path: string,
  body: unknown,
  { ifMatch, method = "POST" }: PostOptions = {},
): Promise<Response200<T>> {
  const headers = new Headers({ "content-type": "application/json", "idempotency-key": randomKey() });
  if (ifMatch !== undefined) headers.set("if-match", ifMatch);
  for (let attempt = 1;; attempt++) {
    try {
      return await noted<T>(path, { method, headers, body: JSON.stringify(body) });
    } catch (error) {
      if (!isUnreachable(error) || attempt === attempts) throw error;
    }
  }
}

/** Has the gateway read a file of CSV, which changes nothing. */
export function postCsv<T>(path: string, file: Blob): Promise<Response200<T>> {
  return noted<T>(path, { method: "POST", headers: { "content-type": "text/csv" }, body: file });
}

/**
 * The path of a site. The name is in the query: in the path, a browser takes `..` for a step.
 *
 * @param what a part of it, such as `/history`.
 */
export function sitePath(name: string, what = ""): string {
  return `/api/site${what}?name=${encodeURIComponent(name)}`;
}

/** Sends a request, and notes if no response comes. */
async function noted<T>(path: string, options: RequestInit): Promise<Response200<T>> {
  const timer = setTimeout(waitForCluster, patienceMs);
  try {
    return await send<T>(path, options);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 503 || error.status === 504)) waitForCluster();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function send<T>(path: string, options?: RequestInit): Promise<Response200<T>> {
  let response;
  try {
    response = await request(path, options);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw new ApiError(0, { detail: "The gateway does not answer. Is it still running?" });
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, parsed(text) ?? {});
  return { body: parsed(text), etag: response.headers.get("etag") ?? undefined };
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function randomKey(): string {
  // Not randomUUID(), which needs TLS, and not toHex(), which needs a browser of 2025.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
