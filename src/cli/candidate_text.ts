/**
 * Sites that may be meant, as text: for a person who is to choose one, and as JSON.
 *
 * @module
 */

import { formatId } from "../database/look_alikes.ts";
import type { Candidate } from "../database/values.ts";
import type { Candidates } from "../library/candidates.ts";
import { printable, quotedShort } from "../quoted.ts";
import { jsonLine } from "./render.ts";

/** Says that no site has a name, and how many have names that begin with it: a sentence without its end. */
export function ambiguityText(name: string, { sites, more, isAll }: Candidates): string {
  const count = sites.length + more;
  const names = count === 1 ? "the name of 1 site begins" : `the names of ${isAll ? "" : "over "}${count} sites begin`;
  return `There is no site ${quotedShort(name)}, but ${names} with it`;
}

/** A site to choose, in one line. */
export function candidateLine({ id, name, zip, address, retired }: Candidate): string {
  const where = address === undefined ? "" : `, ${printable(address)}`;
  const why = retired === undefined ? "" : `, retired: ${printable(retired)}`;
  return `${formatId(id)}  ${printable(name)}, ZIP ${zip}${where}${why}`;
}

/** Says that there are more than are shown; undefined if there are not. */
export function moreText({ more, isAll }: Candidates): string | undefined {
  return more === 0 ? undefined : isAll ? `and ${more} more` : `and over ${more} more`;
}

/** All of it as lines, without the end of the last one. */
export function candidatesText(name: string, candidates: Candidates): string {
  const lines = [...candidates.sites.map(candidateLine), moreText(candidates)].filter((line) => line !== undefined);
  const head = `${ambiguityText(name, candidates)}. Give the whole name or the id of one:`;
  return [head, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** The same as a JSON object on one line, without the end of the line. */
export function candidatesJson(name: string, { sites: candidates, more }: Candidates): string {
  return jsonLine({ name, candidates, more });
}
