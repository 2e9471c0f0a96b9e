import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { pageBytes } from "../../src/storage/mark.ts";
import { checkPages } from "../../src/storage/page_check.ts";
import { Damage } from "../../src/storage/storage_error.ts";
import { Random } from "../../src/simulator/random.ts";
import { atOnce } from "../../src/steps.ts";
import { testNeeding } from "../net/needing.ts";
import { bytesOf, inFolder } from "./folder.ts";

/** Pages of a file in memory; counts how often one is asked for. */
class FileBytes {
  asked = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readonly page = (number: number): Uint8Array | undefined => {
    this.asked++;
    const end = number * pageBytes;
    return end > this.#bytes.length ? undefined : this.#bytes.subarray(end - pageBytes, end);
  };
}

interface Sample {
  readonly bytes: Uint8Array;
  readonly roots: readonly number[];
}

/** A file with trees of several levels, rows that need other pages, free blocks, and free pages. */
function sampleIn(folder: string, rows: number): Sample {
  const file = `${folder}/sample.db`;
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = OFF; BEGIN`);
  for (const table of ["short", "long"]) {
    database.exec(`CREATE TABLE ${table}(number INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL)`);
  }
  const short = database.prepare("INSERT INTO short VALUES (?, ?, ?)");
  // Lengths from one page to several, also those at which a row just fits.
  const long = database.prepare("INSERT INTO long VALUES (?, ?, ?)");
  for (let k = 1; k <= rows; k++) short.run(k * 300, k * 7_919_000, bytesOf(k % 90, k));
  for (let k = 1; k <= rows / 20; k++) long.run(k, k % 3, bytesOf(k % 2 === 0 ? 4040 + k : 4000 * (k % 7), k));
  database.exec("COMMIT; DELETE FROM long WHERE number % 5 = 0; DELETE FROM short WHERE number % 900 = 0");
  const roots = database.prepare("SELECT rootpage FROM sqlite_schema").all().map(({ rootpage }) => Number(rootpage));
  database.close();
  return { bytes: Deno.readFileSync(file), roots };
}

/** What SQLite says of a file: `ok`, or what is wrong with it. */
function verdictOf(file: string, bytes: Uint8Array): string {
  Deno.writeFileSync(file, bytes);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return String(database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    database.close();
  }
}

/** One of the ways in which a file is damaged. */
function damaged(bytes: Uint8Array, random: Random): { bytes: Uint8Array; what: string } {
  const copy = bytes.slice();
  const pages = copy.length / pageBytes;
  const page = random.below(pages);
  const at = page * pageBytes;
  switch (random.below(6)) {
    case 0: {
      // Where most of what is not data stands.
      const place = at + random.below(24) + (page === 0 ? 24 : 0);
      copy[place] ^= 1 << random.below(8);
      return { bytes: copy, what: `byte ${place % pageBytes} of page ${page + 1}` };
    }
    case 1: {
      const place = Math.max(24, at + random.below(pageBytes));
      copy[place] ^= 1 + random.below(255);
      return { bytes: copy, what: `byte ${place % pageBytes} of page ${page + 1}` };
    }
    case 2:
      copy.fill(0, Math.max(100, at), at + pageBytes);
      return { bytes: copy, what: `zeros in page ${page + 1}` };
    case 3: {
      const other = 1 + random.below(pages - 1);
      copy.set(bytes.subarray(other * pageBytes, (other + 1) * pageBytes), Math.max(1, page) * pageBytes);
      return { bytes: copy, what: `page ${other + 1} in the place of page ${Math.max(1, page) + 1}` };
    }
    case 4: {
      // A number of a page.
      const place = at + (page === 0 ? 32 : 0) + 4 * random.below(3);
      new DataView(copy.buffer).setUint32(place, random.below(pages + 2));
      return { bytes: copy, what: `a number at byte ${place % pageBytes} of page ${page + 1}` };
    }
    default:
      return { bytes: copy.slice(0, Math.max(1, page) * pageBytes), what: `only ${Math.max(1, page)} pages` };
  }
}

function faultOf({ bytes, roots }: Sample): string | undefined {
  try {
    atOnce(checkPages(new FileBytes(bytes).page, roots));
  } catch (error) {
    assert(error instanceof Damage, `${error}`);
    return error.message;
  }
}

const needs = ["read", "write"] as const;

testNeeding(
  ["read", "write"],
  "checkPages() refuses a file that SQLite takes for longer than its header says",
  () =>
    inFolder((folder) => {
      const { bytes, roots } = sampleIn(folder, 100);
      const longer = new Uint8Array(bytes.length + 2 * pageBytes);
      longer.set(bytes);
      atOnce(checkPages(new FileBytes(longer).page, roots));
      longer[27] ^= 1;
      assertThrows(() => atOnce(checkPages(new FileBytes(longer).page, roots)), Damage, "its header is damaged");
    }),
);

testNeeding(
  needs,
  "checkPages() finds what SQLite's integrity_check finds, and takes a sound file",
  () =>
    inFolder((folder) => {
      const sample = sampleIn(folder, 900);
      assertEquals(faultOf(sample), undefined);
      const random = new Random(1);
      const count = { both: 0, neither: 0, ours: 0 };
      for (let k = 0; k < 1000; k++) {
        const { bytes, what } = damaged(sample.bytes, random);
        const verdict = verdictOf(`${folder}/damaged.db`, bytes);
        const fault = faultOf({ bytes, roots: sample.roots });
        if (verdict === "ok") count[fault === undefined ? "neither" : "ours"]++;
        else if (fault !== undefined) count.both++;
        else assert(false, `${what}: only SQLite says: ${verdict}`);
      }
      assert(count.both > 400 && count.neither > 200, JSON.stringify(count));
    }),
);

testNeeding(needs, "checkPages() looks at a page in each step, however many there are", () =>
  inFolder((folder) => {
    for (const rows of [20, 5000]) {
      const { bytes, roots } = sampleIn(folder, rows);
      Deno.removeSync(`${folder}/sample.db`);
      const pages = new FileBytes(bytes);
      const steps = checkPages(pages.page, roots);
      let most = 0;
      let before = 0;
      while (!steps.next().done) {
        most = Math.max(most, pages.asked - before);
        before = pages.asked;
      }
      // In the first step, it also reads how many there are.
      assert(most <= 4, `${most} pages in one step`);
    }
  }));

Deno.test("checkPages() takes any bytes", () => {
  const random = new Random(2);
  for (let k = 0; k < 200; k++) {
    const bytes = new Uint8Array(pageBytes * 3).map(() => random.below(256));
    const view = new DataView(bytes.buffer);
    view.setUint32(28, k % 4);
    view.setUint32(32, k % 3);
    view.setUint32(36, k % 2);
    bytes[100] = bytes[pageBytes] = k % 2 === 0 ? 5 : 13;
    assertThrows(() => atOnce(checkPages(new FileBytes(bytes).page, [2])), Damage);
  }
});
