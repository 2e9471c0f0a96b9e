/**
 * Where the engine is, as it is typed: `etcd`, or the URL of an etcd that runs.
 *
 * @module
 */

import { portMax } from "../../front/listening.ts";
import { wrongValue } from "../../front/usage_error.ts";
import { quotedShort } from "../../quoted.ts";

/** An etcd that somebody else runs. */
export interface EtcdPlace {
  /** Its members: `http://host:port` or `https://host:port`. */
  readonly endpoints: readonly string[];
  /** What all keys of the cluster begin with; it begins with a slash, and does not end with one. */
  readonly prefix: string;
  /** Whether its members are reached by TLS. */
  readonly isTls: boolean;
}

/** Where the engine is: `local` is an etcd that the launcher starts on this machine, to try it out. */
export type EngineWhere = "local" | EtcdPlace;

/** The port at which etcd listens for clients, unless the URL says another one. */
const usualPort = 2379;

/** What all keys begin with, unless the URL says so. */
export const usualPrefix = "/vaxlog";

/** Members of one etcd. */
const membersMax = 9;

/** Characters of a prefix. */
const prefixMax = 200;

const example = "such as etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/vaxlog";

/**
 * Reads where the engine is.
 *
 * @param name what the value belongs to: `--engine`.
 * @throws {UsageError} if it is neither `etcd` nor the URL of one.
 */
export function readEngine(typed: string, _now: number, name: string): EngineWhere {
  if (typed === "etcd") return "local";
  const url = /^(etcds?):\/\/([^/]*)(.*)$/s.exec(typed);
  // It may have a password in it.
  const shown = typed.replace(/\/\/.*@/s, "//...@");
  const wrong = (why: string) => wrongValue(name, shown, why);
  if (url === null) {
    const what =
      'it must be etcd, which starts one on this machine, or the URL of one that runs, "etcd://" or "etcds://"';
    throw wrong(`${what}, ${example}`);
  }
  const [, scheme, authority, path] = url;
  if (shown !== typed) throw wrong("a user is named with --engine-user NAME and --engine-password-file FILE");
  if (authority === "") throw wrong(`it names no member of etcd: give host and port of each, ${example}`);
  const hosts = authority.split(",").map((member) => hostAndPort(member) ?? member);
  const unread = hosts.find((host) => typeof host === "string");
  if (unread === "") throw wrong("it has a comma with no member of etcd before or after it");
  if (typeof unread === "string") throw wrong(`${quotedShort(unread)} is not a host with a port, ${example}`);
  const protocol = scheme === "etcds" ? "https" : "http";
  const endpoints = hosts.map((host) => `${protocol}://${(host as HostAndPort).join(":")}`);
  const twice = endpoints.find((endpoint, at) => endpoints.indexOf(endpoint) < at);
  if (twice !== undefined) throw wrong(`it names ${twice.replace(/^https?:\/\//, "")} twice: name each member once`);
  if (endpoints.length > membersMax) throw wrong(`it names more than ${membersMax} members, the most that are used`);
  return { endpoints, prefix: prefixOf(path, wrong), isTls: scheme === "etcds" };
}

type HostAndPort = readonly [host: string, port: number];

/** Reads a member; undefined: it is none. */
function hostAndPort(text: string): HostAndPort | undefined {
  const found = /^([A-Za-z0-9](?:[\w.-]*\w)?|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text);
  if (found === null || !URL.canParse(`http://${text}`)) return undefined;
  const port = found[2] === undefined ? usualPort : Number(found[2]);
  return port >= 1 && port <= portMax ? [found[1].toLowerCase(), port] : undefined;
}

/** Reads what follows the members. @throws {UsageError} if it cannot be a prefix. */
function prefixOf(path: string, wrong: (why: string) => Error): string {
  if (path === "" || path === "/") return usualPrefix;
  if (/^(?:\/[\w.-]+)+$/.test(path) && path.length <= prefixMax) return path;
  const allowed = "letters, digits, dots, hyphens and underscores, with a slash between its words";
  throw wrong(`the prefix of its keys must be ${allowed}, such as /vaxlog, and have ${prefixMax} characters at most`);
}
