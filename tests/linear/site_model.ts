/**
 * What clients do to one site, and what a site does when they come one after the other. Nothing here knows of the
 * database's log: the index of an entry is a name of a report, and any two reports have two names.
 *
 * @module
 */

import type { Interval, Model } from "./checker.ts";

/** The command of a client. */
export type Asked =
  | { readonly kind: "add" }
  | { readonly kind: "view" }
  | { readonly kind: "list" }
  | {
    readonly kind: "set";
    readonly value: number;
    /** Only if the site shows this value. */
    readonly if?: number;
    /** Only if it shows this entry; 0: no report yet. */
    readonly ifEntry?: number;
  };

/** The outcome of a command. */
export type Outcome =
  /** It may have taken effect, may take effect at any later time, or never. */
  | { readonly kind: "unknown" }
  /** `entry` says so, and the site shows `value` now. */
  | { readonly kind: "done"; readonly value: number; readonly entry: number }
  /** The condition did not hold. */
  | { readonly kind: "conflict"; readonly value: number; readonly entry: number }
  /** The site was there already. */
  | { readonly kind: "exists"; readonly value: number }
  /** A look at the site; a list does not tell the entry. */
  | { readonly kind: "shows"; readonly value: number; readonly entry?: number }
  /** There is no such site. */
  | { readonly kind: "absent" };

/** An operation on a site, as its client has seen it. */
export interface Operation extends Interval {
  readonly client: number;
  readonly site: string;
  readonly asked: Asked;
  readonly outcome: Outcome;
  /** Milliseconds since the beginning, for people. */
  readonly calledMs: number;
  readonly returnedMs: number;
}

/** A site; undefined in a {@link State}: there is none. */
interface Shown {
  readonly value: number;
  /** The report that it shows; 0: none yet; undefined: that of a command whose client was not told. */
  readonly entry: number | undefined;
}

/** The state of one site. */
export interface State {
  readonly shown: Shown | undefined;
}

/** A site that is not there at first; `told`: the entries of which clients were told that they made them. */
export class SiteModel implements Model<Operation, State> {
  readonly initial: State = { shown: undefined };
  readonly #told: ReadonlySet<number>;

  constructor(operations: readonly Operation[]) {
    this.#told = new Set(operations.flatMap(({ outcome }) => outcome.kind === "done" ? [outcome.entry] : []));
  }

  key({ shown }: State): string {
    return shown === undefined ? "" : `${shown.value} ${shown.entry}`;
  }

  step(state: State, { asked, outcome }: Operation): State | undefined {
    const { shown } = state;
    switch (outcome.kind) {
      case "absent":
        return shown === undefined ? state : undefined;
      case "shows":
      case "exists":
      case "conflict": {
        if (shown === undefined || shown.value !== outcome.value) return undefined;
        const entry = outcome.kind === "exists" ? undefined : outcome.entry;
        if (outcome.kind === "conflict" && asked.kind === "set" && holds(asked, outcome)) return undefined;
        return entry === undefined ? state : this.#named(state, entry);
      }
      case "done":
      case "unknown":
        return this.#change(state, asked, outcome);
    }
  }

  /** An operation of unknown outcome that changes nothing need not take effect: here it does. */
  #change(state: State, asked: Asked, outcome: Outcome & { kind: "done" | "unknown" }): State | undefined {
    const { shown } = state;
    if (asked.kind === "add") {
      if (shown !== undefined || (outcome.kind === "done" && outcome.value !== 0)) return undefined;
      return { shown: { value: 0, entry: 0 } };
    }
    if (asked.kind !== "set" || shown === undefined) return undefined;
    if (asked.if !== undefined && asked.if !== shown.value) return undefined;
    if (asked.ifEntry !== undefined && this.#named(state, asked.ifEntry) === undefined) return undefined;
    if (outcome.kind === "done" && outcome.value !== asked.value) return undefined;
    return { shown: { value: asked.value, entry: outcome.kind === "done" ? outcome.entry : undefined } };
  }

  /** The state if the report that it shows may have this name, and has it from now on. */
  #named(state: State, entry: number): State | undefined {
    const { shown } = state;
    if (shown === undefined) return undefined;
    if (shown.entry === entry) return state;
    if (shown.entry !== undefined || entry === 0 || this.#told.has(entry)) return undefined;
    return { shown: { value: shown.value, entry } };
  }
}

function holds(asked: Asked & { kind: "set" }, shown: { value: number; entry: number }): boolean {
  return (asked.if ?? shown.value) === shown.value && (asked.ifEntry ?? shown.entry) === shown.entry;
}

/** Whether it changes nothing, whatever its outcome says. */
export function isLook({ asked, outcome }: Operation): boolean {
  return asked.kind === "view" || asked.kind === "list" ||
    (outcome.kind !== "done" && outcome.kind !== "unknown");
}

/**
 * The same operations without those of unknown outcome that nobody can have noticed: the history can be explained with
 * them if and only if it can be without.
 */
export function withoutUnnoticed(operations: readonly Operation[]): Operation[] {
  const noticed = new Set<number>();
  const entries = new Set([0]);
  for (const { asked, outcome } of operations) {
    if (outcome.kind !== "done" && "value" in outcome) noticed.add(outcome.value);
    if ("entry" in outcome && outcome.entry !== undefined) entries.add(outcome.entry);
    if (asked.kind === "set" && asked.if !== undefined && outcome.kind !== "conflict") noticed.add(asked.if);
  }
  // An entry that a condition names, and no outcome, may be that of any.
  const isOpen = operations.some(({ asked, outcome }) =>
    asked.kind === "set" && outcome.kind !== "conflict" && !entries.has(asked.ifEntry ?? 0)
  );
  return operations.filter((operation) => {
    const { asked, outcome } = operation;
    if (outcome.kind !== "unknown") return true;
    return asked.kind === "add" || (asked.kind === "set" && (isOpen || noticed.has(asked.value)));
  });
}
