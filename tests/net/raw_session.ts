/**
 * A raw client with a link to each of several replicas: a transmitter that can stop anywhere in a broadcast.
 *
 * @module
 */

import { newSecret, RawClient } from "./raw_client.ts";

/** One session, link by link. */
export class RawSession {
  /** By replica. */
  readonly links: readonly RawClient[];
  /** The largest floor: later timestamps are above it. */
  readonly floor: number;

  private constructor(links: readonly RawClient[], floor: number) {
    this.links = links;
    this.floor = floor;
  }

  /** Links to all replicas, and gives each its HELLO. */
  static async greet(ports: readonly number[]): Promise<readonly RawClient[]> {
    const secret = newSecret();
    return await Promise.all(ports.map((port) => RawClient.greet(port, secret)));
  }

  /** Becomes active at all replicas, in one view of theirs. */
  static async join(ports: readonly number[]): Promise<RawSession> {
    const links = await RawSession.greet(ports);
    for (;;) {
      const floors = await Promise.all(links.map((link) => link.activate()));
      const v = Math.max(...links.map((link) => link.v));
      const behind = links.filter((link) => link.v < v);
      if (behind.length === 0) return new RawSession(links, Math.max(...floors));
      await Promise.all(behind.map((link) => link.view()));
    }
  }

  /** Ends all links as the death of a process does: what was not sent is lost. */
  die(): void {
    for (const link of this.links) link.die();
  }

  /** Ends all links when all is sent. */
  async leave(): Promise<void> {
    await Promise.all(this.links.map((link) => link.leave()));
  }
}
