/**
 * `deno task explore`: looks at every schedule of a small world; see `--help`.
 *
 * @module
 */

import { simulatorWith, unchanged } from "../mutations/mutate.ts";
import { flag, text, wordsOf } from "../tools/words.ts";
import { Counterexample } from "./explore.ts";

const help = `deno task explore   look at every schedule of a world of 3 replicas, 1 client and 1 crash
--replicas N   replicas (3)
--clients N    clients (1), all with links to all replicas
--commands N   commands of each client (1), one after the other
--reads N      reads of each client (0), each at any moment
--lies N       a liar has a link to each replica, and says N things to any of them (absent: there is none)
--crashes N    how many replicas and clients may crash (1)
--greet        begin before clients and replicas have greeted one another
Each more of these makes many times as many states; docs/design/tests.md has some numbers.`;

function fail(message: string): never {
  console.error(`Cannot explore: ${message}`);
  Deno.exit(2);
}

const options = {
  replicas: text,
  clients: text,
  commands: text,
  reads: text,
  lies: text,
  crashes: text,
  greet: flag,
  help: flag,
};
const { values: args } = wordsOf(options, fail);
if (args.help) {
  console.log(help);
  Deno.exit(0);
}

function integer(
  name: "replicas" | "clients" | "commands" | "reads" | "lies" | "crashes",
  otherwise: number,
  least: number,
): number {
  const text = args[name];
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > 9 || text?.trim() === "") {
    fail(`"--${name} ${text}" is not a whole number from ${least} to 9`);
  }
  return value;
}

const size = {
  replicas: integer("replicas", 3, 1),
  clients: integer("clients", 1, 1),
  commands: integer("commands", 1, 1),
  reads: integer("reads", 0, 0),
  crashes: integer("crashes", 1, 0),
  lies: args.lies === undefined ? undefined : integer("lies", 0, 0),
  greeted: !args.greet,
};
const { explore } = simulatorWith(unchanged, true);
try {
  const { states, moves, ends, processStates, depth } = explore(size, {
    onProgress: (states) => console.error(`${states} states`),
  });
  console.log(
    `${states} states, and ${moves} ways from one to the next: no violation; ${ends} ends, after at most ${depth} ` +
      `events; ${processStates} states of single processes`,
  );
} catch (error) {
  // That world has a class of its own.
  if (!(error instanceof Error) || error.name !== Counterexample.name) throw error;
  console.error(error.message);
  Deno.exitCode = 1;
}
