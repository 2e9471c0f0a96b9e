/**
 * The worker of an attack: it has a thread of its own, so that honest clients are measured and not the event loop.
 *
 * @module
 */

import { attacks } from "./attacks.ts";

const worker = self as unknown as { onmessage: (event: MessageEvent<{ name: string; ports: number[] }>) => void };
worker.onmessage = ({ data: { name, ports } }) => {
  attacks[name].run(ports);
};
