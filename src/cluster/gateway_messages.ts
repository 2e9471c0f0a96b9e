/**
 * What the launcher and its gateway tell each other, over the road of `runtime/control.ts`.
 *
 * The gateway is told where to `serve`, and says `listening`. From then on it may `ask` the launcher for something,
 * several things at a time, and is told each `answer`. When its certificate is renewed, it is told to `renew` that.
 *
 * @module
 */

import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import type { LineFormat } from "../front/announcement.ts";
import type { TlsPair } from "../http/tls.ts";
import type { PlainEntry } from "../access/auth_entries.ts";
import type { GatewayAddress } from "./arguments.ts";
import { isAccess } from "./replica_messages.ts";
import { check, isCount, isPort, isRecord, isText, type Messages, parserOf } from "../runtime/control.ts";

/** Where a gateway is to be, and of what. */
export interface GatewayPlace extends Omit<GatewayAddress, "tlsDir"> {
  /** What it serves TLS with; absent: it serves without. */
  readonly tls?: TlsPair;
  /** `host:port` of replicas. */
  readonly addresses: readonly string[];
  /** Certificates that have signed those of nodes, in PEM; absent: links have no TLS. */
  readonly authorities?: readonly string[];
  /** The token of the printed link. */
  readonly token: string;
  /** The text of the token that its session shows to replicas. */
  readonly sessionToken: string;
  /** The tokens that count. */
  readonly access: readonly PlainEntry[];
  /** Where it logs what it refuses, by its name for people, and works; absent: it does not. */
  readonly logDir?: string;
  /** How it writes that; absent: as text. */
  readonly logFormat?: LineFormat;
}

const isAction = check<LauncherAction>((value) =>
  isRecord(value) &&
  (value.what === "add" || value.what === "rows" ||
    ((value.what === "kill" || value.what === "restart") && isCount(value.slot)))
);

const says = {
  /** It serves at this port; the URL has a slash at its end. */
  listening: { port: isPort, url: isText },
  /** It failed, and exits. */
  fatal: { message: isText },
  ask: { id: isCount, action: isAction },
};

// A gateway believes what its launcher tells it.
const tells = {
  serve: { place: check<GatewayPlace>(isRecord) },
  answer: { id: isCount, answer: check<LauncherAnswer>(isRecord) },
  renew: { tls: check<TlsPair>(isRecord) },
  /** Other tokens count from now on. */
  access: { access: isAccess },
};

/** The gateway to the launcher. */
export type GatewaySay = Messages<typeof says, "say">;

/** The launcher to the gateway. */
export type GatewayTell = Messages<typeof tells, "tell">;

/** Reads what a gateway says. */
export const parseGatewaySay: (line: string) => GatewaySay = parserOf("say", says);

/** Reads what a gateway is told. */
export const parseGatewayTell: (line: string) => GatewayTell = parserOf("tell", tells);
