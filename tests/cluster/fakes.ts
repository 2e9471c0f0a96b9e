/**
 * Clusters of fake replicas, for tests of the launcher.
 *
 * @module
 */

import { Launcher } from "../../src/cluster/launcher.ts";
import type { LauncherEvent, LauncherOptions } from "../../src/cluster/launcher_events.ts";

const granted = Deno.permissions.querySync({ name: "run" }).state === "granted" &&
  Deno.permissions.querySync({ name: "net" }).state === "granted";

/** A short time in which a hang is noticed, in milliseconds. */
export const soonMs = 1_000;

/** A cluster of fakes, and what happened in it. */
export class Fakes {
  readonly launcher: Launcher;
  readonly #seen: Seen<LauncherEvent>;

  private constructor(launcher: Launcher, seen: Seen<LauncherEvent>) {
    this.launcher = launcher;
    this.#seen = seen;
  }

  /** Starts them; `wishes` says who misbehaves and how, see `fake_replica.ts`. */
  static async start(replicas: number, wishes = "", more: Partial<LauncherOptions> = {}): Promise<Fakes> {
    const seen = new Seen<LauncherEvent>();
    const launcher = await Launcher.start(fakes(replicas, wishes, { onEvent: (event) => seen.add(event), ...more }));
    return new Fakes(launcher, seen);
  }

  /** The first event that fits, whether it has happened or will. */
  event(fits: (event: LauncherEvent) => boolean): Promise<LauncherEvent> {
    return this.#seen.first(fits);
  }

  /** Why the replica in this slot failed. */
  async failure(slot: number): Promise<string> {
    const event = await this.event((event) => event.kind === "failed" && event.slot === slot);
    return event.kind === "failed" ? event.cause : "";
  }

  /** Resolves when the replica in this slot was told of failures that leave these members. */
  async told(slot: number, members: readonly number[]): Promise<void> {
    await this.event((event) =>
      event.kind === "installed" && event.slot === slot && event.members.join() === members.join()
    );
  }

  /** The process of the replica in this slot. */
  pid(slot: number): number {
    return this.launcher.replicas()[slot].pid;
  }

  /** The slots of the members that live. */
  up(): number[] {
    return this.launcher.replicas().filter(({ state }) => state === "up").map(({ slot }) => slot);
  }

  /** What each replica is good for. */
  states(): string[] {
    return this.launcher.replicas().map(({ state }) => state);
  }

  /** Resolves when the newcomer in this slot is a member; it is the only one there in the whole test. */
  async joined(slot: number): Promise<void> {
    await this.event((event) => event.kind === "joined" && event.slot === slot);
  }

  /** All that has happened. */
  get events(): readonly LauncherEvent[] {
    return this.#seen.events;
  }
}

/** Events, and those who wait for one. */
export class Seen<E> {
  readonly events: E[] = [];
  #waiting = new Set<() => void>();

  add(event: E): void {
    this.events.push(event);
    for (const look of this.#waiting) look();
  }

  first(fits: (event: E) => boolean): Promise<E> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.events.find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** What a launcher of fakes is started with. */
export function fakes(replicas: number, wishes: string, more: Partial<LauncherOptions> = {}): LauncherOptions {
  return { replicas, basePort: 0, entry: new URL(`./fake_replica.ts?${wishes}`, import.meta.url), ...more };
}

/** Whether there is a process with this id. */
export function exists(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

/** A test that starts processes. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs --allow-run, --allow-net)`,
    ignore: !granted,
    sanitizeOps: true,
    sanitizeResources: true,
    fn,
  });
}
