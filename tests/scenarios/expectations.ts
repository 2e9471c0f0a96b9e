/**
 * What a scenario can expect.
 *
 * @module
 */

import type { Scenario } from "./runner.ts";
import { expectDurable } from "./durable_words.ts";
import { count, ScenarioError } from "./words.ts";

function check(name: string, actual: number | string | boolean, expected: number | string | boolean): void {
  if (actual !== expected) throw new ScenarioError(`${name} is ${actual}`);
}

function yes(word: string | undefined): boolean {
  return word !== "no";
}

/**
 * Checks one expectation.
 *
 * @throws {ScenarioError} if it does not hold.
 */
export function expectation(scenario: Scenario, [what, ...words]: readonly string[]): void {
  const { world } = scenario;
  switch (what) {
    // expect executed R N: the replica has executed N requests.
    case "executed":
      return check("executed", world.history.executedBy(scenario.replica(words[0]).id), count(words[1]));
    // expect log C#SEQ...: all requests that anybody has executed, in their order.
    case "log": {
      const name = (id: string) => world.clients.find((client) => client.id === id)?.name;
      const log = world.history.order.map(({ client, seq }) => `${name(client)}#${seq}`).join(" ");
      return check("the log", log, words.join(" "));
    }
    // expect view N: all living replicas are in view N. expect view R N: this one is.
    case "view":
      if (words.length === 2) return check("the view", scenario.replica(words[0]).view, count(words[1]));
      for (const { name, view } of world.living) check(`the view of ${name}`, view, count(words[0]));
      return;
    // expect frozen R [no]: the replica is in a flush.
    case "frozen":
      return check("frozen", scenario.replica(words[0]).core.status().frozen, yes(words[1]));
    // expect pending R N: the replica has received N requests that it has not executed.
    case "pending":
      return check("pending", scenario.replica(words[0]).core.status().pending, count(words[1]));
    // expect sessions R N: the replica knows N sessions.
    case "sessions":
      return check("sessions", scenario.replica(words[0]).core.status().sessions, count(words[1]));
    // expect clock R N: the replica's clock.
    case "clock":
      return check("the clock", scenario.replica(words[0]).core.status().clock, count(words[1]));
    // expect joining R [no]: the replica is not a member yet.
    case "joining":
      return check("joining", scenario.replica(words[0]).core.status().joining, yes(words[1]));
    // expect length R N: N commands are in its log, with those that a newcomer has taken over.
    case "length":
      return check("the length of the log", scenario.replica(words[0]).core.status().executed, count(words[1]));
    // expect halted R TEXT: it takes no part any more, and the text is in the reason.
    case "halted": {
      const reason = world.halted.get(scenario.replica(words[0]).id) ?? "nothing";
      if (!reason.includes(words.slice(1).join(" "))) throw new ScenarioError(`the reason is "${reason}"`);
      return;
    }
    // expect alive R [no].
    case "alive":
      return check("alive", scenario.replica(words[0]).alive, yes(words[1]));
    // expect waiting C N: N of its commands have no outcome.
    case "waiting":
      return check("waiting", scenario.client(words[0]).waiting, count(words[1]));
    // expect unknown C N: it learned that the outcome of N commands cannot be known.
    case "unknown":
      return check("unknown", scenario.client(words[0]).unknown, count(words[1]));
    // expect unsent C N: it learned that N commands were never sent.
    case "unsent":
      return check("unsent", scenario.client(words[0]).notSent, count(words[1]));
    // expect ended C: its session has ended.
    case "ended":
      return check("ended", scenario.client(words[0]).gone, true);
    // expect lost C REASON: its session is over without its doing.
    case "lost":
      scenario.lossesExpected.add(words[0]);
      return check("the reason", scenario.client(words[0]).lost ?? "nothing", words.slice(1).join(" "));
    // expect linked C R [no]: they have a link that has not ended.
    case "linked":
      return check(
        "linked",
        world.connections.some(({ client, replica, toReplica, toClient }) =>
          client.name === words[0] && replica.name === words[1] && !toReplica.isOver && !toClient.isOver
        ),
        yes(words[2]),
      );
    // expect held C R [no]: R reads nothing more from the link of C for now.
    case "held": {
      const { core } = scenario.replica(words[1]);
      return check("held", core.isHeld(scenario.connection(words[0], words[1]).atReplica), yes(words[2]));
    }
    // expect sent [KIND N]...: N messages of each of these kinds, and no others, were sent since `count`.
    case "sent": {
      const sent = [...world.sent].filter(([, number]) => number > 0).map(([kind, number]) => `${kind} ${number}`);
      const expected = words.join(" ").match(/\S+ \S+/g) ?? [];
      return check("what was sent", sent.sort().join(" ") || "nothing", expected.sort().join(" ") || "nothing");
    }
    // expect agree: all living replicas are in one view, have executed the same requests, and all that anybody has, and
    // remember the same sessions.
    case "agree": {
      world.history.finish(world.living.map(({ id }) => id));
      const [first] = world.living;
      for (const { name, view, core } of world.living) {
        check(`the view of ${name}`, view, first.view);
        check(`the number of sessions at ${name}`, core.status().sessions, first.core.status().sessions);
        check(`the length of the log of ${name}`, core.status().executed, first.core.status().executed);
      }
      return;
    }
    // With disks: see durable_words.ts.
    default:
      if (!expectDurable(scenario, what, words, check)) throw new ScenarioError(`"${what}" cannot be expected`);
  }
}
