/**
 * The flags of nodes, which replay an order that an engine keeps, and which of the others go with them.
 *
 * @module
 */

import { isLoopback, loopback, portMax, readHost } from "../../front/listening.ts";
import { readName } from "../../front/readers.ts";
import { setting } from "../../front/settings.ts";
import { UsageError, wrongValue } from "../../front/usage_error.ts";
import { quoted } from "../../quoted.ts";
import { type EngineWhere, type EtcdPlace, readEngine } from "./engine_url.ts";
import { lastMemberPort } from "./member_ports.ts";

/** What nodes are started with. */
export interface EngineOptions {
  readonly where: LocalEtcd | RemoteEtcd;
  /** The address of this machine at which nodes listen for clients. */
  readonly nodeHost: string;
  /** The directory of the certificate with which nodes serve TLS; absent: they listen on this machine alone. */
  readonly nodeTlsDir?: string;
  /** The directory of the tokens; undefined: there are only those of this launcher. */
  readonly accessDir: string | undefined;
}

/** Members of etcd that the launcher starts on this machine, to try it out. */
export interface LocalEtcd {
  readonly kind: "local";
  /** The program; undefined: the one on the PATH. */
  readonly program: string | undefined;
  /** Where the members keep their data; undefined: in a directory that is removed in the end. */
  readonly dataDir: string | undefined;
}

/** An etcd that somebody else runs, with the files that its users need. */
export interface RemoteEtcd extends EtcdPlace {
  readonly kind: "remote";
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
}

/** The flags as options of a command. */
export const engineFlags = {
  engine: setting("engine", readEngine),
  engineData: setting("engineData", readName("a directory")),
  etcd: setting("etcd", readName("a program")),
  engineCa: setting("engineCa", readName("a file with certificates")),
  engineCert: setting("engineCert", readName("a file with a certificate")),
  engineKey: setting("engineKey", readName("a file with a key")),
  engineUser: setting("engineUser", readName("a user of etcd")),
  enginePasswordFile: setting("enginePasswordFile", readName("a file with a password")),
  nodeHost: setting("nodeHost", readHost),
  accessDir: setting("accessDir", readName("a directory")),
};

type EngineValues = { readonly [N in Exclude<keyof typeof engineFlags, "engine">]?: string } & {
  readonly engine?: EngineWhere;
};

/** What only replicas take, and what to do instead. */
const ofReplicas = {
  data: "etcd keeps the data of nodes: leave it out, and give --access-dir DIR if you want to add tokens",
  forceFrom: "nodes have no data of their own to start from: leave it out",
  historyMemory: "all nodes of a cluster must have the same memory for the history, so it is as usual: leave it out",
  suspectAfter: "a node that gives no answer is killed after 30 s, and clients use another one before: leave it out",
} as const;

/** What else is given, as far as it matters to nodes. */
export type OtherValues = { readonly [N in keyof typeof ofReplicas | "logDir" | "http"]?: unknown } & {
  readonly tlsDir?: string;
};

/** What an option is called by the person who gave it. */
export type EngineLabel = (
  option: keyof typeof engineFlags | keyof typeof ofReplicas | "logDir" | "basePort" | "tlsDir",
) => string;

/** The flags that need something else than an engine of any kind. */
const needing: readonly (readonly [keyof EngineValues, "local" | "tls"])[] = [
  ["engineData", "local"],
  ["etcd", "local"],
  ["engineCa", "tls"],
  ["engineCert", "tls"],
  ["engineKey", "tls"],
  ["engineUser", "tls"],
  ["enginePasswordFile", "tls"],
];

/** Flags that go together. */
const pairs: readonly (readonly [keyof EngineValues, keyof EngineValues, what: string])[] = [
  ["engineCert", "engineKey", "--engine-key FILE: the key of that certificate"],
  ["engineKey", "engineCert", "--engine-cert FILE: the certificate of that key"],
  ["engineUser", "enginePasswordFile", "--engine-password-file FILE: a file with the password"],
  ["enginePasswordFile", "engineUser", "--engine-user NAME: the user with that password"],
];

