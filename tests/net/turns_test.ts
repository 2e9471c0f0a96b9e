import { assert, assertEquals } from "@std/assert";
import { linkTurnBytes, turnBytes, Turns, type TurnShare } from "../../src/net/turns.ts";

const frameBytes = 1000;

function newShare(): TurnShare {
  return { turn: 0, bytes: 0 };
}

/** Hands over frames as a link does that always has something to read. Returns the turn of each frame. */
async function flood(turns: Turns, frames: number, bytes = frameBytes): Promise<number[]> {
  const share = newShare();
  const turnOf: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    if (!turns.take(share, bytes)) await turns.next(share, bytes, false);
    turnOf.push(share.turn);
  }
  return turnOf;
}

/** How often each item occurs. */
function countsOf(items: readonly number[]): number[] {
  return [...Map.groupBy(items, (item) => item).values()].map(({ length }) => length);
}

Deno.test("Turns let a link hand over a bounded number of bytes in a turn", async () => {
  const counts = countsOf(await flood(new Turns(), 300));
  assert(counts.length >= 300 * frameBytes / linkTurnBytes);
  for (const count of counts) assert(count * frameBytes <= linkTurnBytes + frameBytes);
});

Deno.test("Turns do not slow down a link that lets the event loop turn by itself", async () => {
  const turns = new Turns();
  const share = newShare();
  for (let frame = 0; frame < 100; frame++) {
    assert(turns.take(share, linkTurnBytes / 2), `frame ${frame}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
});

Deno.test("Turns count small frames for more than their bytes", async () => {
  const counts = countsOf(await flood(new Turns(), 3000, 1));
  for (const count of counts) assert(count <= 1 + linkTurnBytes / 64);
});

Deno.test("Turns let one of the links that flood continue at a time, and each in its turn", async () => {
  const turns = new Turns();
  // Three do not use up what all may.
  const links = await Promise.all(Array.from({ length: 3 }, () => flood(turns, 300)));
  // The first turn is everybody's.
  const later = links.map((turnOf) => new Set(turnOf.filter((turn) => turn > 0)));
  const all = later.flatMap((turnsOfOne) => [...turnsOfOne]);
  assertEquals(new Set(all).size, all.length, "two of them had the same turn");
  for (const turnsOfOne of later) assert(turnsOfOne.size >= 2);
});

Deno.test("Turns let links that use little pass those that flood", async () => {
  const turns = new Turns();
  let isOver = false;
  const floods = Promise.all(Array.from({ length: 5 }, () => flood(turns, 500))).then(() => isOver = true);
  const share = newShare();
  for (let frame = 0; frame < 50; frame++) {
    if (!turns.take(share, 10)) await turns.next(share, 10, false);
    await Promise.resolve();
  }
  assert(!isOver);
  await floods;
});

Deno.test("Turns bound what many links hand over in a turn of which each uses little", async () => {
  const turns = new Turns();
  const links = await Promise.all(Array.from({ length: 2000 }, () => flood(turns, 1)));
  for (const count of countsOf(links.flat())) assert(count * frameBytes <= turnBytes + frameBytes);
});
