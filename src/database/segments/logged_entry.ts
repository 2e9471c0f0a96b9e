/**
 * What an entry says wherever it is, in the log in memory or in a sealed segment.
 *
 * @module
 */

import { EntryFields } from "../wire/entry_fields.ts";

/** An entry, used again and again; what its kind does not have keeps old values. */
export class LoggedEntry extends EntryFields {
  /** One of `entryKinds`. */
  kind = 0;
  /** The site that it is about: its place in the table. From 0 to 2^32 - 1; 0 is for an entry that is about no site. */
  site = 0;
  /** Its index. */
  index = 0;
  /** Whether a report came too late to be shown. */
  outOfDate = false;
  /** The newest observation of the site, with this entry; 0 if there is no report yet. */
  reach = 0;
  /** In `merged` and `unmerged`: the other site. */
  into = 0;
  /** In `documented`: the number of the document, from 1; 0: it stands in the entry. */
  documentNumber = 0;
  /** In `documented`: how many bytes the document has. Where it does not stand in the entry, `document` is empty. */
  documentLength = 0;

  /** Makes it say what another one says, except for the texts that `clearTexts()` clears: it says none of them. */
  copyButTexts(other: LoggedEntry): void {
    this.kind = other.kind;
    this.site = other.site;
    this.index = other.index;
    this.recordedAt = other.recordedAt;
    this.observedAt = other.observedAt;
    this.availability = other.availability;
    this.unit = other.unit;
    this.outOfDate = other.outOfDate;
    this.isExplicit = other.isExplicit;
    this.reach = other.reach;
    this.into = other.into;
    this.of = other.of;
    this.shows = other.shows;
    this.zip = other.zip;
    this.edits = other.edits;
    this.name.copy(other.name);
    this.newName.copy(other.newName);
    this.identifiers.copy(other.identifiers);
    this.locationId.copy(other.locationId);
    this.document.copy(other.document);
    this.documentNumber = other.documentNumber;
    this.documentLength = other.documentLength;
    this.clearTexts();
  }
}
