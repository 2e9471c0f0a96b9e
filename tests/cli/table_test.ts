import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import fc from "fast-check";
import { cut, Table, type TableColumn } from "../../src/cli/table.ts";

/** A column that shows the cell at its place in a row. */
function column(at: number, shown: Omit<TableColumn<readonly string[]>, "cell">): TableColumn<readonly string[]> {
  return { ...shown, cell: (row) => row[at] };
}

const columns = [
  column(0, { head: "Site", rank: 0 }),
  column(1, { head: "ZIP", rank: 2, widthMin: 5 }),
  column(2, { head: "Count", rank: 1, isFigure: true }),
  column(3, { head: "Note", rank: 3 }),
];
const rows = [
  ["Rite Aid, Millville", "08332", "40", "by the side door only"],
  ["Harvard University", "02138", "1204", ""],
];

Deno.test("A table in a pipe is complete, with words to the left and figures to the right", () => {
  assertEquals(
    new Table(columns).rows(rows),
    `Site                 ZIP    Count  Note
Rite Aid, Millville  08332     40  by the side door only
Harvard University   02138   1204
`,
  );
});

/** The table in a window. */
function at(width: number, cells = rows): string {
  const table = new Table(columns, width);
  return table.rows(cells) + table.end();
}

Deno.test("A table fits its window: what matters least is cut, then left out, and that is said", () => {
  assertEquals(
    at(50),
    `Site                 ZIP    Count  Note
Rite Aid, Millville  08332     40  by the side do…
Harvard University   02138   1204
`,
  );
  assertEquals(
    at(40),
    `Site              ZIP    Count  Note
Rite Aid, Millv…  08332     40  by the…
Harvard Univers…  02138   1204
`,
  );
  assertEquals(
    at(20),
    `Site           Count
Rite Aid, Mi…     40
Harvard Univ…   1204
(no room for: ZIP,
Note; --json and a
wider window show
all)
`,
  );
  assertEquals(at(5).split("\n").slice(0, 3), ["Site", "Rite…", "Harv…"]);
});

Deno.test("A table leaves columns out that are empty, on a terminal only", () => {
  const cells = [["A", "1", "0", ""]];
  assertEquals(at(80, cells), "Site  ZIP  Count\nA     1        0\n");
  assertEquals(new Table(columns).rows(cells), "Site  ZIP  Count  Note\nA     1        0\n");
  assertEquals(new Table([column(0, { head: "Site", rank: 0 })], 80).rows([]), "Site\n");
});

Deno.test("A table that comes in blocks keeps its columns, and has a new head where they change", () => {
  const table = new Table(columns, 40);
  assertEquals(table.rows([["A long name", "1", "0", ""]]), "Site         ZIP  Count\nA long name  1        0\n");
  assertEquals(table.rows([["B", "22", "7", ""]]), "B            22       7\n");
  assertEquals(table.rows([]), "");
  assertEquals(
    table.rows([["C", "3", "1", "a note"]]),
    "\nSite         ZIP  Count  Note\nC            3        1  a note\n",
  );
  assertEquals(table.end(), "");
});

Deno.test("A table has short heads where the long ones would cost room that its cells need", () => {
  const sites = [
    column(0, { head: "Availability", short: "Avail.", rank: 1, isFigure: true }),
    column(1, { head: "ZIP Code", short: "ZIP", rank: 2, widthMin: 5 }),
    column(2, { head: "Site Name", rank: 0 }),
  ];
  const row = ["0", "02138", "Harvard University"];
  const wide = "Availability  ZIP Code  Site Name\n           0  02138     Harvard University\n";
  const narrow = "Avail.  ZIP    Site Name\n     0  02138  Harvard University\n";
  assertEquals(new Table(sites, 42).rows([row]), wide);
  assertEquals(new Table(sites, 41).rows([row]), narrow);
  assertEquals(new Table(sites, 33).rows([row]), narrow);
  const table = new Table(sites, 41);
  assertEquals(table.rows([["0", "1", "MIT"]]), "Availability  ZIP Code  Site Name\n           0  1         MIT\n");
  assertEquals(table.rows([row]), `\n${narrow}`);
});

Deno.test("A table marks its head, and prints no control characters of a cell", () => {
  const text = new Table([column(0, { head: "Site", rank: 0 })], undefined, true).rows([["a\u001b[2J\nb"]]);
  assertEquals(text, "\x1b[1mSite\x1b[22m\na\\u001b[2J\\u000ab\n");
});

Deno.test("A table with figures alone that do not fit keeps the one that matters most", () => {
  const table = new Table(
    [column(0, { head: "a", rank: 1, isFigure: true }), column(1, { head: "b", rank: 0, isFigure: true })],
    7,
  );
  assertEquals(table.rows([["12345", "12345"]]), "    b\n12345\n");
});

Deno.test("cut() keeps a letter and what combines with it together, and knows wide ones", () => {
  const cases: [string, number, string][] = [
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["abcd", 1, "…"],
    ["ab cd", 4, "ab…"],
    ["薬局薬局", 8, "薬局薬局"],
    ["薬局薬局", 7, "薬局薬…"],
    ["薬局薬局", 6, "薬局…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["👩\u200d⚕\ufe0f!!", 4, "👩\u200d⚕\ufe0f…"],
  ];
  for (const [text, width, expected] of cases) assertEquals(cut(text, width), expected, text);
});

Deno.test("No line of a table is wider than its window, and none is lost, whatever the cells are", () => {
  const cell = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constantFrom("", "薬局", "e\u0301", "1204"));
  const row = fc.tuple(cell, cell, cell.map((text) => String(text.length)), cell).map((cells) => [...cells]);
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.integer({ min: 8, max: 90 }), (cells, width) => {
      const text = new Table(columns, width).rows(cells);
      const lines = text.split("\n");
      assertEquals(lines.length, cells.length + 2);
      for (const line of lines) assert(unicodeWidth(line) <= width, `${line} in ${width}`);
      const whole = new Table(columns).rows(cells);
      assert(!whole.includes("…") || cells.flat().some((it) => it.includes("…")));
      for (const [, , figure] of cells) assertStringIncludes(whole, figure);
    }),
  );
});
