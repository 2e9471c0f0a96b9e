/**
 * The settings: how a program is to run, which it is told at each start. A setting is typed as a flag, or else comes
 * from its variable of the environment, as service managers and containers give it.
 *
 * This table is the one home of flags, variables, defaults and meanings. The help, the table of
 * `docs/reference/settings.md` and the permissions of the tasks in `deno.json` follow from it. A flag that is meant for
 * one start has no variable: an environment file would repeat it at each restart. A variable never has a secret, but
 * may name the file of one.
 *
 * @module
 */

import { historyMemoryBytes, staleAfterMs, suspectAfterMs } from "../limits.ts";
import { loopback } from "./listening.ts";
import { formatSize } from "./sizes.ts";
import { formatSpan } from "./spans.ts";
import { nameOf, type Option } from "./typed_command.ts";

/** What takes a setting: a program, or one of its commands. */
export type SettingUser = "servers" | "servers token" | "client" | "client serve";

/** A row of the table. */
export interface Setting {
  /** What its value is called; absent: it takes none, and is on or off. */
  readonly value?: string;
  /** What it is or does. */
  readonly help: string;
  /** What counts where it is not given; absent: nothing. */
  readonly usual?: string;
  /** What takes it. */
  readonly of: readonly SettingUser[];
  /** Whether it is meant for one start, so that it has no variable. */
  readonly isOnce?: boolean;
  /** As it was typed before; absent: it always had this name. */
  readonly formerName?: string;
}

/** The port of replica 0, unless another is asked for. */
export const defaultBasePort = 8892;

/** What a gateway takes, whoever starts it. */
const gateway: readonly SettingUser[] = ["servers", "client serve"];

