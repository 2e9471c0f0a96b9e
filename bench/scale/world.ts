/**
 * The model: partitions with nodes and an etcd cluster each, gateways that take reports, gateways that follow, and the
 * reports that pass through them. Discrete events; a seed decides everything.
 *
 * A gateway has one round of commands under way for each partition, and gathers the next one meanwhile. A node has
 * lanes with one append under way each, and gathers the next record meanwhile, as in src/engine/core/lanes.ts. Each
 * node of a partition executes all of its records; the one that took a round tells the gateway the outputs, and each
 * tells the gateways that follow it the entries.
 *
 * @module
 */

import { EventQueue } from "../event_queue.ts";
import { type Figures, figures } from "./constants.ts";
import { Followers } from "./followers.ts";
import type { Fault, Report, Seen, Setting } from "./setting.ts";
import { Chance, Station } from "./stations.ts";

interface Round {
  readonly gateway: Gateway;
  readonly partition: Partition;
  readonly reports: readonly Report[];
  readonly bytes: number;
  /** The node that has it; another one, if that fails. */
  node: Node;
  isDone: boolean;
}

interface Gateway {
  readonly at: number;
  readonly processor: Station;
  readonly lane: number;
  isUp: boolean;
  /** For each partition. */
  readonly waiting: Report[][];
  readonly underWay: (Round | undefined)[];
}

interface Node {
  readonly at: number;
  readonly processor: Station;
  isUp: boolean;
  readonly lanes: { waiting: Round[]; isBusy: boolean }[];
}

interface Partition {
  readonly at: number;
  readonly nodes: readonly Node[];
  readonly etcd: Station;
  lastCommitMs: number;
  /** etcd has no leader from here to there. */
  gap: readonly [fromMs: number, toMs: number];
  /** While sites move: "fenced" once they belong to the new partition, and "open" once that takes reports. */
  split: "whole" | "fenced" | "open";
}

/** Milliseconds after the last report for which outcomes are waited for. */
const drainMs = 20_000;

/** Gateways that the model has for all that follow: each of them does the same. */
const modelledFollowers = 3;

/** Runs it. */
export function run(setting: Setting): Seen {
  return new World(setting).run();
}

