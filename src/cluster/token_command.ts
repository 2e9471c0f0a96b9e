/**
 * `deno task servers token`: adds, lists and revokes the tokens of a data directory, or of a directory for the tokens
 * of nodes, which have no data directory.
 *
 * @module
 */

import { entryOf } from "../access/auth_entries.ts";
import { isTokenName, tokenPrefix, whyNotName } from "../access/token.ts";
import { parseCommandLine } from "../front/command_line.ts";
import { rows } from "../front/layout.ts";
import { longestAgeMs, spanMs } from "../front/spans.ts";
import { setting } from "../front/settings.ts";
import {
  defineCommand,
  type Environment,
  explain,
  type Operand,
  option,
  type TypedCommand,
} from "../front/typed_command.ts";
import { UsageError, wrongValue } from "../front/usage_error.ts";
import { printable } from "../quoted.ts";
import { type AccessRole, accessRoles, isAccessRole } from "../roles.ts";
import { AuthStore } from "../secrets/auth_store.ts";
import { removeIfPossible, SecretError } from "../secrets/private_file.ts";
import { newToken, writeTokenFile } from "../secrets/token_files.ts";
import { isOwnName } from "./cluster_access.ts";

/** What to do, and what to print then. */
type TokenTask = (now: number) => string;

/** What makes a cluster that runs take it up. */
const takenUp = "A cluster that runs takes it up when you type reload there, or send its launcher SIGHUP";

const nameOperand: Operand<string> = {
  name: "NAME",
  help: "name of the token: whom or what it is for",
  read: (typed) => {
    if (!isTokenName(typed)) throw new UsageError(whyNotName(typed));
    if (isOwnName(typed)) throw new UsageError(`"${typed}" is the name of a token of the servers themselves`);
    return typed;
  },
};

const directories = {
  data: { ...setting("data", readName), help: "the data directory of a cluster of replicas" },
  accessDir: { ...setting("accessDir", readName), help: "the directory for tokens of a cluster of nodes" },
};

/** The options that say whose tokens are meant, and what they are called by the person who gave them. */
interface Whose {
  readonly options: { readonly data?: string; readonly accessDir?: string };
  readonly label: (option: keyof typeof directories) => string;
}

const addCommand = defineCommand({
  name: "token add",
  summary: "make a token, and let its holder in",
  details: [
    "The token is in a new file that only you can read. Give that file to the client, which shows it with " +
    `--token-file. ${takenUp}.`,
  ],
  examples: [
    "token add ann --role report --data vaccines",
    "token add board --role read --expires 90d --data vaccines",
  ],
  operands: [nameOperand],
  options: {
    role: option("ROLE", `what it allows, which must be given: ${accessRoles.join(", ")}`, readRole),
    expires: option("SPAN", "let it expire after that long, such as 12h or 90d; by default, it does not", readSpan),
    out: option("FILE", "write the token to FILE (NAME.token)", readName),
    ...directories,
  },
  make: ({ operands: [name], options, label }): TokenTask => {
    const { role, expires, out = `${name}.token` } = options;
    if (role === undefined) throw new UsageError(`token add needs --role ROLE: ${accessRoles.join(", ")}`);
    const store = storeIn("token add", { options, label });
    return (now) => add(store, name, role, out, expires === undefined ? undefined : now + expires);
  },
});

const listCommand = defineCommand({
  name: "token list",
  summary: "list the tokens that were added",
  examples: ["token list --data vaccines"],
  operands: [],
  options: directories,
  make: (typed): TokenTask => {
    const store = storeIn("token list", typed);
    return (now) => list(store, now);
  },
});

const revokeCommand = defineCommand({
  name: "token revoke",
  summary: "let the holder of a token in no longer",
  details: [`Links that it has opened are cut then. ${takenUp}.`],
  examples: ["token revoke ann --data vaccines"],
  operands: [nameOperand],
  options: directories,
  make: ({ operands: [name], ...whose }): TokenTask => {
    const store = storeIn("token revoke", whose);
    return () => {
      store.revoke(name);
      return `The token "${name}" is revoked. ${takenUp}`;
    };
  },
});

