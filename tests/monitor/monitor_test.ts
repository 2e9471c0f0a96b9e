/**
 * The monitor listens to all scenarios, and to random schedules of each kind; `deno task sim --monitor` runs more.
 */

import { scenarios } from "../scenarios/all.ts";
import { runScenario } from "../scenarios/runner.ts";
import { ScenarioError } from "../scenarios/words.ts";
import { type ProfileName, profiles } from "../simulator/profiles.ts";
import { runSchedule } from "../simulator/schedule.ts";
import { runSealing, usual } from "../simulator/sealing.ts";
import { MonitoredWorld } from "./monitored_world.ts";

// A replica executes something else than the others there, as if a bit had flipped: no rule holds for that.
const isDamaged = (name: string) => name.startsWith("durable_divergence");

Deno.test("every message of each scenario follows from the protocol", () => {
  for (const [name, text] of Object.entries(scenarios)) {
    if (isDamaged(name)) continue;
    try {
      runScenario(text, MonitoredWorld.checked);
    } catch (error) {
      // What it expects is the business of its own test.
      if (!(error instanceof ScenarioError)) throw new Error(`Scenario ${name}`, { cause: error });
    }
  }
});

/** Schedules in which the monitor once refused a message, and what happens in them. */
const onceRefused: readonly { profile: ProfileName; seed: number; what: string }[] = [
  { profile: "liars", seed: 20746, what: "the loss of a client ends a view of one between two values" },
  { profile: "troubled", seed: 20909, what: "one that is alone lets a client in while a new one waits" },
  { profile: "busy", seed: 45186, what: "a client ends one of two links to a replica, and later loses the other" },
  { profile: "busy", seed: 53852, what: "a liar sends again under a seq that was not taken before" },
  { profile: "sessions", seed: 51061, what: "a client loses a link before it has had its turn" },
];

for (const { profile, seed, what } of onceRefused) {
  Deno.test(`every message follows from the protocol where ${what}`, () => {
    runSchedule(seed, { profile, world: MonitoredWorld.checked });
  });
}

const schedules: Readonly<Record<ProfileName, number>> = {
  troubled: 30,
  busy: 5,
  slow: 20,
  disks: 20,
  sessions: 20,
  lone: 20,
  liars: 25,
  sealing: 20,
  full: 20,
};

for (const profile of Object.keys(profiles) as ProfileName[]) {
  Deno.test(`every message of ${profile} schedules follows from the protocol`, () => {
    for (let seed = 1; seed <= schedules[profile]; seed++) {
      try {
        if (profile === "sealing") runSealing(seed, undefined, { ...usual, world: MonitoredWorld.checked });
        else runSchedule(seed, { profile, world: MonitoredWorld.checked });
      } catch (error) {
        const repeat = `deno task sim --monitor --profile ${profile} --seed ${seed} --trace`;
        throw new Error(`Seed ${seed}; repeat it: ${repeat}`, { cause: error });
      }
    }
  });
}
