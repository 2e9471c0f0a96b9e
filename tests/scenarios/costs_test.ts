/** What things cost, counted in messages, for every number of replicas (docs/design/protocol.md, what it costs). */

import { executedTogetherMax } from "../../src/limits.ts";
import { Scenario } from "./runner.ts";

function perform(scenario: Scenario, ...lines: string[]): void {
  for (const line of lines) scenario.perform(line);
}

/** The first requests of c1. */
function logOf(length: number): string {
  return Array.from({ length }, (_, at) => `c1#${at + 1}`).join(" ");
}

for (let t = 2; t <= 5; t++) {
  Deno.test(`with ${t} replicas activation costs 2t messages, a command 2t, going idle t, idling nothing`, () => {
    const scenario = new Scenario();
    perform(scenario, `replicas ${t}`, "client c1", "connect c1 all", "settle", "count", "submit c1", "settle still");
    perform(scenario, `expect sent RESUME ${t} READY ${t} REQUEST ${t} RECEIVED ${t - 1} OUTPUT 1`);
    perform(scenario, "count", "submit c1", "settle still");
    perform(scenario, `expect sent REQUEST ${t} RECEIVED ${t - 1} OUTPUT 1`);
    perform(scenario, "count", "settle", `expect sent EXECUTED ${t - 1}`);
    perform(scenario, "count", "tick 5", "settle", `expect sent CLOCK ${t}`);
    perform(scenario, "count", "run 3000", "expect sent");
  });

  Deno.test(`with ${t} replicas ${executedTogetherMax} requests cost ${t - 1} EXECUTED, without a lull`, () => {
    const scenario = new Scenario();
    perform(scenario, `replicas ${t}`, "client c1", "connect c1 all", "settle", "submit c1", "settle", "count");
    for (let k = 1; k < executedTogetherMax; k++) perform(scenario, "submit c1", "settle still");
    perform(scenario, "expect executed r0 1", "expect messages EXECUTED 0");
    perform(scenario, "submit c1", "settle still", `expect messages EXECUTED ${t - 1}`);
    perform(scenario, `expect executed r0 ${executedTogetherMax + 1}`, "expect log " + logOf(executedTogetherMax + 1));
  });

  Deno.test(`with ${t} replicas a read costs 2 messages`, () => {
    const scenario = new Scenario();
    perform(scenario, `replicas ${t}`, "client c1", "connect c1 all", "settle", "count", "read c1", "settle");
    perform(scenario, "expect waiting c1 0", "expect sent READ 1 VALUE 1", "expect log");
  });

  Deno.test(`with ${t} replicas a silent active client costs the others one NUDGE and ${t} CLOCK a command`, () => {
    const scenario = new Scenario();
    perform(scenario, `replicas ${t}`, "client c1", "client c2", "connect c1 all", "connect c2 all", "settle");
    perform(scenario, "submit c1", "submit c2", "settle", "count", "submit c1", "settle", "expect waiting c1 0");
    const others = t - 1;
    // Each of the others tells it once that it has the request, and once that nothing more comes before it.
    perform(scenario, `expect sent REQUEST ${t} RECEIVED ${2 * others} CLOCK ${t} NUDGE 1 OUTPUT 1 EXECUTED ${others}`);
  });

  const agreement = `${4 * (t - 2)} messages to agree`;
  Deno.test(`with ${t} replicas a crash costs the others ${agreement}, and INSTALL and DIGEST to each`, () => {
    const scenario = new Scenario();
    const left = t - 1;
    const rounds = left - 1;
    const expected = rounds === 0
      ? "expect sent VIEW 1"
      : `expect sent PREPARE ${rounds} REPORT ${rounds} ACCEPT ${rounds} ACCEPTED ${rounds} INSTALL ${
        left * rounds
      } DIGEST ${left * rounds} VIEW ${left}`;
    perform(scenario, `replicas ${t}`, "client c1", "connect c1 all", "settle", "count");
    perform(scenario, "crash r0", "word r0", "settle", expected);
  });
}
