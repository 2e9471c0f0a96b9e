/**
 * What happened to a cluster in a test, and when.
 *
 * @module
 */

import type { LauncherEvent } from "../../src/cluster/launcher.ts";

/** A line for each thing that was done, or came of it. */
export class Story {
  readonly #startedAt = performance.now();
  readonly #lines: string[] = [];

  /** This is done now. */
  tell(what: string): void {
    this.#lines.push(`${(performance.now() - this.#startedAt).toFixed(0).padStart(8)} ms  ${what}`);
  }

  /** The launcher has said this. */
  hear(event: LauncherEvent): void {
    switch (event.kind) {
      case "failed":
        return this.tell(`replica ${event.slot} ${event.cause}`);
      case "joined":
        return this.tell(`replica ${event.slot} has joined`);
      case "installed":
        return this.tell(`replica ${event.slot} is in view ${event.v}: ${event.members.join(", ")}`);
    }
  }

  /** All of it, up to now. */
  read(): string {
    return `What happened until ${(performance.now() - this.#startedAt).toFixed(0)} ms:\n${this.#lines.join("\n")}`;
  }
}
