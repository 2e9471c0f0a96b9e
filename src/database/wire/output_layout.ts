/**
 * How the outputs of the database's commands travel: a byte for the status, then its fields.
 *
 * | status | output     | fields                                              | answers                            |
 * |--------|------------|-----------------------------------------------------|------------------------------------|
 * | 0      | `site`     | state, report                                       | view                               |
 * | 1      | `page`     | brief rows, an empty name, the end                  | list-page                          |
 * | 2      | `unknown`  |                                                     | all that name a site               |
 * | 3      | `exists`   | state                                               | add                                |
 * | 4      | `invalid`  | `reason`: text                                      | all                                |
 * | 5      | `crowded`  |                                                     | all                                |
 * | 6      | `full`     |                                                     | all that change something          |
 * | 7      | `done`     | {@link effects}: byte, `entry`: varint, state       | all that change something          |
 * | 8      | `conflict` | `entry`: varint, state                              | set                                |
 * | 9      | `retired`  | state                                               | set, retire                        |
 * | 10     | `entries`  | the end, entries (`entries.ts`)                     | history-page, changes-page         |
 * | 11     | `summary`  | `sites`, `retired`, `lastEntry`, `logBytes`: varint | summary                            |
 * | 12     | `details`  | state, report, `document`: text                     | details                            |
 * | 13     | `page`     | rows with the state, an empty name, the end         | list-page                          |
 * | 14     | `page`     | full rows, an empty name, the end                   | list-page                          |
 * | 15     | `alike`    | `id`: varint, `name`: text                          | all that name a site               |
 * | 16     | `unknownInto` |                                                  | merge                              |
 * | 17     | `sources`  | `site`, `skip`: varint, rows of sources             | sources                            |
 * | 20     | `found`    | for each site: an alias, and state with its name     | find                               |
 * | 21     | `taken`    | state with its name                                 | publish, edit                      |
 * | 22     | `published`| {@link effects}: byte, `entry`: varint, `locationId`: text, state | publish              |
 * | 23     | `noEntry`  |                                                     | retract, redact                    |
 * | 24     | `noReport` |                                                     | retract                            |
 * | 25     | `older`    | `upTo`: varint                                      | retract, redact, changes-page      |
 * | 26     | `otherKey` |                                                     | all that change something          |
 *
 * The status has {@link knowsMark} beside it in the outputs of clients that know sources, if there is a state in it. An
 * output of an earlier command with the same key has {@link againMark} there. The output `otherKey` says that the key
 * is that of a command of another request.
 *
 * - **State** of a site: a byte of {@link stateBits}, `id` if it is marked: varint, `name` if it is marked: text,
 *   `zip`, the count if it is one: varint, `observedAt`: varint, `checkedAt` if the status has the mark: varint, 0 if
 *   nothing was confirmed, and of a retired site the reason: text.
 * - **Report** that is shown: `index`: varint, 0 if there is none, which ends it; a byte of {@link reportMarks};
 *   `recordedAt` if it is marked (else it is `observedAt`): varint; and the marked ones of `who`, `source`, `note`.
 * - **Row** of a page: `name`: text; brief: `zip`, availability; state: state; full: state, report, `document`. If the
 *   state has an id, two fields follow each `document`: `identifiers` (`identifiers.ts`): blob, and the number of sites
 *   that are aliases: varint, with `id`: varint and `name`: text of each.
 *   If the command says that its client knows sources, `locationId`: text follows, empty if it was never published.
 * - **Alias** through which a site was found: its `id`: varint, 0 if it was found by itself, else its `name`: text.
 * - **Row** of a source: a byte of {@link sourceBits}, a byte of {@link sourceMarks}; those of the `id`: varint and the
 *   `name`: text of the site, `source`: text, `product`: text that are marked; the count if it is one: varint; `index`:
 *   varint, 0 if there is no report; if there is one `observedAt`: varint, `checkedAt` if it is marked, `changedAt`:
 *   varint, `recordedAt` if it is marked, else it is `observedAt`, and those of `who`, `note`, `by` that are marked;
 *   and the `document`: text if it is. `site` and `skip` before the rows are what the next command says,
 *   both 0 if there is none.
 * - **End** of a page: a byte, 0 if no more sites follow, 1 if they do after the last row, 2 if they do after the name
 *   that follows: a page looks at a bounded number of sites, however few it lists.
 * - **End** of entries: a byte, 0 if no more entries follow, 1 if they may after the last one, 2 if none is there and
 *   they may after the index that follows: varint; in a page with the newest first, before that index. A page looks at
 *   a bounded part of the history, however few entries of the site are in it.
 *
 * An output does not repeat the name in its command: the client knows it. If the site has another name, since its id,
 * the name of an alias or a name like it was given, the output has it. A name or reason that would make the output of a
 * change too long is cut, and then ends in an ellipsis. The output `older` says that the command is about entries up to
 * `upTo`, which are not in the tail (`tail.ts`): name the site of such an entry, or watch for them. The output `alike`
 * says that no site has that name, and which one has a name like it. The outputs of commands whose clients know no ids
 * have no ids.
 *
 * @module
 */

import { textMarks } from "./entry_fields.ts";
import { reportedBits } from "./packed.ts";

/** The byte that each kind of output starts with. */
export const statuses = {
  site: 0,
  page: 1,
  unknown: 2,
  exists: 3,
  invalid: 4,
  crowded: 5,
  full: 6,
  done: 7,
  conflict: 8,
  retired: 9,
  entries: 10,
  summary: 11,
  details: 12,
  statePage: 13,
  fullPage: 14,
  alike: 15,
  unknownInto: 16,
  sources: 17,
  found: 20,
  taken: 21,
  published: 22,
  noEntry: 23,
  noReport: 24,
  older: 25,
  otherKey: 26,
} as const;

/** Beside a status: each state in the output says when it was confirmed. */
export const knowsMark = 128;

/** Beside a status: it is the output of an earlier command with the same key, and nothing was executed. */
export const againMark = 64;

/** The status of a page, by what it says of each site: one of `details`. */
export const pageStatuses = [statuses.page, statuses.statePage, statuses.fullPage] as const;

/** The byte for each effect. */
export const effects = { shown: 0, outOfDate: 1, same: 2, changed: 3, confirmed: 4 } as const satisfies Record<
  Effect,
  number
>;

/**
 * The effect of a command that was done: the report is `shown`, or is `outOfDate` and only kept; something else has
 * `changed`; or everything was the `same` already, and nothing changed; or it is `confirmed` that it is still the same.
 */
export type Effect = "shown" | "outOfDate" | "same" | "changed" | "confirmed";

/** The bits of a site's state: how its availability is told, its unit (shifted), and what else there is to know. */
export const stateBits = { ...reportedBits, retired: 16, document: 32, id: 64, name: 128 } as const;

/** The marks of a report that a site shows. */
export const reportMarks = { recordedAt: 1, ...textMarks } as const;

/** The bits of what a source says: how the availability is told, its unit (shifted), and what else there is. */
export const sourceBits = { ...reportedBits, source: 16, product: 32, checkedAt: 64, document: 128 } as const;

/** The marks of what a source says: its site, its report, and texts. */
export const sourceMarks = { site: 1, recordedAt: 2, by: 4, who: textMarks.who, note: textMarks.note } as const;

/** How a page ends. */
export const pageEnds = { last: 0, afterLastRow: 1, afterName: 2 } as const;

/** How a page of entries ends. */
export const entriesEnds = { last: 0, afterLastEntry: 1, afterIndex: 2 } as const;
