/**
 * The nodes of a cluster whose order an engine gives, and the members of that engine, in the part "Cluster".
 *
 * @module
 */

import { amountOf } from "../../history_words.ts";
import { bytesText, spanText } from "./ages.ts";
import {
  type ClusterStatus,
  memberWords,
  nodeName,
  nodeWords,
  type ShownEngine,
  type ShownNode,
} from "./cluster_changes.ts";
import { figure, html, type VNode } from "./lib.ts";
import { sharedVitals, type Vital } from "./vitals.ts";

/** Looks of cards, which the style sheet has for replicas. */
const looks: Readonly<Record<string, string>> = {
  up: "up",
  behind: "joining",
  "cut off": "no answer",
  halted: "failed",
  "no answer": "no answer",
  leader: "up",
  follower: "up",
};

/** The cluster in a few numbers. */
export function nodeVitals(status: ClusterStatus, rate: number | undefined): readonly Vital[] {
  const { nodesMayFail, engine } = status;
  const tone = (count: number | undefined) => count === 0 ? "warn" : "good";
  return [
    [nodesMayFail, "more nodes may fail", tone(nodesMayFail)],
    engine?.hasQuorum === false
      ? ["none", "majority of the engine", "warn"]
      : [engine?.mayFail, "more members of the engine may fail", tone(engine?.mayFail)],
    ...sharedVitals(status, rate),
  ];
}

/** A card for each node and each member, and what the engine warns of. */
export function NodeCards({ nodes, engine }: { nodes: readonly ShownNode[]; engine?: ShownEngine }): VNode {
  return html`
    <div class="cards">${nodes.map((node) => html`<${NodeCard} key=${node.address} node=${node} />`)}</div>
    ${engine !== undefined && html`
      <h2>Engine</h2>
      ${engine.warnings.map((text) => html`<p class="trouble note">${text}</p>`)}
      <div class="cards">
        ${engine.members.map((member) => html`<${MemberCard} key=${member.address} member=${member} />`)}
      </div>
    `}
  `;
}

function NodeCard({ node }: { node: ShownNode }): VNode {
  const { address, reason, halted, n, lag, executed, digest, sessions, waiting, memoryBytes, uptimeMs } = node;
  const number = (value = 0) => value.toLocaleString("en");
  return html`
    <article class="box" data-state=${looks[nodeWords(node)]} aria-label=${nodeName(node)}>
      <header class="flow">
        <h2 class="title">Node</h2>
        <span class="state note firm">${nodeWords(node)}</span>
        <code class="note">${address}</code>
      </header>
      ${reason !== undefined ? html`<p class="fact small muted reason">${reason}</p>` : html`
        <dl class="figures">
          ${figure("record", number(n), true)}
          ${figure("behind", number(lag))}
          ${figure("executed", number(executed))}
          ${figure("waiting", number(waiting))}
          ${figure("sessions", number(sessions))}
          ${figure("digest", html`<code>${digest}</code>`, true)}
          ${figure("memory", memoryBytes === undefined ? "–" : bytesText(memoryBytes))}
          ${figure("up for", uptimeMs === undefined ? "–" : spanText(uptimeMs))}
        </dl>
      `}
      ${halted !== undefined && html`<p class="fact small reason">${halted}</p>`}
    </article>
  `;
}

function MemberCard({ member }: { member: ShownEngine["members"][number] }): VNode {
  const { address, failure, version, bytes, bytesMax } = member;
  return html`
    <article class="box" data-state=${looks[memberWords(member)]} aria-label=${`Member ${address}`}>
      <header class="flow">
        <h3 class="title">Member</h3>
        <span class="state note firm">${memberWords(member)}</span>
        <code class="note">${address}</code>
      </header>
      ${failure !== undefined ? html`<p class="fact small muted reason">${failure}</p>` : html`
        <dl class="figures">
          ${figure("version", version ?? "–")}
          ${figure("data", bytes === undefined ? "–" : amountOf(bytes))}
          ${figure("quota", bytesMax === undefined ? "–" : amountOf(bytesMax))}
        </dl>
      `}
    </article>
  `;
}