class World {
  readonly #setting: Setting;
  readonly #figures: Figures;
  readonly #chance: Chance;
  readonly #queue = new EventQueue<() => void>();
  readonly #partitions: Partition[];
  readonly #gateways: Gateway[];
  readonly #followers: Followers;
  readonly #seen: { atMs: number; ms: number; partition: number }[] = [];
  #nowMs = 0;
  #left = 0;
  #records = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#figures = { ...figures, ...setting.figures };
    this.#chance = new Chance(setting.seed);
    const count = setting.partitions * (setting.splitAtMs === undefined ? 1 : 2);
    this.#partitions = Array.from({ length: count }, (_, at) => this.#newPartition(at));
    this.#gateways = Array.from({ length: setting.gateways }, (_, at) => ({
      at,
      processor: new Station(),
      lane: this.#chance.below(this.#figures.lanes),
      isUp: true,
      waiting: this.#partitions.map(() => []),
      underWay: this.#partitions.map(() => undefined),
    }));
    this.#followers = new Followers({
      figures: this.#figures,
      chance: this.#chance,
      modelled: Math.min(modelledFollowers, setting.followers),
      all: setting.followers,
      watchers: setting.watchers,
      nodes: setting.nodes,
      at: (ms, act) => this.#queue.push(ms, act),
    });
  }

  #newPartition(at: number): Partition {
    const nodes = Array.from({ length: this.#setting.nodes }, (_, node) => ({
      at: node,
      processor: new Station(this.#setting.slowdown),
      isUp: true,
      lanes: Array.from({ length: this.#figures.lanes }, () => ({ waiting: [], isBusy: false })),
    }));
    return { at, nodes, etcd: new Station(), lastCommitMs: 0, gap: [Infinity, Infinity], split: "whole" };
  }

  run(): Seen {
    const { fault, splitAtMs, partitions, lastsMs, isClosed = false } = this.#setting;
    for (const gateway of this.#gateways) if (isClosed) this.#begin(gateway);
    if (!isClosed) this.#next(0);
    if (fault !== undefined) this.#at(fault.atMs, () => this.#fail(fault));
    for (let at = 0; splitAtMs !== undefined && at < partitions; at++) {
      this.#at(splitAtMs + 1_000 * at, () => this.#copy(at, this.#nowMs));
    }
    while (this.#queue.nextAt < lastsMs + drainMs) {
      this.#nowMs = this.#queue.nextAt;
      this.#queue.take()();
    }
    const most = (stations: readonly Station[]) => Math.max(0, ...stations.map((station) => station.share(lastsMs)));
    const busy = {
      gateway: most(this.#gateways.map(({ processor }) => processor)),
      node: most(this.#partitions.flatMap(({ nodes }) => nodes.map(({ processor }) => processor))),
      etcd: most(this.#partitions.map(({ etcd }) => etcd)),
      follower: most(this.#followers.processors),
    };
    const { visible } = this.#followers;
    return { reports: this.#seen, visible, busy, left: this.#left, records: this.#records };
  }

  #at(ms: number, act: () => void): void {
    this.#queue.push(ms, act);
  }

  #after(ms: number, act: () => void): void {
    this.#queue.push(this.#nowMs + ms, act);
  }

  // Reports come.

  #next(fromMs: number): void {
    const { load, lastsMs } = this.#setting;
    const atMs = fromMs + this.#chance.gap(1_000 / load.most);
    if (atMs >= lastsMs) return;
    this.#at(atMs, () => {
      if (this.#chance.next() * load.most < load.perSecond(atMs)) this.#come();
      this.#next(atMs);
    });
  }

  #come(): void {
    const { load } = this.#setting;
    const isHot = this.#chance.next() < load.hotShare(this.#nowMs);
    const report = this.#report(isHot ? 0 : this.#chance.below(this.#partitions.length));
    this.#take(report, this.#gateways[this.#chance.below(this.#gateways.length)]);
  }

  #report(hash: number): Report {
    const { reportBytes, documentBytes, documentShare } = this.#figures;
    this.#left++;
    const hasDocument = this.#chance.next() < documentShare;
    return { atMs: this.#nowMs, hash, bytes: reportBytes + (hasDocument ? documentBytes : 0) };
  }

  /** A gateway takes a report; another one, if it is lost. */
  #take(report: Report, wanted: Gateway): void {
    const up = this.#gateways.filter(({ isUp }) => isUp);
    const gateway = wanted.isUp ? wanted : up[this.#chance.below(up.length)];
    const doneMs = gateway.processor.serve(this.#nowMs, this.#figures.reportUs / 1_000);
    this.#at(doneMs, () => {
      if (!gateway.isUp) return this.#after(this.#figures.retryMs, () => this.#take(report, gateway));
      this.#put(report, gateway);
    });
  }

  #put(report: Report, gateway: Gateway): void {
    const at = this.#partitionOf(report);
    gateway.waiting[at].push(report);
    this.#send(gateway, this.#partitions[at]);
  }

  #partitionOf({ hash }: Report): number {
    const { partitions } = this.#setting;
    return this.#partitions[hash % partitions].split === "whole" ? hash % partitions : hash;
  }

  // Rounds.

  #send(gateway: Gateway, partition: Partition): void {
    const waiting = gateway.waiting[partition.at];
    if (!gateway.isUp || gateway.underWay[partition.at] !== undefined || waiting.length === 0) return;
    const { partitions } = this.#setting;
    // A new partition takes no reports before it is open.
    if (partition.at >= partitions && this.#partitions[partition.at % partitions].split !== "open") return;
    const { roundCommands, bytesTogether, hopMs } = this.#figures;
    let [count, bytes] = [0, 0];
    while (count < waiting.length && count < roundCommands && bytes < bytesTogether) bytes += waiting[count++].bytes;
    const node = upNode(partition, gateway.at);
    const round = { gateway, partition, reports: waiting.splice(0, count), bytes, node, isDone: false };
    gateway.underWay[partition.at] = round;
    this.#after(hopMs, () => this.#submit(round));
  }

  #submit(round: Round): void {
    const { node, partition, gateway } = round;
    if (!node.isUp) return;
    const doneMs = node.processor.serve(this.#nowMs, this.#figures.requestUs / 1_000);
    this.#at(doneMs, () => {
      node.lanes[gateway.lane].waiting.push(round);
      this.#append(partition, node, gateway.lane);
    });
  }

  #append(partition: Partition, node: Node, at: number): void {
    const lane = node.lanes[at];
    if (!node.isUp || lane.isBusy || lane.waiting.length === 0) return;
    const { entriesTogether, bytesTogether, recordUs, nodeKbUs, memberMs } = this.#figures;
    let [count, bytes] = [0, 0];
    while (count < lane.waiting.length && count < entriesTogether) {
      bytes += lane.waiting[count].bytes;
      if (bytes > bytesTogether && count > 0) break;
      count++;
    }
    const rounds = lane.waiting.splice(0, count);
    lane.isBusy = true;
    const sentMs = node.processor.serve(this.#nowMs, (recordUs + bytes / 1_000 * nodeKbUs) / 1_000);
    this.#at(sentMs + memberMs, () =>
      this.#commit(partition, Math.min(bytes, bytesTogether), () => {
        this.#records++;
        this.#after(memberMs, () => {
          lane.isBusy = false;
          this.#append(partition, node, at);
        });
        for (const other of partition.nodes) {
          this.#after(memberMs, () => this.#execute(partition.at, other, node, rounds, bytes));
        }
      }));
  }

  /** etcd appends; where it has no leader, the same append is sent again until it has one. */
  #commit(partition: Partition, bytes: number, then: () => void): void {
    const { appendMs, appendBusyMs, appendKbMs, appendSpread, snapshotShare, memberMs } = this.#figures;
    const [fromMs, toMs] = partition.gap;
    if (this.#nowMs >= fromMs && this.#nowMs < toMs) return this.#at(toMs, () => this.#commit(partition, bytes, then));
    // The mean of the factors is 1.
    const factor = this.#chance.factor(appendSpread) / Math.exp(appendSpread ** 2 / 2);
    const busyMs = factor * (appendBusyMs + bytes / 1_000 * appendKbMs * (1 + snapshotShare));
    // A majority has it when the leader has heard of one other member.
    const delayMs = factor * (appendMs - appendBusyMs) + 2 * memberMs;
    const servedMs = partition.etcd.serve(this.#nowMs, busyMs) + delayMs;
    const doneMs = Math.max(servedMs, partition.lastCommitMs);
    partition.lastCommitMs = doneMs;
    this.#at(doneMs, () => {
      const [fromMs, toMs] = partition.gap;
      if (this.#nowMs >= fromMs && this.#nowMs < toMs) this.#commit(partition, bytes, then);
      else then();
    });
  }

  #execute(partition: number, node: Node, appender: Node, rounds: readonly Round[], bytes: number): void {
    if (!node.isUp) return;
    const { followedUs, requestUs, commandUs, fedUs, nodeKbUs, hopMs } = this.#figures;
    const reports = rounds.flatMap((round) => round.reports);
    const readUs = node === appender ? 0 : followedUs + requestUs / 2 * rounds.length;
    // Each gateway that follows has one link to each partition, and these are spread over the nodes.
    const links = Math.ceil(this.#setting.followers / this.#setting.nodes);
    const perReportUs = commandUs * (this.#setting.together ?? 1) + fedUs * links;
    const us = readUs + bytes / 1_000 * nodeKbUs + reports.length * perReportUs;
    const doneMs = node.processor.serve(this.#nowMs, us / 1_000);
    this.#at(doneMs, () => {
      if (!node.isUp) return;
      this.#after(hopMs, () => this.#followers.tell(partition, node.at, reports, this.#nowMs));
      for (const round of rounds) {
        if (round.node === node && !round.isDone) this.#after(hopMs, () => this.#finish(round));
      }
    });
  }

  #finish(round: Round): void {
    if (round.isDone) return;
    round.isDone = true;
    const { gateway, partition } = round;
    if (!gateway.isUp) return;
    for (const report of round.reports) {
      // The sites of this report were moved before it came: it was refused, and goes to the new partition.
      if (this.#partitionOf(report) !== partition.at) this.#put(report, gateway);
      else this.#saw(report, partition);
    }
    gateway.underWay[partition.at] = undefined;
    if (this.#setting.isClosed === true) this.#begin(gateway);
    this.#send(gateway, partition);
  }

  #saw({ atMs }: Report, partition: Partition): void {
    this.#left--;
    this.#seen.push({ atMs, ms: this.#nowMs - atMs, partition: partition.at });
  }

  /** A closed loop: the next report of a session. */
  #begin(gateway: Gateway): void {
    if (this.#nowMs < this.#setting.lastsMs) this.#put(this.#report(0), gateway);
  }

  // What fails.

  #fail(fault: Fault): void {
    const { leaderGapMs, killedGapMs, silentGapMs } = this.#figures;
    switch (fault.kind) {
      case "leader":
        this.#partitions[fault.partition].gap = [this.#nowMs, this.#nowMs + leaderGapMs];
        return;
      case "cluster":
        this.#partitions[fault.partition].gap = [this.#nowMs, this.#nowMs + fault.lastsMs];
        return;
      case "node":
        return this.#loseNode(this.#partitions[fault.partition], fault.isSilent ? silentGapMs : killedGapMs);
      case "gateway":
        return this.#loseGateway(this.#gateways[0]);
      case "follower":
        return this.#followers.lose(this.#nowMs);
    }
  }

  #loseNode(partition: Partition, gapMs: number): void {
    const node = partition.nodes[0];
    node.isUp = false;
    this.#followers.loseNode(partition.at, node.at, this.#nowMs + gapMs);
    this.#after(gapMs, () => {
      for (const gateway of this.#gateways) {
        const round = gateway.underWay[partition.at];
        if (round?.node !== node) continue;
        // The same round at another node: if it is in the order twice, the second time does nothing.
        round.node = upNode(partition, gateway.at);
        this.#submit(round);
      }
    });
  }

  #loseGateway(gateway: Gateway): void {
    gateway.isUp = false;
    const lost = [...gateway.waiting.flat(), ...gateway.underWay.flatMap((round) => round?.reports ?? [])];
    for (const report of lost) this.#after(this.#figures.retryMs, () => this.#take(report, gateway));
  }

  // Sites move.

  /** Copies the state of the sites that move, in slices beside the load; then fences them. */
  #copy(at: number, beganMs: number): void {
    const { copyUs } = this.#figures;
    const copyMs = this.#setting.sites / this.#setting.partitions / 2 * copyUs / 1_000;
    const [parent, child] = [this.#partitions[at], this.#partitions[at + this.#setting.partitions]];
    const sliceMs = 5;
    const doneMs = parent.nodes[0].processor.serve(this.#nowMs, sliceMs);
    child.nodes[0].processor.serve(this.#nowMs, sliceMs);
    const isCopied = this.#nowMs - beganMs >= 4 * copyMs;
    // A fourth of the time: 5 ms of each 20.
    this.#at(
      Math.max(doneMs, this.#nowMs + 4 * sliceMs),
      () => isCopied ? this.#fence(parent, child) : this.#copy(at, beganMs),
    );
  }

  /** The record that splits, then the first record of the new partition; until then, moved sites wait. */
  #fence(parent: Partition, child: Partition): void {
    const { hopMs, memberMs, reportBytes } = this.#figures;
    this.#commit(parent, reportBytes, () => {
      parent.split = "fenced";
      for (const gateway of this.#gateways) {
        for (const report of gateway.waiting[parent.at].splice(0)) {
          gateway.waiting[this.#partitionOf(report)].push(report);
        }
      }
      this.#after(2 * memberMs, () =>
        this.#commit(child, reportBytes, () => {
          parent.split = "open";
          for (const gateway of this.#gateways) this.#after(hopMs, () => this.#send(gateway, child));
        }));
    });
  }
}

/** The node that a gateway uses: its own, or the next one that is up. */
function upNode({ nodes }: Partition, gateway: number): Node {
  for (let step = 0; step < nodes.length; step++) {
    const node = nodes[(gateway + step) % nodes.length];
    if (node.isUp) return node;
  }
  return nodes[0];
}
