/**
 * What the bench has found so far: rows, in which a load was measured against the limit, and single facts.
 *
 * @module
 */

import type { ModelRow } from "./model.ts";
import type { PacedCost } from "./paced_world.ts";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";
import type { Sample } from "./systems.ts";

/** What several runs of a load came to, of one system. */
export type Figures = { readonly [F in keyof Sample]: Spread };

/** A load that was measured against the limit. */
export interface Row {
  /** What it is called in `--only` and in the goals, such as `t3-1x256`. */
  readonly id: string;
  readonly label: string;
  readonly vaxlog: Figures;
  readonly limit: Figures;
  /** Vaxlog's by the limit's, run by run. */
  readonly ratio: Figures;
}

/** What one figure is measured in. */
export type Unit = "ms" | "MiB" | "times";

/** A figure that does not belong to a load. */
export interface Fact {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly vaxlog: Spread;
  /** The same of the limit, where it has such a thing. */
  readonly limit?: Spread;
}

/** The messages that one request takes: counted at the sockets of real processes, and in the simulator. */
export interface Cost {
  readonly label: string;
  readonly replicas: number;
  /** Commands in a request, on average. */
  readonly commandsPerRequest: number;
  /** Between clients and replicas, at the sockets. */
  readonly messages: number;
  /** The same in the simulator. */
  readonly messagesSimulated: number;
  /** Between replicas, in the simulator. */
  readonly betweenReplicas: number;
  /** Between clients and replicas, at the sockets. */
  readonly bytes: number;
  /** Between clients and replicas, at the sockets, by kind. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** A row of the model's table beside what the protocol's code does in the simulator. */
export interface ModelCost {
  readonly model: ModelRow;
  /** Where each message comes alone. */
  readonly alone: PacedCost;
  /** Where the messages of all clients meet. */
  readonly inStep: PacedCost;
}

const columns = [
  "perSecond",
  "p50Ms",
  "p99Ms",
  "processorMicros",
  "bytesPerCommand",
  "messagesPerCommand",
  "loadProcessors",
] as const satisfies readonly (keyof Sample)[];

/** What several runs come to. */
export function figuresOf(samples: readonly Sample[]): Figures {
  return byColumn((column) => spreadOf(samples.map((sample) => sample[column])));
}

/** Each run by the one beside it. */
export function ratiosOf(samples: readonly Sample[], bases: readonly Sample[]): Figures {
  return byColumn((column) => ratioOf(samples.map((it) => it[column]), bases.map((it) => it[column])));
}

function byColumn(make: (column: keyof Sample) => Spread): Figures {
  return Object.fromEntries(columns.map((column) => [column, make(column)])) as unknown as Figures;
}

/** All that was found, by id, in the order in which it was. */
export class Results {
  readonly rows = new Map<string, Row>();
  readonly facts = new Map<string, Fact>();
  readonly costs: Cost[] = [];
  readonly modelCosts: ModelCost[] = [];
  /** What there was no time for. */
  readonly skipped: string[] = [];

  /** Adds a row. */
  addRow(id: string, label: string, vaxlog: readonly Sample[], limit: readonly Sample[]): void {
    const ratio = ratiosOf(vaxlog, limit);
    this.rows.set(id, { id, label, vaxlog: figuresOf(vaxlog), limit: figuresOf(limit), ratio });
  }

  /** Adds a fact. */
  addFact(id: string, label: string, unit: Unit, vaxlog: readonly number[], limit?: readonly number[]): void {
    this.facts.set(id, { id, label, unit, vaxlog: spreadOf(vaxlog), limit: limit && spreadOf(limit) });
  }
}
