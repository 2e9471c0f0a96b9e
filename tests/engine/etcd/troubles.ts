/**
 * The troubles of a long run, which come at random: every line of the table in docs/design/engine.md.
 *
 * @module
 */

import { pause } from "../../../src/runtime/within.ts";
import { leaseSeconds } from "../../../src/engine/etcd/sayings.ts";
import type { Random } from "../../../src/simulator/random.ts";
import type { EtcdMember } from "./cluster.ts";
import { halted } from "./failing.ts";
import type { Tally } from "./node_client.ts";
import type { NodeProcess } from "./node_process.ts";
import { rootToken } from "./users.ts";
import type { World } from "./world.ts";

/** The user of the nodes, who may use the prefix of the order and nothing else. */
export const user = { name: "ann", password: "secret", prefix: "/vaxlog/" } as const;

/** Milliseconds for members that have healed to do something. */
const healedMs = 120_000;

/** Nodes of a long run. */
export const nodeCount = 3;

/** Makes trouble, and ends it. */
export class Troubles {
  readonly #world: World;
  readonly #random: Random;
  readonly #tally: Tally;
  /** Nodes that clients do not use now. */
  readonly hidden = new Set<NodeProcess>();

  constructor(world: World, random: Random, tally: Tally) {
    this.#world = world;
    this.#random = random;
    this.#tally = tally;
  }

  /** The last ones, for people. */
  readonly last: string[] = [];

  /** How often each was made, in the order of their names. */
  get counts(): [name: string, count: number][] {
    return [...this.#tally.counts].sort(([a], [b]) => a < b ? -1 : 1);
  }

  /** Makes one trouble, or two at once, waits, and heals all. */
  async make(): Promise<void> {
    const random = this.#random;
    const names = Object.keys(this.#all).filter((name) => this.#world.network !== undefined || !name.includes("cut"));
    const count = random.chance(0.25) ? 2 : 1;
    for (let at = 0; at < count; at++) {
      const name = random.pick(names);
      this.#tally.count(name);
      this.last.push(name);
      if (this.last.length > 6) this.last.shift();
      await this.#all[name]();
      if (at + 1 < count) await pause(random.below(300));
    }
    await pause(random.pick([100, 500, 1_500, 3_000, 5_000]));
    await this.#heal();
  }

  async #heal(): Promise<void> {
    const world = this.#world;
    await world.heal();
    for (let at = 0; at < nodeCount; at++) {
      if (await this.#isGone(world.node(at))) await world.startNode(at);
    }
  }

  /** Whether a node was killed, or has stopped for a good reason; then it is killed. */
  async #isGone(node: NodeProcess): Promise<boolean> {
    if (!node.isUp) return true;
    const { halted } = await node.look();
    if (halted === undefined) return false;
    if (!halted.includes("permission denied")) throw new Error(`${node.name} has stopped: ${halted}`);
    await node.kill();
    this.#tally.count("nodes that had lost their right");
    return true;
  }

  async #leader(): Promise<EtcdMember> {
    // One that is frozen already does not say that it leads.
    const found = await Promise.race([this.#world.cluster.leader(), pause(1_000).then(() => undefined)]).catch(
      () => {},
    );
    return found ?? this.#random.pick(this.#world.cluster.members);
  }

  #member(): EtcdMember {
    return this.#random.pick(this.#world.cluster.members);
  }