/**
 * The values without the program etcd, if only a variable names one and none is started here. A person who sets
 * `VAXLOG_ETCD` in a shell, to try nodes out, still starts replicas there, or nodes on an etcd that runs.
 *
 * @param label what the person who gave the program calls it: its option, or its variable.
 */
export function withoutIdleEtcd(values: EngineValues, label: string): EngineValues {
  const isIdle = label === engineFlags.etcd.variable && values.engine !== "local";
  return isIdle ? { ...values, etcd: undefined } : values;
}

/**
 * What nodes are to be started with.
 *
 * @param basePort the port of the first node; 0: free ones.
 * @returns undefined: replicas are to be started.
 * @throws {UsageError} if options do not go together.
 */
export function engineOf(
  values: EngineValues,
  others: OtherValues,
  basePort: number,
  label: EngineLabel,
): EngineOptions | undefined {
  const { engine } = values;
  if (engine === undefined) {
    const given = Object.keys(engineFlags).find((name) => values[name as keyof EngineValues] !== undefined);
    if (given === undefined) return undefined;
    throw new UsageError(
      `${label(given as keyof EngineValues)} needs --engine WHERE: it is for nodes, not for replicas`,
    );
  }
  for (const [name, why] of Object.entries(ofReplicas) as [keyof typeof ofReplicas, string][]) {
    if (others[name] !== undefined) throw new UsageError(`${label(name)} does not go with ${label("engine")}: ${why}`);
  }
  if (others.logDir !== undefined && others.http === undefined) {
    throw new UsageError(
      `${label("logDir")} with ${label("engine")} needs --http PORT: only the gateway writes a log there`,
    );
  }
  for (const [name, what] of needing) {
    if (values[name] === undefined) continue;
    if (what === "local" && engine !== "local") {
      throw new UsageError(`${label(name)} needs --engine etcd: nobody starts the etcd of a URL here`);
    }
    if (what === "tls" && (engine === "local" || !engine.isTls)) {
      throw new UsageError(`${label(name)} needs the URL of an etcd with TLS: --engine etcds://HOST:PORT,.../PREFIX`);
    }
  }
  for (const [given, needed, what] of pairs) {
    if (values[given] !== undefined && values[needed] === undefined) {
      throw new UsageError(`${label(given)} needs ${what}`);
    }
  }
  return {
    where: engine === "local" ? localEtcd(values, basePort, label) : {
      kind: "remote",
      ...engine,
      caFile: values.engineCa,
      certFile: values.engineCert,
      keyFile: values.engineKey,
      user: values.engineUser,
      passwordFile: values.enginePasswordFile,
    },
    ...placeOf(values.nodeHost ?? loopback, others.tlsDir, label),
    accessDir: values.accessDir,
  };
}

function localEtcd({ etcd, engineData }: EngineValues, basePort: number, label: EngineLabel): LocalEtcd {
  const last = lastMemberPort(basePort);
  if (last > portMax) {
    throw wrongValue(
      label("basePort"),
      `${basePort}`,
      `with members of etcd the last port would be ${last}, past ${portMax}`,
    );
  }
  return { kind: "local", program: etcd, dataDir: engineData };
}

/** Where nodes listen: beyond this machine only with TLS, since tokens do not hide what follows them. */
function placeOf(
  nodeHost: string,
  tlsDir: string | undefined,
  label: EngineLabel,
): Pick<EngineOptions, "nodeHost" | "nodeTlsDir"> {
  if (nodeHost === "0.0.0.0" || nodeHost === "::") {
    const why = "nodes tell clients where they are, so it must be one address of this machine, such as 10.0.0.1";
    throw wrongValue(label("nodeHost"), nodeHost, why);
  }
  if (isLoopback(nodeHost)) return { nodeHost };
  if (tlsDir !== undefined) return { nodeHost, nodeTlsDir: tlsDir };
  const why = `${label("nodeHost")} ${
    quoted(nodeHost)
  } lets other machines reach the nodes, and data would be readable`;
  throw new UsageError(
    `${why}: give --tls-dir DIR (deno task servers cert --dir DIR --name ${nodeHost} makes one for a trial)`,
  );
}
