/**
 * The verdict on a history of sites, and where it is bad, the smallest part of it that shows why.
 *
 * @module
 */

import { check, hasReturned, type Verdict } from "./checker.ts";
import { isLook, type Operation, SiteModel, withoutUnnoticed } from "./site_model.ts";

/** Whether the operations on one site can be put in order. */
export function verdictOn(operations: readonly Operation[], steps?: number): Verdict {
  return check(withoutUnnoticed(operations), new SiteModel(operations), steps);
}

/** A history of which no order, or none within reach, explains the outcomes. */
export class HistoryError extends Error {
  override name = "HistoryError";
  readonly operations: readonly Operation[];

  constructor(message: string, operations: readonly Operation[]) {
    super(message);
    this.operations = operations;
  }
}

/**
 * Checks a history of any number of sites, each for itself.
 *
 * @throws {HistoryError} if a report is told of twice, the operations on a site cannot be put in order, or whether they
 * can was not found out: what is not known is not passed over.
 */
export function checkSites(operations: readonly Operation[], steps?: number): void {
  checkEntries(operations);
  for (const [site, ofSite] of Map.groupBy(operations, ({ site }) => site)) {
    const verdict = verdictOn(ofSite, steps);
    if (verdict === "linearizable") continue;
    if (verdict === "given up") {
      throw new HistoryError(
        `Site "${site}": the search for an order of ${ofSite.length} operations was given up`,
        ofSite,
      );
    }
    const smallest = shortened(ofSite);
    const left = ofSite.length - smallest.length;
    throw new HistoryError(
      `Site "${site}": no order of these operations explains their outcomes (${left} others left out)\n` +
        described(smallest),
      smallest,
    );
  }
}

/** Each entry was made by one operation. */
function checkEntries(operations: readonly Operation[]): void {
  const makers = new Map<number, Operation>();
  for (const operation of operations) {
    const { outcome } = operation;
    if (outcome.kind !== "done") continue;
    const other = makers.get(outcome.entry);
    if (other !== undefined) {
      const both = [other, operation];
      throw new HistoryError(
        `Two operations were told that they made entry ${outcome.entry}\n${described(both)}`,
        both,
      );
    }
    makers.set(outcome.entry, operation);
  }
}

/**
 * A part of a history that is not linearizable which is not, either: it ends where the first contradiction is complete,
 * and without any more of its operations there is none.
 */
export function shortened(operations: readonly Operation[]): Operation[] {
  const isBad = (part: readonly Operation[]) => verdictOn(part) === "not linearizable";
  const returns = operations.filter(hasReturned).map(({ returnedAt }) => returnedAt).sort((a, b) => a - b);
  let [good, bad] = [-1, returns.length - 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBad(until(operations, returns[middle]))) bad = middle;
    else good = middle;
  }
  let part = until(operations, returns[bad]);
  // Looks first: what nobody looks at any more may be left out, too.
  for (const operation of [...part.filter(isLook), ...part.filter((operation) => !isLook(operation)).toReversed()]) {
    const others = part.filter((other) => other !== operation);
    // A look may be left out of any history. A change may be if its outcome is not needed, and nobody has noticed it.
    const mayBeLeftOut = isLook(operation) ||
      !withoutUnnoticed([...others, unknown(operation)]).some(isSame(operation));
    if (mayBeLeftOut && isBad(others)) part = withoutUnnoticed(others);
  }
  return part.toSorted((a, b) => a.calledAt - b.calledAt);
}

/** The history as it was known at a moment. */
function until(operations: readonly Operation[], moment: number): Operation[] {
  const known = operations.filter(({ calledAt }) => calledAt <= moment)
    .map((operation) => operation.returnedAt > moment ? unknown(operation) : operation);
  return withoutUnnoticed(known);
}

function isSame({ calledAt }: Operation): (other: Operation) => boolean {
  return (other) => other.calledAt === calledAt;
}

function unknown(operation: Operation): Operation {
  return { ...operation, outcome: { kind: "unknown" }, returnedAt: Infinity, returnedMs: Infinity };
}

/** The operations, one a line, as people read them. */
export function described(operations: readonly Operation[]): string {
  return operations.map(({ client, asked, outcome, calledMs, returnedMs }) => {
    const time = (ms: number) => (ms === Infinity ? "" : ms.toFixed(3)).padStart(11);
    const { kind, ...more } = outcome;
    const facts = Object.entries(more).map(([name, value]) => ` ${name} ${value}`).join("");
    return `${time(calledMs)} ..${time(returnedMs)} ms  client ${client}  ${
      askedText(asked).padEnd(28)
    } ${kind}${facts}`;
  }).join("\n");
}

function askedText(asked: Operation["asked"]): string {
  if (asked.kind !== "set") return asked.kind;
  const value = asked.if === undefined ? "" : ` if ${asked.if}`;
  const entry = asked.ifEntry === undefined ? "" : ` if entry ${asked.ifEntry}`;
  return `set ${asked.value}${value}${entry}`;
}