  #anyNode(): number {
    return this.#random.below(nodeCount);
  }

  /**
   * Asks as the one who may do everything, until a member has done it: right after trouble there may be none who leads.
   *
   * @param only the member to ask; absent: any.
   */
  async #root(path: string, body: unknown, only?: EtcdMember): Promise<Record<string, unknown>> {
    const { cluster } = this.#world;
    const endMs = performance.now() + healedMs;
    for (;;) {
      for (const member of only === undefined ? cluster.members : [only]) {
        if (!member.isUp) continue;
        try {
          return await cluster.ask(member, path, body, await rootToken(cluster, member));
        } catch (error) {
          const { message } = error as Error;
          // An earlier attempt was done.
          if (/has been compacted|is not granted to the user/.test(message)) return {};
          if (performance.now() > endMs) throw error;
        }
      }
      await pause(100);
    }
  }

  async #compact(): Promise<void> {
    const { header } = await this.#root("/v3/kv/range", { key: "AA==" }) as { header: { revision: string } };
    await this.#root("/v3/kv/compaction", { revision: header.revision });
  }

  readonly #all: Readonly<Record<string, () => Promise<void>>> = {
    "leader killed": async () => await (await this.#leader()).kill(),
    "member killed": async () => await this.#member().kill(),
    "majority killed": async () => {
      const [first, second] = this.#random.shuffled(this.#world.cluster.members);
      await Promise.all([first.kill(), second.kill()]);
    },
    "all members killed": async () => {
      await Promise.all(this.#world.cluster.members.map((member) => member.kill()));
    },
    "leader frozen": async () => (await this.#leader()).freeze(),
    "member frozen": async () => await this.#member().freeze(),
    "node killed": async () => await this.#world.killNode(this.#anyNode()),
    "two nodes killed": async () => {
      const [first, second] = this.#random.shuffled([0, 1, 2]);
      await Promise.all([this.#world.killNode(first), this.#world.killNode(second)]);
    },
    "node frozen": async () => await this.#world.node(this.#anyNode()).freeze(),
    "leader cut off": async () => {
      const leader = await this.#leader();
      await this.#world.network!.part([leader.name], this.#others(leader));
    },
    "leader cut: nobody hears it": async () => {
      const leader = await this.#leader();
      for (const other of this.#others(leader)) await this.#world.network!.cut(leader.name, other);
    },
    "leader cut: it hears nobody": async () => {
      const leader = await this.#leader();
      for (const other of this.#others(leader)) await this.#world.network!.cut(other, leader.name);
    },
    "node and a member cut off": async () => {
      const member = this.#member();
      const place = `n${this.#anyNode() + 1}`;
      const nodes = ["n1", "n2", "n3"].filter((other) => other !== place);
      await this.#world.network!.part([member.name, place], [...this.#others(member), ...nodes]);
    },
    "node cut off": async () => {
      const members = this.#world.cluster.members.map(({ name }) => name);
      await this.#world.network!.part([`n${this.#anyNode() + 1}`], members);
    },
    "node cut: it hears no member": async () => {
      const place = `n${this.#anyNode() + 1}`;
      for (const { name } of this.#world.cluster.members) await this.#world.network!.cut(name, place);
    },
    "node cut: no member hears it": async () => {
      const place = `n${this.#anyNode() + 1}`;
      for (const { name } of this.#world.cluster.members) await this.#world.network!.cut(place, name);
    },
    "some links cut": async () => {
      const places = ["e1", "e2", "e3", "n1", "n2", "n3"];
      for (let count = 0; count < 4; count++) {
        const [from, to] = this.#random.shuffled(places);
        await this.#world.network!.cut(from, to);
      }
    },
    "compacted": async () => {
      await this.#world.heal();
      await this.#compact();
    },
    "compacted while a node is frozen": async () => {
      await this.#world.heal();
      this.#world.node(this.#anyNode()).freeze();
      await pause(300);
      await this.#compact();
    },
    "no space": async () => {
      await this.#world.heal();
      await this.#root("/v3/maintenance/alarm", { action: "ACTIVATE", memberID: "0", alarm: "NOSPACE" });
      await pause(this.#random.below(1_500));
      await this.#world.heal();
      // The way out that `health` says.
      await this.#compact();
      for (const member of this.#world.cluster.members) {
        await this.#root("/v3/maintenance/defragment", {}, member);
      }
      await this.#root("/v3/maintenance/alarm", { action: "DEACTIVATE", memberID: "0", alarm: "NOSPACE" });
    },
    "tokens forgotten": async () => {
      // All nodes are frozen for longer than a token lives that is not used.
      for (const node of this.#world.nodes) node.freeze();
      await pause(2_500);
    },
    "right taken away": async () => {
      // The nodes that hear of it stop for good.
      await this.#world.heal();
      await this.#root("/v3/auth/user/revoke", { name: user.name, role: "order" });
      await pause(this.#random.below(1_500));
      await this.#world.heal();
      await this.#root("/v3/auth/user/grant", { user: user.name, role: "order" });
    },
    "node whose state differs": async () => {
      // It finds out with the others, and all stop. No client uses it, and it writes no snapshot.
      await this.#world.heal();
      const wrong = await this.#world.startNode(nodeCount - 1, { isWrong: true, epochBytes: 2 ** 50 });
      this.hidden.add(wrong);
      const former = this.#world.nodes.filter((node) => node !== wrong);
      await Promise.all([wrong, ...former].map((node) => halted(node)));
      await Promise.all([wrong, ...former].map((node) => node.kill()));
      this.#tally.count("nodes that had stopped as states differ", former.length + 1);
      // What the wrong one has said counts until its lease ends: nodes that start before that stop as well.
      await pause((leaseSeconds + 2) * 1_000);
    },
  };

  #others(member: EtcdMember): string[] {
    return this.#world.cluster.members.filter((other) => other !== member).map(({ name }) => name);
  }
}
