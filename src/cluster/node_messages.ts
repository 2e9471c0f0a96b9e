/**
 * What the launcher and a node tell each other, over the road of `runtime/control.ts`.
 *
 * How a node starts: it is told to `listen`, and says `listening`. Then it is told of its `engine`, and `form`. From
 * then on it answers each `ping` and each `status`, and tells programs that ask over TCP how it is; sessions wait. When
 * it has opened the order, and has caught up with it for the first time, it says `ready`, and serves clients. That may
 * never happen: nobody knows how long the engine has no majority.
 *
 * A node that has found something that a person must look at says `halted`. It stays, tells how it is, and declines
 * everything else with the reason.
 *
 * How a node stops: it may be told `rest`, which ends the links of its clients, so that they go to other nodes. Then
 * its standard input ends.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../bytes.ts";
import type { NodeStatus } from "../engine/wire/node_messages.ts";
import { decodeAny, encodeAny } from "../net/wire.ts";
import {
  check,
  ControlError,
  isCount,
  isHex,
  isList,
  isMatch,
  isOptional,
  isPort,
  isText,
  type Messages,
  parserOf,
} from "../runtime/control.ts";
import { isAccess } from "./replica_messages.ts";

const isTrue = check<true>((value) => value === true);

const says = {
  /** It accepts links at this port. */
  listening: { port: isPort },
  /** It has all records that there were when it asked, and serves clients from now on. `cluster`: that of the order. */
  ready: { cluster: isHex(16) },
  /** It has stopped for good, and declines everything; its process stays. Said once, before or after `ready`. */
  halted: { reason: isText },
  /**
   * The answer to the ping of this number. `lag`: records that it knows of and has not applied. `ready` and `halted`:
   * whether it has said so; absent: no.
   */
  pong: { n: isCount, lag: isCount, ready: isOptional(isTrue), halted: isOptional(isTrue) },
  /** The answer to the question of this number, within a second: see {@link nodeStatusText}. */
  status: { n: isCount, status: isText },
  /** It failed, and exits. */
  fatal: { message: isText },
};

/**
 * How a process reaches the engine. `endpoints`: `http://host:port` or `https://host:port`; it must be allowed to reach
 * them. `user` and `password`: both or none. `ca`: certificates to trust, as PEM; absent: those of Deno. `cert` and
 * `key`: its own certificate for TLS, as PEM; both or none.
 */
export const engineFields = {
  endpoints: isList(isMatch(/^https?:\/\/[^\s/,]+:\d{1,5}$/)),
  prefix: isMatch(/^(?:\/[\w.-]+)+$/),
  user: isOptional(isText),
  password: isOptional(isText),
  ca: isOptional(isText),
  cert: isOptional(isText),
  key: isOptional(isText),
};

const tells = {
  /** The first message. Its links have TLS with `cert` and `key`, as PEM; both or none. Then it listens. */
  listen: { cert: isOptional(isText), key: isOptional(isText) },
  /** How it reaches the engine, before `form`. */
  engine: engineFields,
  /**
   * Its name, which no start of any node has had before (see {@link newNodeName}); `address`, where clients and the
   * page reach it, which other nodes tell their clients; and the tokens that count.
   */
  form: {
    name: isMatch(/^[0-9A-Za-z-]{1,64}$/),
    address: isMatch(/^[^\s]+:\d{1,5}$/),
    access: isAccess,
  },
  /** Other tokens count from now on. */
  access: { access: isAccess },
  /** Asks for a `pong` with the same number. */
  ping: { n: isCount },
  /** It is going to be stopped: nothing more is taken from clients, and their links end. */
  rest: {},
  /** Asks for a `status` with the same number. */
  status: { n: isCount },
};

/** A node to the launcher. */
export type NodeSay = Messages<typeof says, "say">;

/** The launcher to a node. */
export type NodeTell = Messages<typeof tells, "tell">;

/** Reads what a node says. */
export const parseNodeSay: (line: string) => NodeSay = parserOf("say", says);

/** Reads what a node is told. */
export const parseNodeTell: (line: string) => NodeTell = parserOf("tell", tells);

/** A name for one start of a node: people know the node by its beginning. */
export function newNodeName(beginning: string): string {
  return `${beginning}-${crypto.getRandomValues(new Uint8Array(5)).toHex()}`;
}

/** A status as a control line has it: the message that programs get that ask over TCP, in hexadecimal digits. */
export function nodeStatusText(status: NodeStatus): string {
  const writer = new ByteWriter();
  encodeAny(writer, status);
  return writer.view().toHex();
}

/**
 * Reads a status.
 *
 * @throws {ControlError} if the text is not one.
 */
export function parseNodeStatus(text: string): NodeStatus {
  try {
    const message = decodeAny(Uint8Array.fromHex(text));
    if (message.kind === "NODE_IS") return message;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
  }
  throw new ControlError("Cannot read the status of a node");
}
