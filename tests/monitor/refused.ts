/**
 * How the monitor refuses a message.
 *
 * @module
 */

/** A message that its sender must not have sent, after what it had sent and received. */
export class Refused extends Error {
  override name = "Refused";
  /** The rule of the protocol's page. */
  readonly rule: string;

  constructor(rule: string, claim: string) {
    super(`${rule}: ${claim}`);
    this.rule = rule;
  }
}

/** Refuses a message if what its rule claims does not hold. */
export function must(holds: boolean, rule: string, claim: string): asserts holds {
  if (!holds) throw new Refused(rule, claim);
}
