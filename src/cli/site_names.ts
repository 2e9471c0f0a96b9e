/**
 * Names of sites that a person may have meant with a name that no site has.
 *
 * @module
 */

import { formatId } from "../database/look_alikes.ts";
import { type Candidates, candidatesFor } from "../library/candidates.ts";
import type { UnknownSiteOutcome, VaxlogClient } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { anyOf } from "../front/phrases.ts";
import { nearest } from "../front/nearest.ts";
import { nameCodePointsMax } from "../limits.ts";
import { describeRefusal, type Hints, type Refused } from "./refusals.ts";
import type { Surroundings } from "./surroundings.ts";
import { within } from "../runtime/within.ts";

/** Names that are read of those with the same beginning, to find one that is spelt almost so. */
const comparedMax = 200;

/** Letters that a misspelt beginning has at least: fewer are like the beginning of too many names. */
const beginningMin = 5;

/** Names that are offered where several begin with what was typed. */
const offeredMax = 3;

/** A name that no site has, as the database has answered to it. */
type Unknown = Pick<UnknownSiteOutcome, "name" | "alike">;

/** Milliseconds after which nothing is offered: the command itself has been answered. */
const offerWithinMs = 1_000;

/**
 * The names that begin so, sorted, in each form in which somebody may have meant it.
 *
 * @param limit the most names.
 * @param retired whether those of retired sites are among them.
 */
export async function namesBeginning(
  client: VaxlogClient,
  beginning: string,
  limit: number,
  retired: boolean,
): Promise<string[]> {
  const names = new Set<string>();
  for (const form of formsOf(beginning)) {
    // They stand together, since all are sorted.
    for await (const page of client.listBrief({ after: form, limit, retired })) {
      for (const { name } of page) if (name.startsWith(form)) names.add(name);
    }
    if (names.size >= limit) break;
  }
  return [...names].slice(0, limit);
}

/** How a name may begin that somebody types in small letters: as it is, with capitals, all in capitals. */
function formsOf(beginning: string): Set<string> {
  const capitals = beginning.replace(/(?<=^|[\s(/-])\p{Ll}/gu, (letter) => letter.toUpperCase());
  return new Set([beginning, capitals, beginning.toUpperCase()].map((form) => form.normalize("NFC")));
}

/**
 * The names of sites that may have been meant by one that no site has: those that begin with it, or the one that is
 * spelt most like it, or begins so, and has the same first letter at least. Few are read, however many sites there
 * are.
 */
export async function namesMeant(client: VaxlogClient, typed: string): Promise<string[]> {
  const beginning = await namesBeginning(client, typed, offeredMax, true);
  if (beginning.length > 0) return beginning;
  const letters = [...typed];
  // Where the first letters are right, the names that share them are few; else there may be more than are read.
  for (const share of [3 / 4, 1 / 2, 1 / 4, 0]) {
    const length = Math.max(1, Math.floor(letters.length * share));
    const names = await namesBeginning(client, letters.slice(0, length).join(""), comparedMax, true);
    const near = nearest(typed, names, nameCodePointsMax) ?? nearestBeginning(typed, names);
    if (near !== undefined) return [near];
  }
  return [];
}

/** The first name whose beginning is spelt most like what was typed: `Harvrd` may be the beginning of a long name. */
function nearestBeginning(typed: string, names: readonly string[]): string | undefined {
  const { length } = [...typed];
  if (length < beginningMin) return undefined;
  const nameOf = new Map<string, string>();
  for (const name of names) {
    nameOf.getOrInsert([...name].slice(0, length).join(""), name);
  }
  return nameOf.get(nearest(typed, nameOf.keys(), nameCodePointsMax) ?? "");
}

/** A question that offers the names which may have been meant, with a blank before it; "" if there are none in time. */
export async function offerOf(client: VaxlogClient, unknown: Unknown, around: Surroundings): Promise<string> {
  return await inTime(offer(client, unknown), around) ?? "";
}

/** The sites that have the name with something behind it; or, if there are none, what {@link offerOf} gives. */
export async function meantBy(
  client: VaxlogClient,
  unknown: Unknown,
  around: Surroundings,
): Promise<Candidates | string> {
  const look = async () => await candidatesFor(client, unknown) ?? await offer(client, unknown);
  return await inTime(look(), around) ?? alikeOffer(unknown) ?? "";
}

async function offer(client: VaxlogClient, unknown: Unknown): Promise<string> {
  const alike = alikeOffer(unknown);
  if (alike !== undefined) return alike;
  const names = await namesMeant(client, unknown.name);
  return names.length === 0 ? "" : ` Did you mean ${anyOf(names.map(quotedShort))}?`;
}

/** What the two names differ in may not be seen. */
function alikeOffer({ alike }: Unknown): string | undefined {
  return alike && ` Did you mean ${quotedShort(alike.name)} (${formatId(alike.id)})?`;
}

/** The result of a search that ends in time. Whatever goes wrong in it, the command itself was answered. */
function inTime<T>(looking: Promise<T>, { alarm }: Surroundings): Promise<T | undefined> {
  return within(alarm(offerWithinMs), looking.catch(() => undefined));
}

/** {@link describeRefusal}, with names of sites that may have been meant. */
export async function refusalWithOffer(
  outcome: Refused,
  hints: Hints,
  client: VaxlogClient,
  around: Surroundings,
): Promise<string> {
  const offer = outcome.kind === "unknownSite" ? await offerOf(client, outcome, around) : "";
  return describeRefusal(outcome, hints, offer);
}
