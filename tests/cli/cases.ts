/**
 * Inputs rewritten from what public trackers of this field report, by name, and what an import makes of each.
 *
 * A site is shown as its ZIP code and its availability.
 *
 * @module
 */

import type { ProblemKind } from "../../src/formats/problem_kinds.ts";

/** What an import of a case comes to, at 2026-11-28T23:17:00Z. */
export interface Case {
  /** Cases that are imported before it, in this order; absent: the database is new. */
  readonly after?: readonly string[];
  /** The exit code; absent: 0. */
  readonly exit?: number;
  /** The kinds of problems that are told, in the order of a summary. */
  readonly told: readonly ProblemKind[];
  /** The sites beside that of a new database. */
  readonly sites: Readonly<Record<string, string>>;
  /** What sources say of sites, in order: the source, the product, and the availability. */
  readonly said?: Readonly<Record<string, readonly string[]>>;
  /** What else is right, and not so yet: what the database must know for it. Absent: nothing. */
  readonly notYet?: string;
}

/** All cases. */
export const cases: Readonly<Record<string, Case>> = {
  "c01-excel-trailing-empty-columns.csv": {
    told: ["cells-blank"],
    sites: { "C01 Alpha": "07001 5", "C01 Beta": "07002 0" },
  },
  "c02-rows-trailing-comma.csv": { told: ["cells-blank"], sites: { "C02 Alpha": "07001 5", "C02 Beta": "07002 0" } },
  "c03-excel-blank-rows.csv": { told: ["row-blank"], sites: { "C03 Alpha": "07001 5" } },
  "c04-sep-line.csv": { told: ["separator-line"], sites: { "C04 Alpha": "07001 5" } },
  "c05-sep-semicolon.csv": { told: ["separator-line"], sites: { "C05 Alpha": "07001 5" } },
  "c06-tsv.csv": { exit: 1, told: ["column-missing"], sites: {} },
  "c07-zip-scientific.csv": { exit: 1, told: ["zip-invalid"], sites: {} },
  "c08-zip-apostrophe.csv": { told: ["zip-guard"], sites: { "C08 Alpha": "07001 5" } },
  "c10-zip-float.csv": { told: ["zip-decimal", "zip-length"], sites: { "C10 Alpha": "7001 5", "C10 Beta": "07001 5" } },
  "c11-zip-plus4-excel.csv": {
    told: ["zip-plus-four", "zip-length"],
    sites: {
      "C11 Endash": "02138 5",
      "C11 Hyphen": "02138 5",
      "C11 LostPlus4": "2138 5",
      "C11 Nine": "02138 5",
      "C11 Space": "02138 5",
    },
  },
  "c12-availability-words.csv": {
    exit: 1,
    told: ["availability-invalid"],
    sites: {
      "C12 TRUE": "07001 true",
      "C12 false": "07001 false",
      "C12 no": "07001 false",
      "C12 spaces": "07001 12",
      "C12 unk": "07001 unknown",
      "C12 yes": "07001 true",
    },
  },
  "c13-nul.csv": { exit: 1, told: ["field-count", "name-invalid"], sites: { "C13 Beta": "07002 6" } },
  "c14-win1252.csv": { exit: 1, told: ["not-utf-8"], sites: { "C14 Beta": "07002 6" } },
  "c15-utf16.csv": { exit: 1, told: ["utf-16"], sites: {} },
  "c16-bom-concat.csv": {
    exit: 1,
    told: ["bom", "zip-invalid"],
    sites: { "C16 Alpha": "07001 5", "C16 Beta": "07002 6" },
  },
  "c17-quoted-newline-name.csv": { exit: 1, told: ["name-invalid"], sites: { "C17 Beta": "07002 6" } },
  "c19-same-name-same-zip.csv": {
    told: ["address-differs"],
    sites: { "C19 Walgreens": "60614 12", "C19 Walgreens, 900 Oak Ave": "60614 0" },
  },
  "c20-same-name-other-zip.csv": {
    exit: 1,
    told: ["zip-differs"],
    sites: { "C20 Walgreens": "60614 12" },
  },
  "c21-lostzero-first.csv": { told: ["zip-length"], sites: { "C21 Alpha": "7001 5" } },
  "c21-lostzero-fixed.csv": {
    after: ["c21-lostzero-first.csv"],
    told: ["zip-corrected"],
    sites: { "C21 Alpha": "07001 9" },
  },
  "c22-dates.csv": {
    exit: 1,
    told: ["instant-invalid", "instant-short", "instant-space", "instant-leap", "instant-date", "instant-future"],
    sites: {
      "C22 date": "07001 5",
      "C22 future": "07001 no report",
      "C22 leap": "07001 5",
      "C22 lower": "07001 5",
      "C22 nano": "07001 5",
      "C22 off": "07001 5",
      "C22 pgutc": "07001 5",
      "C22 space": "07001 5",
    },
  },
  "c24-header-univaf.csv": { told: ["column-second"], sites: { "C24 Alpha": "07001 12" } },
  "c25-lone-cr-mid.csv": { exit: 1, told: ["field-count"], sites: { "C25 Gamma": "07003 7" } },
  "c27-header-quoted-spaces.csv": { told: [], sites: { "C27 Alpha": "07001 5" } },
  "c28-quotes-after-space.csv": { exit: 1, told: ["csv-syntax"], sites: {} },
  "c29-njvss-unescaped.csv": { exit: 1, told: ["column-unknown", "csv-syntax"], sites: { "C29 Beta": "08812 7" } },
  "c30-empty.csv": { exit: 1, told: ["csv-empty"], sites: {} },
  "c31-header-only.csv": { told: [], sites: {} },
  "c32-vt-ff.csv": { exit: 1, told: ["name-invalid"], sites: {} },
  "c33-formula.csv": {
    told: [],
    sites: { "-1+1 C33": "07001 5", '=HYPERLINK("http://x.example","C33")': "07001 5", "@SUM(1) C33": "07001 5" },
  },
  "c34-availability-empty.csv": { told: [], sites: { "C34 Alpha": "07001 no report" } },
  "c35-retired-col.csv": { told: ["column-unknown"], sites: { "C35 Alpha": "07001 5", "C35 Beta": "07001 6" } },
  "c36-reported-zero.csv": {
    told: [],
    sites: { "C36 Five": "07001 5", "C36 Zero": "07001 0" },
    said: { "C36 Zero": ["- - 0"] },
  },
  "c37-zip4-over-feed.csv": { told: ["zip-plus-four"], sites: { "CVS Pharmacy in ALEXANDRIA, VA": "22306 7" } },
  "c38-extra-column-over-feed.csv": { told: ["column-unknown"], sites: { "Walgreens #13656": "99503 9" } },
  "c39-units.csv": {
    exit: 1,
    told: ["unit-invalid"],
    sites: { "C39 Doses": "07001 5 doses", "C39 appt": "07001 5", "C39 dose": "07001 5 doses", "C39 slots": "07001 5" },
  },
  "c42-two-sources.csv": {
    told: [],
    sites: { "C42 Site": "07001 0" },
    said: { "C42 Site": ["pharmacy-api - 12", "state-registry - 0"] },
  },
  "c43-semicolon-decimal.csv": { exit: 1, told: ["column-missing"], sites: {} },
  "c44-title-line.csv": { exit: 1, told: ["column-missing", "cells-blank"], sites: {} },
  "c45-total-line.csv": { exit: 1, told: ["zip-missing"], sites: { "C45 Site": "07001 5" } },
  "c46-footnote.csv": { exit: 1, told: ["field-count"], sites: { "C46 Site": "07001 5" } },
  "f01-past-slots": { told: ["slot-past"], sites: { "F01 Site": "07001 unknown" } },
  "f02-service-type": { told: ["schedule-other"], sites: { "F02 Site": "07001 unknown" } },
  "f03-slot-without-id": { exit: 1, told: ["id-missing"], sites: { "F03 Site": "07001 unknown" } },
  "f04-raw-tab": { told: ["raw-tab"], sites: { "F04 Site": "07001 5" } },
  "f05-truncated": { exit: 1, told: ["not-json"], sites: {} },
  "f06-nested-output": { told: ["output-nested"], sites: { "F06 Site": "07001 5" } },
  "f07-one-output-unreadable": { exit: 1, told: [], sites: {} },
  "f09-busy-unavailable": { told: ["slot-in-error"], sites: { "F09 Site": "07001 0" } },
  "f10-future-time": {
    exit: 1,
    told: ["instant-future"],
    sites: { "F10 Site 0": "07001 no report", "F10 Site 1": "07001 no report", "F10 Site 2": "07001 no report" },
  },
  "f11-negative-capacity": { told: ["capacity-invalid"], sites: { "F11 Site": "07001 true" } },
  "f11b-decimal-capacity": { told: ["capacity-type"], sites: { "F11 Site": "07001 5" } },
  "f11c-unsigned-capacity": { told: ["capacity-type"], sites: { "F11 Site": "07001 5" } },
  "f11d-free-zero": { told: ["slot-free-empty"], sites: { "F11 Site": "07001 0" } },
  "f11e-text-spaces": { told: ["capacity-text"], sites: { "F11 Site": "07001 5" } },
  "f12-zip-corrected-1": { told: [], sites: { "F12 Site": "07001 5" } },
  "f12-zip-corrected-2": {
    after: ["f12-zip-corrected-1"],
    told: ["zip-corrected"],
    sites: { "F12 Site": "07095 0" },
  },
  "f13-moved-1": { told: [], sites: { "F13 Site": "07001 5" } },
  "f13-moved-2": { after: ["f13-moved-1"], told: ["feed-moved"], sites: { "F13 Site": "07001 0" } },
  "f13-moved-3": {
    after: ["f13-moved-1", "f13-moved-2"],
    told: [],
    sites: { "F13 Site": "07001 0" },
    said: {
      "F13 Site": ["http://old.example.org/$bulk-publish - 5", "https://new.example.org/$bulk-publish - 0"],
    },
  },
  "f14-deleted-3": {
    after: ["f14-vanish-1"],
    exit: 1,
    told: ["output-unknown", "location-gone"],
    sites: { "F14 Goes": "07001 unknown", "F14 Stays": "07001 4" },
  },
  "f14-vanish-1": { told: [], sites: { "F14 Goes": "07001 8", "F14 Stays": "07001 5" } },
  "f14-vanish-2": {
    after: ["f14-vanish-1"],
    told: ["location-gone"],
    sites: { "F14 Goes": "07001 unknown", "F14 Stays": "07001 4" },
  },
  "f15-slot-dup-key-order": { told: ["slot-repeated"], sites: { "F15 Site": "07001 5" } },
  "f16-loc-dup-key-order": { told: ["location-repeated"], sites: { "F15 Site": "07001 5" } },
  "f18-identifier-refs": {
    exit: 1,
    told: ["schedule-unresolved", "of-refused"],
    sites: { "F18 Site": "07001 unknown" },
  },
  "f19-cvs-string-capacity": { told: ["capacity-text"], sites: { "F19 Site": "07001 1" } },
  "f21a-epoch": { exit: 1, told: [], sites: {} },
  "f21b-date": { exit: 1, told: [], sites: {} },
  "f21c-nooffset": { exit: 1, told: [], sites: {} },
  "f21d-year1": { exit: 1, told: [], sites: {} },
  "f21e-space": { told: ["instant-space"], sites: { "F21 e-space": "07001 5" } },
  "f21f-pg": { exit: 1, told: [], sites: {} },
  "f21g-leap": { told: ["instant-leap"], sites: { "F21 g-leap": "07001 5" } },
  "f21h-plus00": { told: ["instant-short"], sites: { "F21 h-plus00": "07001 5" } },
  "f23-ids": {
    exit: 1,
    told: ["id-missing", "id-as-number", "id-invalid"],
    sites: {
      "F23 E": "07001 6",
      "F23 Long": "07001 1",
      "F23 Num": "07001 5",
      "F23 Slash": "07001 3",
      "F23 Under": "07001 2",
    },
  },
  "f24-zip": {
    exit: 1,
    told: ["zip-missing", "zip-invalid", "zip-lost-zero", "zip-plus-four", "zip-state", "state-name", "of-refused"],
    sites: { "F24 FullState": "08332 7", "F24 Nine": "07001 3", "F24 Sp": "07001 4", "F24 Word": "07001 5" },
  },
  "f25-null-ext": { told: [], sites: { "F25 Null": "07001 true" } },
  "f27-has-none-but-two": { told: [], sites: { "F27 Site": "07001 unknown" } },
  "f28-two-products": {
    told: [],
    sites: { "F28 Site": "07001 10" },
    said: {
      "F28 Site": ["207", "208"].map((cvx) => `https://feeds.example.org/f28-two-products/$bulk-publish ${cvx} 10`),
    },
  },
  "f29-names": {
    exit: 1,
    told: ["name-invalid", "of-refused"],
    sites: {
      "F29 &amp; Co": "07001 4",
      "F29 New": "07001 3",
      "F29 Spaces": "07001 1",
      "F29 Tab": "07001 2",
      "F29 ​Zero": "07001 6",
    },
  },
  "f30-array-files": { exit: 1, told: ["not-object"], sites: {} },
  "f31-bundle": { exit: 1, told: ["resource-type", "schedule-unresolved", "of-refused"], sites: {} },
  "f32-test-store": { told: ["location-test"], sites: { "F32 Test Store": "07001 5" } },
  "f34-overlap": { told: [], sites: { "F34 Site": "07001 20" } },
  "f35-no-slot-output": { told: [], sites: { "F35 Site": "07001 unknown" } },
  "f36-bom-manifest": { told: [], sites: { "F36 Site": "07001 5" } },
  "f37-empty": { told: ["feed-empty"], sites: {} },
  "f38-no-output": { exit: 1, told: [], sites: {} },
  "f39-huge": { told: [], sites: { "F39 Site": "07001 true" } },
  "f41-store-2004-a": {
    after: ["f41-store-2004-m", "f41-store-2004-n"],
    told: ["possible-duplicate"],
    sites: { "A41 Albertsons Elm St": "07001 3", "M41 Walgreens Main St": "07001 1", "N41 CVS Oak Ave": "07001 2" },
  },
  "f41-store-2004-m": { told: [], sites: { "M41 Walgreens Main St": "07001 1" } },
  "f41-store-2004-n": {
    after: ["f41-store-2004-m"],
    told: ["possible-duplicate"],
    sites: { "M41 Walgreens Main St": "07001 1", "N41 CVS Oak Ave": "07001 2" },
  },
  "f42-quarter-hours": { told: ["slots-by-day"], sites: { "F42 Clinic": "07001 448" } },
  "f43-long-name": {
    told: ["name-shortened"],
    sites: {
      [`F43 ${"Community Vaccination Clinic hosted with partners ".repeat(5)}`.slice(0, 200).trim()]: "07001 5",
    },
  },
  "f45-ref-case": {
    exit: 1,
    told: ["schedule-unresolved", "of-refused"],
    sites: { "F45 Other": "07001 unknown", "F45 Site": "07001 unknown" },
  },
  "f46-number-ref": { told: ["id-as-number"], sites: { "F46 Site": "07001 5" } },
  "f47-has-availability-aggregator": {
    told: [],
    sites: { "F47 None": "07001 false", "F47 Some": "07001 true", "F47 Unk": "07001 unknown" },
  },
  "f48-poll-0": {
    told: ["slot-free-empty"],
    sites: { "P48 Store 0": "07001 5", "P48 Store 1": "07002 5", "P48 Store 2": "07003 5", "P48 Store 3": "07004 0" },
  },
  "f48-poll-1": {
    after: ["f48-poll-0"],
    told: [],
    sites: { "P48 Store 0": "07001 4", "P48 Store 1": "07002 4", "P48 Store 2": "07003 4", "P48 Store 3": "07004 1" },
  },
  "f48-poll-2": {
    after: ["f48-poll-0", "f48-poll-1"],
    told: [],
    sites: { "P48 Store 0": "07001 3", "P48 Store 1": "07002 3", "P48 Store 2": "07003 3", "P48 Store 3": "07004 2" },
    notYet: "a poll adds a few bytes a site to the log",
  },
  "f50-none-but-free": { told: ["none-but-free"], sites: { "F50 Site": "07001 5" } },
  "f51-no-state": { exit: 1, told: ["zip-invalid", "of-refused"], sites: {} },
  "f52-shared-1": { told: [], sites: { "F52 Pharmacy": "07001 5" } },
  "f52-shared-2": {
    after: ["f52-shared-1"],
    told: ["name-shared"],
    sites: { "F52 Pharmacy": "07001 6", "F52 Pharmacy, Bayonne (11)": "07002 7" },
  },
  "n01-epoch-seconds.ndjson": {
    exit: 1,
    told: ["instant-invalid"],
    sites: { "N01 ms": "07001 5", "N01 zero": "07001 5" },
  },
  "n02-trailing-comma.ndjson": { exit: 1, told: ["not-json"], sites: { "N02 B": "07001 6" } },
  "n03-array.ndjson": { exit: 1, told: ["not-json"], sites: {} },
  "n04-concat.ndjson": { exit: 1, told: ["not-json"], sites: {} },
  "n05-pretty.ndjson": { exit: 1, told: ["not-json"], sites: {} },
  "n06-jsonseq.ndjson": { exit: 1, told: ["not-json"], sites: {} },
  "n07-blank-crlf.ndjson": { told: [], sites: { "N07 A": "07001 5", "N07 B": "07001 6" } },
  "n08-tab.ndjson": { told: ["raw-tab"], sites: { "N08 A": "07001 5", "N08 B": "07001 6" } },
  "n09-nan.ndjson": {
    exit: 1,
    told: ["not-json", "availability-invalid"],
    sites: {
      "N09 B": "07001 5",
      "N09 C": "07001 500",
      "N09 F": "07001 12",
      "N09 G": "07001 true",
      "N09 H": "07001 no report",
      "N09 J": "07001 true",
    },
  },
  "n11-dupkeys.ndjson": { told: [], sites: { "N11 A": "07001 0" } },
  "n12-keys-case.ndjson": { told: ["field-renamed"], sites: { "N12 A": "07001 5", "N12 B": "07001 5" } },
  "n13-observed_at.ndjson": { told: ["field-unknown"], sites: { "N13 A": "07001 5" } },
  "n14-ls.ndjson": {
    exit: 1,
    told: ["field-unknown", "name-invalid"],
    sites: { "N14 B": "07001 5", "N14 C x": "07001 1" },
  },
  "n15-bom-line2.ndjson": { exit: 1, told: ["bom", "not-json"], sites: { "N15 A": "07001 5" } },
  "n16-comments.ndjson": { exit: 1, told: ["not-json"], sites: { "N16 A": "07001 5" } },
  "n17-proto.ndjson": { told: ["field-unknown"], sites: { "N17 A": "07001 5" } },
  "n18-univaf-dump.ndjson": { exit: 1, told: ["record-foreign"], sites: {} },
  "n19-vfi.ndjson": { exit: 1, told: ["record-foreign"], sites: {} },
  "n20-gz-named.ndjson": { told: [], sites: { "N20 A": "07001 5" } },
  "n20-gz.ndjson.gz": { told: [], sites: { "N20 A": "07001 5" } },
  "n22-same-time-products.ndjson": {
    told: [],
    sites: { "N22 CVS 01929": "07011 true doses" },
    said: {
      "N22 CVS 01929": ["CDC 80777-0273-15 false", "CDC 59267-1000-01 true", "CDC 59676-0580-15 false"],
    },
  },
  "n23-deep.ndjson": { exit: 1, told: ["not-json"], sites: {} },
  "n24-truncated.ndjson": { exit: 1, told: ["not-json"], sites: { "N24 A": "07001 5" } },
  "n25b-cdc-rows-noon.ndjson": {
    told: ["field-unknown"],
    sites: { "N25 Store 00001": "07001 true doses" },
    said: {
      "N25 Store 00001": [
        "- 80777-0273-15 false",
        "- 59267-1000-01 true",
        "- 80777-0273-10 false",
        "- 59676-0580-05 false",
      ],
    },
  },
  "n26-unknown-fields.ndjson": {
    told: ["field-renamed", "field-unknown"],
    sites: { "N26 A": "07001 no report", "N26 B": "07001 7" },
  },
  "n27-retired-bool.ndjson": { exit: 1, told: ["text-invalid"], sites: {} },
};
