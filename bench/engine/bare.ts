/**
 * Bare etcd: what a program pays that asks it by the same gateway, with `fetch`, and does nothing else.
 *
 * @module
 */

const encode = (text: string) => btoa(text);

/** Calls to one member. */
export class BareEtcd {
  readonly #endpoint: string;
  #count = 0;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async #post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#endpoint}${path}`, { method: "POST", body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`etcd has answered ${path} with ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Appends bytes: a transaction that puts a new key, and one that all appends put. */
  async append(bytes: Uint8Array): Promise<void> {
    const key = encode(`/bare/log/${++this.#count}`);
    await this.#post("/v3/kv/txn", {
      compare: [{ key, target: "CREATE", result: "EQUAL", create_revision: "0" }],
      success: [
        { request_put: { key, value: bytes.toBase64() } },
        { request_put: { key: encode("/bare/head"), value: key } },
      ],
    });
  }

  /** Reads a short key, linearizably. */
  async range(): Promise<void> {
    await this.#post("/v3/kv/range", { key: encode("/bare/head") });
  }
}
