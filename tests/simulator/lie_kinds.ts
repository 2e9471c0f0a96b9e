/**
 * What lies there are.
 *
 * @module
 */

/** All lies, as they are counted. */
export const lieKinds = [
  "begins to lie after it was honest",
  "lies in HELLO about the outputs that it has",
  "names another cluster",
  "takes its own link away",
  "closes a link",
  "opens another session",
  "joins at some replicas only",
  "joins with other timestamps",
  "sends before it has joined",
  "withholds a request from some",
  "another timestamp under one seq",
  "other commands under one seq",
  "another promise under one seq",
  "another done under one seq",
  "an end under the seq of a request",
  "breaks what it has promised to others",
  "says that it has outputs which it has not",
  "the smallest timestamp, to one alone",
  "the smallest timestamp, and a death",
  "a timestamp near a clock",
  "a timestamp near what waits",
  "a timestamp near what others have said",
  "a huge timestamp",
  "a timestamp above what a clock may be",
  "a timestamp out of all bounds",
  "a flood",
  "ends its session",
  "tells its clock to some only",
  "tells an old clock",
  "suspends at some replicas only",
  "suspends with requests that are open",
  "is silent",
  "reads what cannot be yet",
  "reads a change",
  "reads at another replica",
  "reads again under one number",
  "reads before it has joined",
  "leaves a gap",
  "repeats a seq",
  "breaks its promise",
  "promises less than it sends",
  "confirms what was never sent",
  "a request without commands",
  "a frame of an old view",
  "a frame of the next view",
  "a frame of a view far ahead",
  "joins twice",
  "sends after the end",
  "greets twice",
] as const;

/** One of them. */
export type LieKind = typeof lieKinds[number];
