/**
 * A member of etcd in memory, as far as an engine uses it: keys with revisions and versions, transactions, ranges at a
 * revision, watches, compaction.
 *
 * @module
 */

import { errorOf } from "./fake_etcd.ts";

type Json = Record<string, unknown>;

interface Value {
  readonly value: string;
  readonly create: number;
  readonly mod: number;
  readonly version: number;
}

/** The keys of a member, by their base64; `changes` has what each revision has put or deleted. */
export class EtcdStore {
  version = "3.4.23";
  revision = 1;
  #compacted = 0;
  readonly #keys = new Map<string, Value>();
  readonly #changes: { readonly revision: number; readonly type: string; readonly kv: Json }[] = [];
  /** May answer instead of the store. */
  instead: (path: string, body: Json) => Response | undefined = () => undefined;
  /** Leaves events out. */
  isLost: (key: string) => boolean = () => false;

  /** Answers a request. */
  answer(path: string, body: Json): unknown {
    const instead = this.instead(path, body);
    if (instead !== undefined) return instead;
    const header = { member_id: "1", revision: String(this.revision) };
    switch (path) {
      case "/v3/maintenance/status":
        return { header, version: this.version, dbSize: "1", leader: "1" };
      case "/v3/kv/range": {
        if (Number(body.revision ?? this.revision) < this.#compacted) {
          return errorOf("etcdserver: mvcc: required revision has been compacted", 11, 400);
        }
        return { header, ...this.#range(body, Number(body.revision ?? this.revision)) };
      }
      case "/v3/kv/put":
        return this.#txn({ success: [{ request_put: body }] });
      case "/v3/kv/txn":
        return this.#txn(body);
      case "/v3/kv/compaction":
        this.#compacted = Number(body.revision);
        return { header };
      case "/v3/watch":
        return this.#watch(body.create_request as Json);
    }
    return errorOf(`no ${path}`, 12, 501);
  }

  /** Changes the value of a key. */
  corrupt(key: string, value: string): void {
    const found = this.#keys.get(btoa(key));
    if (found !== undefined) this.#keys.set(btoa(key), { ...found, value: btoa(value) });
  }

  #at(key: string, revision: number): Value | undefined {
    const present = this.#keys.get(key);
    if (present !== undefined && present.mod <= revision) return present;
    const last = this.#changes.findLast((change) => change.revision <= revision && change.kv.key === key);
    if (last === undefined || last.type === "DELETE") return undefined;
    const { value, create_revision, mod_revision, version } = last.kv;
    return {
      value: String(value),
      create: Number(create_revision),
      mod: Number(mod_revision),
      version: Number(version),
    };
  }

  #in({ key, range_end }: Json, keys: Iterable<string>): string[] {
    if (range_end === undefined) return [key as string];
    const [from, to] = [atob(key as string), atob(range_end as string)];
    const found = [...new Set(keys)].filter((other) => atob(other) >= from && atob(other) < to);
    return found.sort((a, b) => atob(a) < atob(b) ? -1 : 1);
  }

  #range(request: Json, revision: number): Json {
    const all = [...this.#keys.keys(), ...this.#changes.map(({ kv }) => kv.key as string)];
    const kvs = this.#in(request, all).flatMap((key) => {
      const found = this.#at(key, revision);
      return found === undefined ? [] : [kvOf(key, found)];
    });
    if (request.sort_order === "DESCEND") kvs.reverse();
    const limit = Number(request.limit ?? Infinity);
    return { kvs: kvs.slice(0, limit), more: kvs.length > limit };
  }

  #txn({ compare = [], success = [], failure = [] }: Json): Json {
    const succeeded = (compare as Json[]).every(({ key, target, result, value }) => {
      const found = this.#keys.get(key as string);
      if (target === "VALUE") return found?.value === value;
      return result === "EQUAL" ? found === undefined : found !== undefined;
    });
    const requests = (succeeded ? success : failure) as Json[];
    const writes = requests.some((request) => request.request_range === undefined);
    if (writes) this.revision++;
    const responses = requests.map(({ request_put, request_delete_range, request_range }) => {
      if (request_put !== undefined) this.#put(request_put as Json);
      if (request_delete_range !== undefined) this.#delete(request_delete_range as Json);
      return request_range === undefined ? {} : { response_range: this.#range(request_range as Json, this.revision) };
    });
    return { header: { revision: String(this.revision) }, succeeded, responses };
  }

  #put({ key, value }: Json): void {
    const former = this.#keys.get(key as string);
    const { revision } = this;
    const create = former?.create ?? revision;
    const put = { value: value as string, create, mod: revision, version: (former?.version ?? 0) + 1 };
    this.#keys.set(key as string, put);
    this.#changes.push({ revision, type: "PUT", kv: kvOf(key as string, put) });
  }

  #delete(request: Json): void {
    for (const key of this.#in(request, this.#keys.keys())) {
      if (!this.#keys.delete(key)) continue;
      this.#changes.push({ revision: this.revision, type: "DELETE", kv: { key, mod_revision: String(this.revision) } });
    }
  }

  /** Gives what has happened, and ends. */
  #watch({ start_revision, ...range }: Json): Response {
    const lines: Json[] = [{ created: true }];
    if (Number(start_revision) < this.#compacted) {
      lines.push({ canceled: true, compact_revision: String(this.#compacted) });
    } else {
      const events = this.#changes.filter(({ revision, kv }) => {
        const key = kv.key as string;
        return revision >= Number(start_revision) && this.#in(range, [key]).length > 0 && !this.isLost(atob(key));
      });
      if (events.length > 0) lines.push({ events });
    }
    return new Response(lines.map((result) => JSON.stringify({ result }) + "\n").join(""));
  }
}

function kvOf(key: string, { value, create, mod, version }: Value): Json {
  return { key, value, create_revision: String(create), mod_revision: String(mod), version: String(version) };
}
