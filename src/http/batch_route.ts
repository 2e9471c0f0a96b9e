/**
 * Many commands in one request, in their order: for imports and other programs in a hurry.
 *
 * Each command has an outcome of its own, as it would have alone: a refused command does not keep the others from being
 * done. The response has the form of the request: an array, or a line for each command.
 *
 * @module
 */

import type { DoneOutcome, VaxlogClient } from "../client.ts";
import { httpBatchAtOnce, httpBatchBytesMax, httpBatchCommandsMax } from "../limits.ts";
import { checkDone, doneOf } from "./outcomes.ts";
import { Problem, problemOf } from "./problems.ts";
import { type Body, parseJson } from "./request_body.ts";
import { send } from "./responses.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { either, list, object, type Shape, type Shapes, text, type Values, word } from "./shapes.ts";
import { addMembers, batchResult, documentMembers, notedOrigin, reportMembers, retireMembers } from "./site_shapes.ts";

/** Executes a command that was read. */
type Run = (client: VaxlogClient) => Promise<DoneOutcome>;

/** Reads a command, and makes what executes it. */
function command<S extends Shapes>(
  op: string,
  members: S,
  run: (client: VaxlogClient, given: Values<S>) => Promise<DoneOutcome>,
): Shape<Run> {
  const shape = object({ op: word([op], "What to do"), ...members });
  return {
    ...shape,
    read(value, where) {
      const { op: _, ...given } = shape.read(value, where);
      return (client) => run(client, given as unknown as Values<S>);
    },
  };
}

const name = text("The site's name");

const commands: Readonly<Record<string, Shape<Run>>> = {
  set: command("set", { name, ...reportMembers }, async (client, { name, value, ...options }) => {
    return checkDone(await client.set(name, value, options));
  }),
  add: command("add", addMembers, async (client, { name, zip, ...options }) => {
    return checkDone(await client.add(name, zip, options));
  }),
  retire: command("retire", { name, ...retireMembers }, async (client, { name, reason, ...options }) => {
    return checkDone(await client.retire(name, reason, options));
  }),
  reopen: command("reopen", { name, ...notedOrigin }, async (client, { name, ...options }) => {
    return checkDone(await client.reopen(name, options));
  }),
  document: command("document", { name, ...documentMembers }, async (client, { name, document, ...options }) => {
    return checkDone(await client.document(name, document, options));
  }),
};

const anyCommand = either(Object.values(commands), "a command");

/** The route. */
export function batchRoute({ client, options: { log } }: Services): Route {
  return route({
    methods: ["POST"],
    path: "/api/batch",
    id: "batch",
    summary: "Many commands, in their order",
    description:
      `At most ${httpBatchCommandsMax}, as an array or line by line. Each has an outcome of its own; a refused command ` +
      "does not keep the others from being done.",
    rawBody: {
      "application/json": list(anyCommand, undefined, { maxItems: httpBatchCommandsMax }),
      "application/x-ndjson": anyCommand,
    },
    bodyBytesMax: httpBatchBytesMax,
    responses: { 200: { description: "The outcome of each command", body: list(batchResult) } },
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
      const { status, body } = doneOf(await readCommand(value)(client));
      return JSON.stringify({ status, ...body });
    } catch (error) {
      return JSON.stringify(problemOf(error, (error) => log(`A command of a batch met a fault: ${error}`)));
    }
  }
}

function readCommand(value: unknown): Run {
  const op = typeof value === "object" && value !== null && "op" in value ? value.op : undefined;
  const known = typeof op === "string" && Object.hasOwn(commands, op) ? commands[op] : undefined;
  if (known === undefined) {
    throw new Problem("invalid", `A command is an object whose "op" is ${Object.keys(commands).join(", ")}`);
  }
  return known.read(value, "the command");
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
