/**
 * The gateway's API, as the page uses it.
 *
 * A request that changes something carries an `Idempotency-Key`: if the answer is lost on its way, the same request is
 * sent again with the same key, and is executed once.
 *
 * @module
 */

/** What the gateway says is wrong, or that it cannot be reached. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 if the gateway cannot be reached.
   * @param {any} problem the body, as RFC 9457 has it.
   * @param {boolean} needsToken whether it was refused for want of the right token.
   */
  constructor(status, problem, needsToken = false) {
    super(problem.detail ?? problem.title ?? `The gateway answered with status ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
    this.needsToken = needsToken;
  }

  /** The kind of problem: `conflict`, `unknown-site`, … */
  get type() {
    return String(this.problem.type ?? "").split(":").at(-1);
  }
}

/** How often a request with a key is sent before the gateway is given up. */
const attempts = 3;

/** Milliseconds without an answer that nothing takes in a cluster that is well. */
const patienceMs = 2_000;

/** Milliseconds between two looks whether the cluster answers again. */
const againMs = 1_000;

let isSilent = false;
const listeners = new Set();

/**
 * Tells whether the cluster is silent: something was not answered, or not in time, and since then it has not been well.
 *
 * @param {(isSilent: boolean) => void} listener is called as it is, and with each change.
 * @returns {() => void} ends it.
 */
export function listenForSilence(listener) {
  listeners.add(listener);
  listener(isSilent);
  return () => listeners.delete(listener);
}

function setSilent(now) {
  isSilent = now;
  for (const listener of listeners) listener(now);
}

/** The gateway answers much by itself, so what says that the silence is over is a request that became stable. */
async function waitForCluster() {
  if (isSilent) return;
  setSilent(true);
  while (!await isWell()) await new Promise((resolve) => setTimeout(resolve, againMs));
  setSilent(false);
}

function isWell() {
  return send("/api/status?replicas=false").then(({ body }) => body.probe.ok, () => false);
}

/**
 * @param {string} path
 * @param {{ query?: Record<string, unknown>, signal?: AbortSignal }} [options]
 */
export function get(path, { query = {}, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return request(search === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${search}`, { signal });
}

/**
 * Changes something, exactly once.
 *
 * @param {string} path
 * @param {unknown} body
 * @param {{ ifMatch?: string, token?: string }} [options]
 */
export async function post(path, body, { ifMatch, token } = {}) {
  const headers = { "content-type": "application/json", "idempotency-key": randomKey() };
  if (ifMatch !== undefined) headers["if-match"] = ifMatch;
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  for (let attempt = 1;; attempt++) {
    try {
      return await request(path, { method: "POST", headers, body: JSON.stringify(body) });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0 || attempt === attempts) throw error;
    }
  }
}

/**
 * The path of a site, with its name in the query: in the path, a browser takes `..` for a step.
 *
 * @param {string} name
 * @param {string} [what] of it, such as `/history`.
 */
export function sitePath(name, what = "") {
  return `/api/site${what}?name=${encodeURIComponent(name)}`;
}

/** The URL of a path of the gateway: below that of the page, which a proxy may have at a path of its own. */
export function urlOf(path) {
  return `.${path}`;
}

/** Sends a request, and notes if it is not answered. */
async function request(path, options) {
  const timer = setTimeout(waitForCluster, patienceMs);
  try {
    return await send(path, options);
  } catch (error) {
    if (error.status === 503 || error.status === 504) waitForCluster();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(urlOf(path), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { detail: "The gateway does not answer. Does it still run?" });
  }
  const text = await response.text();
  const body = parsed(text);
  if (!response.ok) throw new ApiError(response.status, body ?? {}, response.headers.has("www-authenticate"));
  return { body, etag: response.headers.get("etag") ?? undefined };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
