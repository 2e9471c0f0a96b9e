import { assertEquals } from "@std/assert";
import { BackupFolder } from "../../src/storage/backup_folder.ts";
import { headName, headsAmong, isOfBackups } from "../../src/storage/backup_names.ts";
import { checkBackups } from "./backup_checks.ts";

Deno.test("A directory of backups has only whole ones, whatever crashes, and nothing comes twice", () => {
  checkBackups({ BackupFolder }, 4);
});

Deno.test("The newest backup is the one with the most commands, and of these the last", () => {
  const at = Date.UTC(2026, 10, 24, 15, 48, 16, 999);
  assertEquals(headName(1204, at), "20261124T154816Z-1204.head");
  const names = ["20261124T154816Z-9.head", "20251124T154816Z-10.head", "x.head", "20261124T154817Z-9.head"];
  assertEquals(headsAmong(names).map(({ name }) => name), [names[1], names[3], names[0]]);
  const files = ["state.partial", "head.partial", "7.partial", names[0], `documents-1-${"0f".repeat(32)}`];
  assertEquals(files.map(isOfBackups), files.map(() => true));
  assertEquals(["lost+found", "monday.backup", "7-00", "x.partial"].filter(isOfBackups), []);
});
