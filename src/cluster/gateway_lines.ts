/**
 * What the launcher and its gateway say to each other: a line of JSON each, over the gateway's standard input and output.
 *
 * The token comes this way too, since others on the machine can read the arguments of a process.
 *
 * @module
 */

import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import { ControlError } from "./control.ts";

/** Bytes of a line. */
export const gatewayLineBytesMax: number = 64 * 1024;

/** Where a gateway is to be, and of what. */
export interface GatewayPlace {
  /** `host:port` of replicas. */
  readonly addresses: readonly string[];
  /** What it is bound to. */
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where others reach it, with `/` at its end; absent: at what they ask for. */
  readonly publicUrl?: string;
  /** What whoever kills or starts replicas must have. */
  readonly token: string;
  /** Whether it logs what it refuses, in the directory that it works in; absent: it does not. */
  readonly hasLog?: boolean;
  /** Where the log is, or how one is had, for people; absent: that is not said. */
  readonly logHint?: string;
}

/** From the launcher. */
export type GatewayTell =
  | { readonly tell: "serve"; readonly place: GatewayPlace }
  | { readonly tell: "answer"; readonly id: number; readonly answer: LauncherAnswer };

/** From the gateway. */
export type GatewaySay =
  /** Whoever knows the port can ask it now; the URL has a slash at its end. */
  | { readonly say: "listening"; readonly port: number; readonly url: string }
  /** It cannot go on. */
  | { readonly say: "fatal"; readonly message: string }
  | { readonly say: "ask"; readonly id: number; readonly action: LauncherAction };

/** A message as a line, with its end. */
export function encodeGatewayLine(message: GatewayTell | GatewaySay): string {
  return `${JSON.stringify(message)}\n`;
}

/**
 * Reads a line from the launcher, which is believed what it says.
 *
 * @throws {ControlError} if it is no message.
 */
export function parseGatewayTell(line: string): GatewayTell {
  const message = parse(line);
  if (message.tell === "serve" || message.tell === "answer") return message as GatewayTell;
  throw nonsense(line);
}

/**
 * Reads a line from a gateway.
 *
 * @throws {ControlError} if it is no message.
 */
export function parseGatewaySay(line: string): GatewaySay {
  const { say, port, url, message, id, action } = parse(line);
  if (say === "listening" && isCount(port) && typeof url === "string") return { say, port, url };
  if (say === "fatal" && typeof message === "string") return { say, message };
  if (say === "ask" && isCount(id)) {
    const asked = actionOf(action);
    if (asked !== undefined) return { say, id, action: asked };
  }
  throw nonsense(line);
}

function actionOf(action: unknown): LauncherAction | undefined {
  if (typeof action !== "object" || action === null || !("what" in action)) return undefined;
  const { what } = action;
  if (what === "add" || what === "rows") return { what };
  if ((what !== "kill" && what !== "restart") || !("slot" in action) || !isCount(action.slot)) return undefined;
  return { what, slot: action.slot };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(line: string): Record<string, unknown> {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw nonsense(line);
  }
  if (typeof message !== "object" || message === null) throw nonsense(line);
  return message as Record<string, unknown>;
}

function nonsense(line: string): ControlError {
  return new ControlError(`Cannot read ${JSON.stringify(line.slice(0, 80))} as a line between launcher and gateway`);
}
