import { assertEquals } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { fuzzHttp } from "./http.ts";

testNeeding(
  ["net"],
  "hundreds of hostile HTTP requests get no fault, no secret, and nothing beyond their role",
  async () => {
    const { tally } = await fuzzHttp(3, 0, 300);
    assertEquals(tally.missing(["401 no-token", "403 forbidden", "400 invalid", "421 wrong-host"]), []);
  },
);