const table = {
  basePort: {
    value: "PORT",
    help: `first port: replica or node i listens at ${loopback}, port PORT + i; 0: free ports`,
    usual: `${defaultBasePort}`,
    of: ["servers"],
  },
  data: {
    value: "DIR",
    help: "keep all data in DIR, and start from the data there; by default, keep them in memory",
    of: ["servers", "servers token"],
  },
  forceFrom: {
    value: "ID",
    help: "with --data: start from that replica alone, and give up what only others may have",
    of: ["servers"],
    isOnce: true,
  },
  restore: {
    value: "FILE",
    help: "start from a backup, or from the newest in a directory of them; with --data, in an empty DIR; with " +
      "--engine, where there is no order yet",
    of: ["servers"],
    isOnce: true,
  },
  until: {
    value: "WHEN",
    help: "with --restore: end with that entry (its number), or before the first entry recorded after a time",
    of: ["servers"],
    isOnce: true,
  },
  historyMemory: {
    value: "SIZE",
    help: "without --data: memory for the history, such as 512MiB or 2GiB",
    usual: formatSize(historyMemoryBytes),
    of: ["servers"],
  },
  logDir: {
    value: "DIR",
    help: "write what replica i executes to DIR/replica-i.log, and what the gateway refuses to DIR/gateway.log",
    of: ["servers"],
  },
  logFormat: {
    value: "FORMAT",
    help: "write what happens, and the logs, as text, or as json: one object a line",
    usual: "text",
    of: gateway,
  },
  logLevel: {
    value: "LEVEL",
    help: "leave out what matters less: debug, info, warn or error",
    usual: "info",
    of: ["servers"],
  },
  suspectAfter: {
    value: "SECONDS",
    help: "kill a replica that gives no answer for that long",
    usual: `${suspectAfterMs / 1000}`,
    of: ["servers"],
  },
  engine: {
    value: "WHERE",
    help: "start nodes, which use the order that etcd keeps: etcd starts one here, to try it out; " +
      "or etcd://HOST:PORT,.../PREFIX, or etcds:// with TLS",
    of: ["servers"],
  },
  engineData: {
    value: "DIR",
    help: "with --engine etcd: keep the data of its members in DIR; by default, they are removed in the end",
    of: ["servers"],
  },
  etcd: {
    value: "FILE",
    help: "with --engine etcd: the program to start; by default, the etcd on the PATH",
    of: ["servers"],
  },
  engineCa: {
    value: "FILE",
    help: "with etcds://: certificates of the authorities to trust, as PEM; by default, those of Deno",
    of: ["servers"],
  },
  engineCert: { value: "FILE", help: "with etcds://: the certificate that nodes show, as PEM", of: ["servers"] },
  engineKey: { value: "FILE", help: "with --engine-cert: the key of it, as PEM", of: ["servers"] },
  engineUser: { value: "NAME", help: "with etcds://: the user of etcd that nodes are", of: ["servers"] },
  enginePasswordFile: {
    value: "FILE",
    help: "with --engine-user: the password, in a file that only you can read",
    of: ["servers"],
  },
  nodeHost: {
    value: "ADDR",
    help:
      "with --engine: address of this machine at which nodes listen for clients; others than 127.0.0.1 need --tls-dir",
    usual: loopback,
    of: ["servers"],
  },
  accessDir: {
    value: "DIR",
    help: "with --engine: keep tokens in DIR, so that some can be added",
    of: ["servers", "servers token"],
  },
  http: {
    value: "PORT",
    help: "port of the gateway, which serves a page, and JSON over HTTP; 0: any free port",
    of: gateway,
  },
  httpHost: {
    value: "HOST",
    help: "address of this machine at which the gateway listens; others than this one let other machines reach it",
    usual: loopback,
    of: gateway,
    formerName: "--host",
  },
  tlsDir: {
    value: "DIR",
    help: "serve HTTPS with node.crt and node.key in DIR; deno task servers cert makes them for a trial",
    of: gateway,
  },
  insecure: {
    help: "let other machines reach the gateway without TLS, so that anyone between can read tokens",
    of: gateway,
  },
  publicRead: { help: "let anyone read without a token; changes need one all the same", of: gateway },
  publicUrl: {
    value: "URL",
    help: "URL of the gateway for others, such as behind a proxy; by default, the host that they ask for",
    of: gateway,
  },
  cors: { help: "let pages of other origins read the published feed", of: gateway },
  staleAfter: {
    value: "AGE",
    help: "in the feed, say nothing of sites that were observed longer ago than this",
    usual: formatSpan(staleAfterMs),
    of: gateway,
  },
  authFile: {
    value: "FILE",
    help: "let those in whose tokens FILE names, such as auth.json in the data directory of the servers",
    of: ["client serve"],
  },
  detach: { help: "continue when the program that started this one ends", of: ["servers"] },
  tlsCa: {
    value: "FILE",
    help: "use TLS, with nodes on other machines, whose certificates an authority in FILE has signed",
    of: ["client"],
  },
  tokenFile: { value: "FILE", help: "show the token in FILE, in place of the usual one", of: ["client"] },
} as const satisfies Readonly<Record<string, Setting>>;

/** The name of a setting, in camel case: `basePort` is typed `--base-port`. */
export type SettingName = keyof typeof table;

/** A setting with its names. */
export type NamedSetting = Setting & {
  readonly flag: string;
  /** Its variable of the environment; undefined: it has none. */
  readonly variable: string | undefined;
};

/** All settings, as they are told. */
export const settings: readonly NamedSetting[] = Object.entries<Setting>(table).map(([key, setting]) => ({
  ...setting,
  flag: nameOf(key),
  variable: setting.isOnce ? undefined : variableOf(nameOf(key)),
}));

/** The variables that some programs or commands read. */
export function variablesOf(...users: readonly SettingUser[]): string[] {
  const read = settings.filter(({ of }) => of.some((user) => users.includes(user)));
  return read.flatMap(({ variable }) => variable ?? []);
}

/** Declares the option of a setting with a value. */
export function setting<T>(name: SettingName, read: Option<T>["read"]): Option<T> {
  const { value, help, usual, isOnce, formerName }: Setting = table[name];
  return {
    value,
    help: usual === undefined ? help : `${help} (${usual})`,
    formerName,
    variable: isOnce ? undefined : variableOf(nameOf(name)),
    read,
  };
}

/** Declares the option of a setting that is on or off. */
export function switchOf(name: SettingName): Option<true> {
  return setting(name, () => true);
}

/** `--base-port` as a variable: `VAXLOG_BASE_PORT`. */
function variableOf(flag: string): string {
  return `VAXLOG_${flag.slice(2).toUpperCase().replaceAll("-", "_")}`;
}
