/**
 * What tests ask of clusters that seal.
 *
 * @module
 */

import { VaxlogClient } from "../../src/library/client.ts";
import type { RunningStatus } from "../../src/net/client/status.ts";
import { fetchStatuses, Session } from "../net/admitted.ts";

const site = "Harvard University";

/** Waits until each replica has sealed at least that many segments. */
export async function sealed(addresses: readonly string[], segments: number): Promise<RunningStatus[]> {
  for (;;) {
    const answers = await fetchStatuses(addresses);
    const statuses = answers.flatMap((answer) => "status" in answer ? [answer.status] : []);
    const isSealed = ({ history }: RunningStatus) => history !== undefined && history.segments >= segments;
    if (statuses.length === addresses.length && statuses.every(isSealed)) return statuses;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All values that were ever reported, the first one first. */
export async function valuesIn(addresses: readonly string[]): Promise<unknown[]> {
  const session = await Session.connect(addresses);
  const values: unknown[] = [];
  for await (const entries of new VaxlogClient(session).history(site)) {
    for (const entry of entries) if ("availability" in entry) values.push(entry.availability);
  }
  await session.close();
  return values;
}
