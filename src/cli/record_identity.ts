/**
 * What an import does with what a record says of the identity of its site: identifiers, and the id under which it is
 * published.
 *
 * A feed corrects the identifiers of its own Locations. An export only adds what a site does not have yet: nobody can
 * tell which of two values is the newer one, and another value may be that of another site.
 *
 * @module
 */

import type { Effect, Identifier, PublishOutcome, VaxlogClient } from "../library/client.ts";
import { encodeIdentifiers } from "../database/wire/identifiers.ts";
import { duplicateText } from "../formats/links_names.ts";
import { identifierOf, isSound } from "../formats/known_sites.ts";
import { type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { identifiersBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { describeRefusal, verbHints } from "./refusals.ts";

/** The site of a record, as far as its identity depends on it. */
interface IdentifiedTarget {
  /** What commands call it. */
  readonly called: string;
  readonly isNew: boolean;
  /** Whether it was merged into another one. */
  readonly isAlias: boolean;
}

/** Finds what is new of the identity of sites. */
export class RecordIdentity {
  readonly #client: VaxlogClient;
  readonly #onProblem: OnProblem;

  /** @param onProblem is told of what is not taken. */
  constructor(client: VaxlogClient, onProblem: OnProblem) {
    this.#client = client;
    this.#onProblem = onProblem;
  }

  /** The identifiers that a Location gives to its site. */
  async ofLocation(record: ImportRecord, target: IdentifiedTarget): Promise<Identifier[]> {
    const { location, isExported } = record;
    const own = location && isExported === undefined ? identifierOf(location.feed, location.id) : undefined;
    const first = new Map<string, Identifier>();
    for (const each of [...own === undefined ? [] : [own], ...location?.identifiers ?? []]) {
      if (isSound(each) && !first.has(each.system)) first.set(each.system, each);
    }
    if (target.isNew) return fitting([...first.values()]);
    const before = await this.#identifiersOf(target);
    const isThere = ({ system, value }: Identifier) =>
      before.some((each) => each.system === system && each.value === value);
    const others = before.filter(({ system }) => !first.has(system));
    const all = fitting([...first.values()], others);
    if (all.length < first.size) this.#tellLeftOut(record);
    return all.filter((each) => !isThere(each));
  }

  /** The identifiers that an export gives to a site that has none of their systems. */
  async ofExport(record: ImportRecord, target: IdentifiedTarget): Promise<Identifier[]> {
    const { identifiers = [], name } = record;
    if (identifiers.length === 0 || target.isAlias) return [];
    const before = target.isNew ? [] : await this.#identifiersOf(target);
    if (target.isNew) await this.#tellDuplicates(record, identifiers);
    const missing = identifiers.filter(({ system, value }) => {
      const known = before.find((each) => each.system === system)?.value;
      if (known !== undefined && known !== value) {
        const what = `${quotedShort(name)} has ${quotedShort(known)} of ${quotedShort(system)}, and the record has ` +
          `${quotedShort(value)}; the site keeps its own. It may be another site`;
        tellAt(this.#onProblem, record, "identifier-other", what);
      }
      return known === undefined;
    });
    const taken = fitting(missing, before);
    if (taken.length < missing.length) this.#tellLeftOut(record);
    return taken;
  }

  /** Gives a site the published id of its record, unless it has one; undefined: the record has none. */
  publish(
    { locationId, who, source }: ImportRecord,
    { called, isAlias }: IdentifiedTarget,
    recordedAt: number,
  ): Promise<PublishOutcome> | undefined {
    if (locationId === undefined || isAlias) return undefined;
    return this.#client.publish(called, locationId, { who, source, recordedAt });
  }

  /** What that came to. @throws {InputRefusal} if the database refused it. */
  publishedEffect(record: ImportRecord, outcome: PublishOutcome): Effect {
    const { locationId = "", name } = record;
    const tell = (why: string) => {
      const what = `${quotedShort(name)} does not get the published id ${quotedShort(locationId)}: ${why}`;
      tellAt(this.#onProblem, record, "published-id-other", what);
    };
    if (outcome.kind === "taken") {
      tell(`${quotedShort(outcome.site.name)} has it`);
      return "same";
    }
    if (outcome.kind !== "site") refuse("not-taken", describeRefusal(outcome, verbHints));
    if (outcome.locationId !== locationId) tell(`it is published as ${quotedShort(outcome.locationId)} already`);
    return outcome.effect;
  }

  async #identifiersOf({ called, isAlias }: IdentifiedTarget): Promise<readonly Identifier[]> {
    const outcome = isAlias ? undefined : await this.#client.details(called);
    return outcome?.kind === "site" ? outcome.site.identifiers ?? [] : [];
  }

  /** Tells of other sites with one of these identifiers, which may be the same. */
  async #tellDuplicates(record: ImportRecord, identifiers: readonly Identifier[]): Promise<void> {
    const found = await Promise.all(identifiers.map((identifier) => this.#client.find(identifier)));
    for (const [at, [other]] of found.entries()) {
      if (other === undefined) continue;
      const what = duplicateText(record.name, identifiers[at].value, other);
      return tellAt(this.#onProblem, record, "possible-duplicate", what);
    }
  }

  #tellLeftOut(record: ImportRecord): void {
    const what = `There is no room for all the identifiers of ${quotedShort(record.name)}; some were left out`;
    tellAt(this.#onProblem, record, "identifiers-left-out", what);
  }
}

/** As many identifiers as a site has room for, beside others that it has. */
function fitting(identifiers: readonly Identifier[], others: readonly Identifier[] = []): Identifier[] {
  const kept: Identifier[] = [];
  for (const each of identifiers) {
    if (encodeIdentifiers([...others, ...kept, each]).length <= identifiersBytesMax) kept.push(each);
  }
  return kept;
}
