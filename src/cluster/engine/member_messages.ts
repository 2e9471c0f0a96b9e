/**
 * What the launcher and the keeper of a member of etcd tell each other, over the road of `runtime/control.ts`.
 *
 * etcd does not notice that its parent has ended. So each member has a keeper, a process that starts it and that ends
 * it when its own standard input ends: no member outlives the launcher.
 *
 * A keeper says at which `ports` its member will listen; when all have, each is told to `run` it. It says `running`,
 * and `ready` when a majority answers. When the member ends, for whatever reason, the keeper says `ended`, and stays:
 * it may be told to `run` the member again.
 *
 * @module
 */

import {
  isCount,
  isList,
  isMatch,
  isOneOf,
  isPort,
  isRecordOf,
  isText,
  type Messages,
  parserOf,
} from "../../runtime/control.ts";

const isName = isMatch(/^[\w-]{1,32}$/);

const says = {
  /** The member will listen at these, for nodes and for the other members; nobody else does now. */
  ports: { client: isPort, peer: isPort },
  running: { pid: isCount },
  ready: {},
  /** The end of a sentence that begins with the member. */
  ended: { cause: isText },
  /** The keeper itself failed, and exits. */
  fatal: { message: isText },
};

const tells = {
  /** Start it, as one of these `members`; `token` is the same for all of them, and new for each new etcd. */
  run: {
    name: isName,
    token: isName,
    members: isList(isRecordOf({ name: isName, peer: isPort })),
    state: isOneOf("new", "existing"),
  },
  /** Send it SIGKILL. */
  kill: {},
};

/** A keeper to the launcher. */
export type MemberSay = Messages<typeof says, "say">;

/** The launcher to a keeper. */
export type MemberTell = Messages<typeof tells, "tell">;

/** Reads what a keeper says. */
export const parseMemberSay: (line: string) => MemberSay = parserOf("say", says);

/** Reads what a keeper is told. */
export const parseMemberTell: (line: string) => MemberTell = parserOf("tell", tells);