/** The commands by the word after `token`. */
const tokenCommands: Readonly<Record<string, TypedCommand<TokenTask>>> = {
  add: addCommand,
  list: listCommand,
  revoke: revokeCommand,
};

/** The text of `token --help`. */
export const tokenUsage: string = Object.values(tokenCommands)
  .map((command) => explain(command, "Usage: deno task servers", "deno task servers")).join("\n").trimEnd();

/** What you may type. */
export const tokenExamples: readonly string[] = Object.values(tokenCommands).flatMap(({ examples }) => examples);

/**
 * Reads the words after `token`.
 *
 * @param environment gives settings that are not typed; by default, nothing.
 * @throws {UsageError} if they make no sense.
 */
export function parseTokenArguments(
  args: readonly string[],
  environment: Environment = () => undefined,
): TokenTask | "help" {
  if (args.includes("--help") || args.includes("-h")) return "help";
  const options = Object.values(tokenCommands).flatMap((command) => command.options);
  const { operands: [word, ...operands], ...line } = parseCommandLine(args, options);
  if (word === undefined || !Object.hasOwn(tokenCommands, word)) {
    const typed = word === undefined ? "is missing" : `is "${printable(word.includes(tokenPrefix) ? "…" : word)}"`;
    throw new UsageError(`The word after token ${typed}: it must be ${Object.keys(tokenCommands).join(", ")}`);
  }
  return tokenCommands[word].read({ ...line, operands }, Date.now(), environment);
}

function add(store: AuthStore, name: string, role: AccessRole, out: string, expires: number | undefined): string {
  if (isThere(out)) throw new SecretError(`Cannot write "${out}": it is there; give another name with --out`);
  const token = newToken(name);
  writeTokenFile(out, token);
  try {
    store.add(entryOf(token, role, expires));
  } catch (error) {
    removeIfPossible(out);
    throw error;
  }
  const until = expires === undefined ? " " : `, until ${new Date(expires).toISOString()}, `;
  return `The token "${name}" with the role ${role}${until}is in "${out}": a secret. ${takenUp}`;
}

function list(store: AuthStore, now: number): string {
  const entries = store.read();
  if (entries.length === 0) return `No token was added in "${store.path}"`;
  return rows(entries.map(({ name, role, expires }) => {
    const until = expires === undefined ? "does not expire" : expiryText(expires, now);
    return [name, `${role.padEnd("operate".length)}  ${until}`];
  })).trimEnd();
}

function expiryText(expires: number, now: number): string {
  return `${expires <= now ? "expired" : "expires"} ${new Date(expires).toISOString()}`;
}

function storeIn(command: string, { options: { data, accessDir }, label }: Whose): AuthStore {
  if (data !== undefined && accessDir !== undefined) {
    const both = `${label("data")} and ${label("accessDir")} exclude each other`;
    throw new UsageError(`${both}: the first is of replicas, the second of nodes`);
  }
  const directory = data ?? accessDir;
  if (directory === undefined) {
    const why = "without it, a cluster has only the token of its own user";
    throw new UsageError(`${command} needs --data DIR, or --access-dir DIR for nodes: ${why}`);
  }
  return new AuthStore(directory);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function readName(typed: string, _now: number, name: string): string {
  if (typed !== "") return typed;
  throw new UsageError(`${name} needs a name`);
}

function readRole(typed: string, _now: number, name: string): AccessRole {
  if (isAccessRole(typed)) return typed;
  throw wrongValue(name, typed, `it must be one of ${accessRoles.join(", ")}`);
}

function readSpan(typed: string, _now: number, name: string): number {
  const ms = spanMs(typed);
  if (ms >= 1_000 && ms <= longestAgeMs) return ms;
  throw wrongValue(name, typed, "it must be a span of time such as 12h or 90d, up to 3653d");
}
