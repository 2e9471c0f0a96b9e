/**
 * What the answers of the API look like, for the OpenAPI document.
 *
 * @module
 */

import { availabilitySchema, type Schema } from "./declared.ts";
import { lessonSchemas } from "./lesson_schemas.ts";
import { problemTypes, problemUrn } from "./problems.ts";
import { count, list, object, string } from "./schema_parts.ts";

const name: Schema = { type: "string", description: "What the site is known by" };
const zip: Schema = { type: "string", pattern: "^[0-9]{1,10}$", description: "Text: leading zeros count" };
const unit: Schema = { type: "string", enum: ["doses", "appointments"] };
const ms: Schema = { type: "integer", description: "Milliseconds since 1970" };
const index: Schema = { type: "integer", minimum: 1, description: "The place of an entry in the log, from 1" };
const session: Schema = { type: "string", description: "The id of a session, 32 hexadecimal digits" };

/** A reference to a schema with a name. */
export function ref(schema: keyof typeof schemas): Schema {
  return { $ref: `#/components/schemas/${schema}` };
}

const entryBase = { index, kind: string, site: name, recordedAt: ms };
const entryTexts = { who: string, source: string, note: string };

function entry(kind: string, properties: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return object({ ...entryBase, kind: { const: kind }, ...properties }, { ...entryTexts, ...optional });
}

const report = object({ index, recordedAt: ms }, { who: string, source: string, note: string });
const siteMembers = { name, zip, availability: availabilitySchema };
const siteOptional = {
  observedAt: { ...ms, description: "When that was true, in milliseconds since 1970; absent: nobody has reported yet" },
  unit,
  retired: { ...string, description: "Why it is retired; absent: it is not" },
};
const unknownStatus = object({ address: string, reason: string }, {
  id: count,
  state: string,
  restored: {
    ...count,
    description: "How much of the data a newcomer has, in percent; absent: nobody sends it the data",
  },
});

/** The schemas that have names. */
export const schemas = {
  Site: object(siteMembers, siteOptional),
  ViewedSite: object({ ...siteMembers, hasDocument: { type: "boolean" } }, { ...siteOptional, report }),
  DocumentedSite: object(siteMembers, {
    ...siteOptional,
    document: { ...string, description: "A JSON object, as text; absent: no feed said anything" },
  }),
  SiteList: object({ sites: list({ $ref: "#/components/schemas/Site" }) }, {
    next: { ...name, description: "After which name more sites follow; absent: after none" },
    previous: { ...name, description: "With `last`: before which name there are more; absent: before none" },
  }),
  Entry: {
    oneOf: [
      entry("added", { zip }),
      entry("report", { availability: availabilitySchema, observedAt: ms, outOfDate: { type: "boolean" } }, { unit }),
      entry("retired", { reason: string }),
      entry("reopened", {}),
      entry("documented", { document: string }),
    ],
  },
  EntryList: object({ entries: list({ $ref: "#/components/schemas/Entry" }) }, { next: index }),
  Done: object(
    {
      site: { $ref: "#/components/schemas/Site" },
      effect: { type: "string", enum: ["shown", "outOfDate", "same", "changed"] },
    },
    { entry: { ...index, description: "The entry that says so; absent: there is none" } },
  ),
  BatchResult: object({ status: { ...count, description: "As it would be of a request of its own" } }, {
    site: { $ref: "#/components/schemas/Site" },
    effect: string,
    entry: { ...count, description: "As in `Done` if it was done; if not, as in `Problem`" },
    type: string,
    title: string,
    detail: string,
  }),
  Summary: object({ sites: count, retired: count, lastEntry: count, logBytes: count, index }),
  Status: object({
    cluster: string,
    view: count,
    session: {
      ...object({
        client: session,
        mode: { type: "string", enum: ["idle", "joining", "active", "over"] },
        clock: count,
        view: count,
        sent: count,
        agreed: count,
      }, {
        waitsFor: object({ what: { type: "string", enum: ["floors", "acks", "output"] }, from: list(count) }),
      }),
      description: "The gateway's own session, and what it waits for from which replicas",
    },
    canControl: { type: "boolean", description: "Whether replicas can be killed and started by this gateway" },
  }, {
    probe: {
      ...object({ ok: { type: "boolean" }, ms: { type: "number" } }, { reason: string }),
      description: "Whether a request became stable; absent: none was sent",
    },
    replicas: list({
      oneOf: [
        object({
          address: string,
          id: count,
          state: { type: "string", enum: ["up", "joining", "frozen"] },
          view: count,
          executed: count,
          lag: count,
          lastEntry: count,
          logBytes: { ...count, description: "Bytes taken of the room for the log" },
          logBytesMax: { ...count, description: "Once the log takes more bytes, every change is refused; 0: never" },
          digest: string,
          clock: count,
          pending: count,
          sessions: count,
          durable: { type: "boolean" },
          memoryBytes: count,
          uptimeMs: { type: "number" },
          waiting: list({ $ref: "#/components/schemas/WaitingRequest" }),
          active: { ...count, description: "Clients that the stability test asks" },
          heard: {
            ...list(object({ client: session, ts: count, lost: { type: "boolean" } })),
            description: "Those of them that were heard least far, and up to which timestamp",
          },
        }, {
          flush: {
            ...object({ stage: { type: "string", enum: ["reports", "clones", "accepted"] }, from: list(count) }),
            description: "It ends the view: what it waits for, and from which replicas",
          },
        }),
        unknownStatus,
      ],
    }),
    mayFail: { ...count, description: "How many more replicas may fail: all but one of the members that answer" },
    log: {
      ...object({
        percent: count,
        isFull: { type: "boolean", description: "Every change is refused" },
        isWarning: { type: "boolean", description: "It is full, or will be soon" },
        text: string,
      }),
      description: "How full the log is; absent: no replica says so",
    },
  }),
  WaitingRequest: {
    ...object({
      client: session,
      seq: count,
      ts: count,
      count: { ...count, description: "How many commands it has" },
      commands: { ...list(string), description: "The first of them, as people would type them" },
      ends: { type: "boolean", description: "It ends its session" },
      agreed: { type: "boolean", description: "Its client has said that every member has it" },
      stable: { type: "boolean", description: "No client can still send a request that comes before it" },
      waitsFor: { ...list(session), description: "The clients that still can" },
      andMore: { type: "boolean", description: "There may be more such clients than are told" },
    }),
    description:
      "A request that a replica has received and not executed; they are in the order of their uids (ts, client)",
  },
  Live: object({ ok: { const: true } }),
  Health: object({ ok: { const: true }, ms: { type: "number" } }),
  LauncherAnswer: object({ text: string }),
  ...lessonSchemas,
  Manifest: object({
    transactionTime: string,
    request: string,
    requiresAccessToken: { const: false },
    output: list(object({ type: string, url: string }, { extension: object({}, { state: list(string) }) })),
    error: list(object({})),
  }),
  Problem: object({
    type: { type: "string", enum: Object.keys(problemTypes).map((type) => problemUrn + type) },
    title: string,
    status: count,
    detail: string,
  }, {
    site: { $ref: "#/components/schemas/Site" },
    entry: { ...count, description: "The entry whose report the site shows instead of what was wanted; 0: none yet" },
  }),
} satisfies Record<string, Schema>;
