/**
 * Many commands in one request, in their order: for imports, and whoever else is in a hurry.
 *
 * Each command is as it would be alone, and is answered alone: one that is refused does not keep the others from being
 * done. The answer has the form of the request, an array or a line for each.
 *
 * @module
 */

import type { VaxlogClient } from "../client.ts";
import { documentBytesMax, httpBatchAtOnce, httpBatchBytesMax, httpBatchCommandsMax } from "../limits.ts";
import { send } from "./answers.ts";
import { type Declared, object, type Schema, text, word } from "./declared.ts";
import { doneOf, refusalOf } from "./outcomes.ts";
import { Problem, problemOf } from "./problems.ts";
import { type Body, parseJson } from "./request_body.ts";
import { type Route, route } from "./route.ts";
import { ref } from "./schemas.ts";
import type { Services } from "./services.ts";
import { addMembers, origin, reportMembers, retireMembers } from "./site_routes.ts";

const name = text("The site's name");

/** A command that was read, ready to be sent. */
type Run = (client: VaxlogClient) => Promise<{ readonly status: number; readonly body: object }>;

/** A kind of command. */
interface BatchCommand {
  readonly schema: Schema;
  /** Reads one. */
  read(value: unknown): Run;
}

function command<T>(members: Declared<T>, run: (client: VaxlogClient, given: T) => ReturnType<Run>): BatchCommand {
  return {
    schema: members.schema,
    read: (value) => {
      const given = members.read(value, "the command");
      return (client) => run(client, given);
    },
  };
}

/** All kinds, by what stands in `op`. */
const commands: Readonly<Record<string, BatchCommand>> = {
  set: command(
    object({ op: word("What to do", ["set"]), name, ...reportMembers }),
    async (client, { op: _, name, value, ...options }) => {
      const outcome = await client.set(name, value, options);
      return outcome.kind === "site" ? doneOf(outcome) : refused(refusalOf(outcome));
    },
  ),
  add: command(
    object({ op: word("What to do", ["add"]), ...addMembers }),
    async (client, { op: _, name, zip, ...options }) => {
      const outcome = await client.add(name, zip, options);
      return outcome.kind === "site" ? doneOf(outcome) : refused(refusalOf(outcome));
    },
  ),
  retire: command(
    object({ op: word("What to do", ["retire"]), name, ...retireMembers }),
    async (client, { op: _, name, reason, ...options }) => {
      const outcome = await client.retire(name, reason, options);
      return outcome.kind === "site" ? doneOf(outcome) : refused(refusalOf(outcome));
    },
  ),
  reopen: command(
    object({ op: word("What to do", ["reopen"]), name, ...origin }),
    async (client, { op: _, name, ...options }) => {
      const outcome = await client.reopen(name, options);
      return outcome.kind === "site" ? doneOf(outcome) : refused(refusalOf(outcome));
    },
  ),
  document: command(
    object({
      op: word("What to do", ["document"]),
      name,
      document: text("What a feed said of the site", { maxLength: documentBytesMax }),
      ...origin,
    }),
    async (client, { op: _, name, document, ...options }) => {
      const outcome = await client.document(name, document, options);
      return outcome.kind === "site" ? doneOf(outcome) : refused(refusalOf(outcome));
    },
  ),
};

const commandSchema: Schema = { oneOf: Object.values(commands).map(({ schema }) => schema) };

/** The route. */
export function batchRoute({ client, options: { log } }: Services): Route {
  return route({
    methods: ["POST"],
    path: "/api/batch",
    id: "batch",
    summary: "Many commands, in their order",
    description:
      `At most ${httpBatchCommandsMax}, as an array or line by line. Each has an answer of its own; one that ` +
      "is refused does not keep the others from being done.",
    rawBody: {
      "application/json": { type: "array", items: commandSchema, maxItems: httpBatchCommandsMax },
      "application/x-ndjson": commandSchema,
    },
    bodyBytesMax: httpBatchBytesMax,
    answers: {
      200: { description: "A result for each command", schema: { type: "array", items: ref("BatchResult") } },
    },
    handle: async ({ raw }) => {
      const given = readCommands(raw);
      const results: string[] = [];
      for (let at = 0; at < given.length; at += httpBatchAtOnce) {
        results.push(...await Promise.all(given.slice(at, at + httpBatchAtOnce).map(resultOf)));
      }
      if (raw.isLines) return send(200, results.map((result) => `${result}\n`).join(""), "application/x-ndjson");
      return send(200, `[${results.join(",\n")}]`, "application/json");
    },
  });

  async function resultOf(value: unknown): Promise<string> {
    try {
      const { status, body } = await readCommand(value)(client);
      return JSON.stringify({ status, ...body });
    } catch (error) {
      return JSON.stringify(problemOf(error, (error) => log(`A command of a batch met a fault: ${error}`)));
    }
  }
}

function refused(problem: Problem): { readonly status: number; readonly body: object } {
  return { status: problem.status, body: problem.toJSON() };
}

function readCommand(value: unknown): Run {
  const op = typeof value === "object" && value !== null && "op" in value ? value.op : undefined;
  const known = typeof op === "string" && Object.hasOwn(commands, op) ? commands[op] : undefined;
  if (known === undefined) {
    throw new Problem("invalid", `A command is an object whose "op" is ${Object.keys(commands).join(", ")}`);
  }
  return known.read(value);
}

function readCommands({ text, isLines }: Body): readonly unknown[] {
  const given = isLines
    ? text.split("\n").filter((line) => line.trim() !== "").map((line, at) => parseJson(line, `line ${at + 1}`))
    : parseJson(text, "the body");
  if (!Array.isArray(given)) throw new Problem("invalid", "A batch is an array of commands, or a line for each");
  if (given.length > httpBatchCommandsMax) {
    const detail = `The batch has ${given.length} commands: send at most ${httpBatchCommandsMax} at a time`;
    throw new Problem("too-large", detail);
  }
  return given;
}
