import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "../../bench/options.ts";

Deno.test("parseOptions() reads what the bench is asked for", () => {
  assertEquals(parseOptions([]), { isQuick: false, only: [], isJson: false, writesDocs: false });
  assertEquals(parseOptions(["--quick", "--json", "--only", "kill, t3-1x256"]), {
    isQuick: true,
    only: ["kill", "t3-1x256"],
    isJson: true,
    writesDocs: false,
  });
  assertEquals(parseOptions(["--help", "--quick"]), "help");
});

Deno.test("parseOptions() says what makes no sense", () => {
  assertThrows(() => parseOptions(["--fast"]), UsageError, "Unknown option '--fast'");
  assertThrows(() => parseOptions(["kill"]), UsageError, "Unexpected argument 'kill'");
  assertThrows(() => parseOptions(["--only", " ,"]), UsageError, "names no row");
});
