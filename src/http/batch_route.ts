/**
 * Many commands in one request, in their order: for imports and other programs in a hurry.
 *
 * Each command has an outcome of its own, as it would have alone: a refused command does not keep the others from being
 * done. The response has the form of the request: an array, or a line for each command.
 *
 * @module
 */

import {
  type AddOutcome,
  type EditOutcome,
  KeyReusedError,
  type SetOutcome,
  ValueError,
  type VaxlogClient,
} from "../library/client.ts";
import { checkDone, doneOf } from "./outcomes.ts";
import { MeantSites } from "./meant_sites.ts";
import { HttpProblem, problemOf } from "./problems.ts";
import { type Body, parseJson } from "./request_body.ts";
import { send } from "./responses.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { list, optional, text, variants } from "./shapes.ts";
import { batchResult, changes, name, reportIn } from "./site_shapes.ts";

/** Bytes of the body of a batch over HTTP. */
const httpBatchBytesMax = 4 * 1024 * 1024;

/** Commands in a batch over HTTP. */
const httpBatchCommandsMax = 10_000;

/** Commands of one batch that are under way at a time. Others get their turn, and one request holds fewer. */
const httpBatchAtOnce = 1_024;

const { name: _, ...edits } = changes.edit;

/** A command of a batch. */
export const batchCommand = variants("A command", "op", {
  set: { name, ...changes.set },
  add: changes.add,
  retire: { name, ...changes.retire },
  reopen: { name, ...changes.reopen },
  document: { name, ...changes.document },
  edit: { name, newName: optional(text("Another name")), ...edits },
  merge: { name, ...changes.merge },
  unmerge: { name, ...changes.unmerge },
});

/** A command of a batch, read. */
export type BatchCommand = ReturnType<typeof batchCommand.read>;

/** The route. */
export function batchRoute({ options: { log } }: Services): Route {
  return route(["POST"], "/api/batch", {
    id: "batch",
    summary: "Execute many commands, in their order",
    description:
      `At most ${httpBatchCommandsMax}, as an array or line by line. Each has an outcome of its own: a refused ` +
      "command does not keep the others from being done.",
    rawBody: {
      "application/json": list(batchCommand, undefined, { maxItems: httpBatchCommandsMax }),
      "application/x-ndjson": batchCommand,
    },
    bodyBytesMax: httpBatchBytesMax,
    responses: { 200: { description: "The outcome of each command", body: list(batchResult) } },
    handle: async ({ raw, client }) => {
      const given = readCommands(raw);
      const meant = new MeantSites(client);
      const results: string[] = [];
      for (let at = 0; at < given.length; at += httpBatchAtOnce) {
        const some = given.slice(at, at + httpBatchAtOnce);
        results.push(...await Promise.all(some.map((value) => resultOf(client, value, meant))));
      }
      if (raw.isLines) return send(200, results.map((result) => `${result}\n`).join(""), "application/x-ndjson");
      return send(200, `[${results.join(",\n")}]`, "application/json");
    },
  });

  function execute(client: VaxlogClient, command: BatchCommand): Promise<SetOutcome | AddOutcome | EditOutcome> {
    switch (command.op) {
      case "set":
        return client.set(command.name, command.value, reportIn(command));
      case "add":
        return client.add(command.name, command.zip, command);
      case "retire":
        return client.retire(command.name, command.reason, command);
      case "reopen":
        return client.reopen(command.name, command);
      case "document":
        return client.document(command.name, command.document, command);
      case "edit":
        return client.edit(command.name, { ...command, name: command.newName });
      case "merge":
        return client.merge(command.name, command.into, command);
      case "unmerge":
        return client.unmerge(command.name, command);
    }
  }

  async function resultOf(client: VaxlogClient, value: unknown, meant: MeantSites): Promise<string> {
    try {
      const { status, body } = doneOf(checkDone(await execute(client, batchCommand.read(value, "the command"))));
      return JSON.stringify({ status, ...body });
    } catch (thrown) {
      // Another request came with the key: that is not a fault of one command.
      if (thrown instanceof KeyReusedError) throw thrown;
      const error = await meant.told(thrown);
      return JSON.stringify(problemOf(error, (error) => log(`A command of a batch met a fault: ${error}`)));
    }
  }
}

function readCommands({ text, isLines }: Body): readonly unknown[] {
  const given = isLines
    ? text.split("\n").filter((line) => line.trim() !== "").map((line, at) => parseJson(line, `line ${at + 1}`))
    : parseJson(text, "the body");
  if (!Array.isArray(given)) throw new ValueError("A batch is an array of commands, or a line for each");
  if (given.length > httpBatchCommandsMax) {
    const detail = `The batch has ${given.length} commands: send at most ${httpBatchCommandsMax} at a time`;
    throw new HttpProblem("too-large", detail);
  }
  return given;
}
