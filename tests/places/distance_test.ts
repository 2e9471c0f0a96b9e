import { assert, assertEquals, assertThrows } from "@std/assert";
import { ValueError } from "../../src/database/values.ts";
import { isPosition, milesBetween, parseDistance } from "../../src/places/distance.ts";

const boston = { latitude: 42.3601, longitude: -71.0589 };
const newYork = { latitude: 40.7128, longitude: -74.006 };

Deno.test("milesBetween() is the way along the surface of the earth", () => {
  // As published: 190 miles.
  assert(Math.abs(milesBetween(boston, newYork) - 190) < 1);
  assertEquals(milesBetween(boston, newYork), milesBetween(newYork, boston));
  assertEquals(milesBetween(boston, boston), 0);
  // Over the date line, and to the other side of the earth.
  assert(milesBetween({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 }) < 70);
  const half = milesBetween({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 0 });
  assert(Math.abs(half - 12_437) < 5);
});

Deno.test("parseDistance() reads miles and kilometres, and refuses everything else", () => {
  for (const typed of ["10mi", "10 mi", " 10MI ", "10 miles"]) assertEquals(parseDistance(typed), 10);
  assertEquals(parseDistance("1 mile"), 1);
  assertEquals(parseDistance("2.5mi"), 2.5);
  assertEquals(Math.round(parseDistance("16km") * 100), 994);
  for (const typed of ["", "10", "mi", "-1mi", "0mi", "1e3mi", "21000km", "99999mi", "1,5mi", "10 m"]) {
    assertThrows(() => parseDistance(typed), ValueError, "give one such as 10mi or 16km");
  }
});

Deno.test("isPosition() takes degrees of places on the earth only", () => {
  assert(isPosition(42, -71) && isPosition(-90, 180));
  for (const [latitude, longitude] of [["42", -71], [91, 0], [0, 181], [NaN, 0], [undefined, undefined], [0, null]]) {
    assert(!isPosition(latitude, longitude));
  }
});
