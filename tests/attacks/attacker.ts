/**
 * The worker of an attack: it has a thread of its own, so that honest clients are measured and not the event loop.
 *
 * @module
 */

import { attacks } from "./attacks.ts";

/** What to attack; or the word to begin, for attacks by clients that are there before. */
export type AttackerOrder = { readonly name: string; readonly ports: readonly number[] } | "begin";

const begins = Promise.withResolvers<void>();

const worker = self as unknown as { onmessage: (event: MessageEvent<AttackerOrder>) => void };
worker.onmessage = ({ data }) => {
  if (data === "begin") begins.resolve();
  else attacks[data.name].run(data.ports, begins.promise);
};
