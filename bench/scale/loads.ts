/**
 * The loads: how many reports come in a second, about which sites, and how many watch.
 *
 * One national feed has 100,000 sites and is polled 288 times a day: 333 reports a second. Thirty of these, three
 * million sites, are 10,000 reports a second.
 *
 * @module
 */

/** Sites of all loads: as many as thirty national feeds have. */
export const sites = 3_000_000;

/** Reports of one load. */
export interface Load {
  readonly name: string;
  /** Reports in a second, at most and at a time. */
  readonly most: number;
  perSecond(atMs: number): number;
  /** The part of the reports that are about one single site. */
  hotShare(atMs: number): number;
}

/** As many reports all the time. */
export function steady(perSecond: number): Load {
  const name = `steady ${perSecond.toLocaleString("en")}/s`;
  return { name, most: perSecond, perSecond: () => perSecond, hotShare: () => 0 };
}

/** The feeds are polled together: for a fifth of each 10 s, five times as many reports come, and none else. */
export function polls(mean: number): Load {
  return {
    name: `polls, ${mean.toLocaleString("en")}/s on average`,
    most: 5 * mean,
    perSecond: (atMs) => atMs % 10_000 < 2_000 ? 5 * mean : 0,
    hotShare: () => 0,
  };
}

/**
 * Registration opens after 4 s: what people report, a hundredth of all before, is a hundred times as much, and a third
 * of that is about one site.
 */
export function opens(perSecond: number): Load {
  const people = perSecond / 100;
  const now = (atMs: number) => atMs < 4_000 ? people : 100 * people;
  return {
    name: `registration opens, ${perSecond.toLocaleString("en")}/s before`,
    most: perSecond + 100 * people,
    perSecond: (atMs) => perSecond + now(atMs),
    hotShare: (atMs) => now(atMs) / 3 / (perSecond + now(atMs)),
  };
}
