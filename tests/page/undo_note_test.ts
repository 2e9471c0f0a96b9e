import { assertEquals } from "@std/assert";
import { restoredFrom, undoNote } from "../../src/http/page/undo_note.ts";

Deno.test("the note of an undo says since when the value was true, and is read again", () => {
  const since = Date.UTC(2026, 10, 29, 9);
  assertEquals(undoNote(7, since), "undo of entry 7: as observed at 2026-11-29T09:00:00Z");
  for (const ms of [since, since + 5]) assertEquals(restoredFrom(undoNote(7, ms), since + 60_000), ms);
});

Deno.test("another note, or one of a later time than the report, says nothing of its age", () => {
  const since = Date.UTC(2026, 10, 29, 9);
  const notes = [undefined, "", undoNote(7, 0), `x ${undoNote(7, since)}`, `${undoNote(7, since)} x`];
  for (const note of notes) assertEquals(restoredFrom(note, since + 1), undefined, note);
  assertEquals(restoredFrom("undo of entry 7: as observed at 2026-13-99T09:00:00Z", since), undefined);
  assertEquals(restoredFrom(undoNote(7, since), since), undefined);
});
