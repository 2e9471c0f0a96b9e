/**
 * Frames that no correct client or replica would send.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import type { ClientMessage, MeshMessage } from "../../src/protocol/wire/messages.ts";
import type { Connection, SimClient, SimReplica } from "../simulator/world.ts";
import { describe } from "../../src/simulator/describe.ts";
import { firstUid } from "../../src/uid.ts";
import { count, ScenarioError } from "./words.ts";

/** The script that wants a frame to be sent. */
interface Script {
  readonly trace: string[];
  replica(name: string): SimReplica;
  client(name: string): SimClient;
  connection(client: string, replica: string): Connection;
}

/**
 * Makes a process send a frame.
 *
 * - From a client, RESUME, REQUEST, CLOCK or READ. Fields that are not given are modest. `command` is the number of the
 *   command, which no other command may have; 0 is a read. `bytes` makes it longer.
 * - From a replica, INSTALL with `v=V members=R,R... cut=C#SEQ,...`.
 * - From a replica, EXECUTED with `requests=N`, as if it had executed N other requests in view 1.
 */
export function forge(script: Script, [from, to]: [string, string], kind: string, given: readonly string[]): void {
  const values = new Map(given.map((pair) => pair.split("=") as [string, string]));
  if (kind === "INSTALL" || kind === "EXECUTED") {
    const message = kind === "INSTALL" ? installOf(script, values) : executedOf(values);
    script.trace.push(`${from} is made to send: ${describe(message)}`);
    script.replica(to).from.get(script.replica(from).id)!.push(message);
  } else {
    const message = messageOf(kind, values);
    script.trace.push(`${from} is made to send: ${describe(message)}`);
    script.connection(from, to).toReplica.push(message);
  }
}

function installOf(script: Script, values: ReadonlyMap<string, string>): MeshMessage {
  const members = values.get("members")!.split(",").map((name) => {
    const { id, address } = script.replica(name);
    return { id, address };
  });
  const cut = values.get("cut")!.split(",").map((each) => {
    const [client, seq] = each.split("#");
    return { client: script.client(client).id, seq: count(seq) };
  });
  return { kind: "INSTALL", decision: { v: count(values.get("v")!), members, clock: 0, cut, expired: [] } };
}

function executedOf(values: ReadonlyMap<string, string>): MeshMessage {
  return { kind: "EXECUTED", position: { v: 1, requests: count(values.get("requests")!), digest: 0 }, upTo: firstUid };
}

function messageOf(kind: string, values: ReadonlyMap<string, string>): ClientMessage {
  const left = new Map(values);
  const number = (field: string, otherwise: number) => {
    const value = left.get(field);
    left.delete(field);
    return value === undefined ? otherwise : Number(value);
  };
  const v = number("v", 1);
  const message = framed(kind, v, number, left.delete("suspend"));
  for (const [field] of left) throw new ScenarioError(`"${kind}" has no field "${field}" to forge`);
  return message;
}

function framed(
  kind: string,
  v: number,
  number: (field: string, otherwise: number) => number,
  suspend: boolean,
): ClientMessage {
  switch (kind) {
    case "RESUME":
      return { kind, v, ts: number("ts", 1), done: number("done", 0) };
    case "REQUEST": {
      const ts = number("ts", 1);
      const commands = batch(number("command", 1_000_000), number("bytes", 0));
      const [seq, upto, done] = [number("seq", 1), number("upto", ts), number("done", 0)];
      return { kind, v, seq, ts, upto, done, end: false, commands };
    }
    case "CLOCK":
      return { kind, v, ts: number("ts", 1), done: number("done", 0), suspend };
    case "READ":
      return { kind, v, rid: number("rid", 1), after: number("after", 0), commands: batch(number("command", 0), 0) };
    default:
      throw new ScenarioError(`"${kind}" cannot be forged`);
  }
}

/** A batch of one command. */
function batch(number: number, bytes: number): Uint8Array {
  const command = new ByteWriter();
  command.varint(number);
  command.raw(new Uint8Array(bytes));
  const commands = new ByteWriter();
  commands.blob(command.view());
  return commands.copy();
}
