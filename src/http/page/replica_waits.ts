/**
 * What a replica waits for, and for whom: a real one, or one of a lesson.
 *
 * @module
 */

import { nameOf, type ShownReplica, type Stage, type WaitingRequest } from "./cluster_changes.ts";
import { html, type VNode } from "./lib.ts";
import { clientName, heardText, lacksText, replicasText, restText, stageText, waitsText } from "./waits_text.ts";

/** Requests of a replica that are shown: a card stays short. */
const shownMax = 6;

/** A request that waits, as it is shown. */
interface ShownRequest {
  readonly key: string;
  /** The request's place in the order. */
  readonly stamp: string;
  /** What it asks for. */
  readonly text: string;
  /** How much more it asks for. */
  readonly more?: string;
  /** Whose word is missing; absent: it is agreed. */
  readonly lacks?: string;
  /** What it is waiting for; absent: it is stable. */
  readonly waits?: string;
  /** What a pointer is told that rests on the stamp, and on the text. */
  readonly hints?: { readonly stamp: string; readonly text: string };
}

/** What the coordinator of a view change waits for, what requests wait for, and who was heard. */
interface WaitsProps {
  /** What the replica is called. */
  readonly name: string;
  readonly stage?: Stage;
  /** From whom the coordinator waits for something; empty: it does not. */
  readonly from: string;
  readonly requests: readonly ShownRequest[];
  /** How many more requests wait. */
  readonly rest?: string;
  readonly heard?: string;
}

/** The lines of a card, in the order in which the replica will execute the requests. */
export function Waits({ name, stage, from, requests, rest, heard }: WaitsProps): VNode {
  return html`
    ${stage !== undefined && from !== "" && html`<p class="fact small warn firm">${stageText(stage, from)}</p>`}
    <ol class="pending" aria-label=${`Requests that wait at ${name}, in the order of their stamps`}>
      ${requests.length === 0 && rest === undefined && html`<li class="muted small">Nothing is waiting</li>`}
      ${requests.map(({ key, stamp, text, more, lacks, waits, hints }) =>
        html`
          <li key=${key} class="flow">
            <code class="muted" title=${hints?.stamp}>${stamp}</code>${" "}<strong class="cut" title=${hints
              ?.text}>${text}</strong>${" "}
            ${more !== undefined && [html`<span class="note">${more}</span>`, " "]}
            <span class=${`test note ${lacks === undefined ? "good" : ""}`}>${lacks ?? "agreed"}</span>${" "}
            <span class=${`test note ${waits === undefined ? "good" : ""}`}>${waits ?? "stable"}</span>
          </li>
        `
      )}
      ${rest !== undefined && html`<li class="muted small">${rest}</li>`}
    </ol>
    ${heard !== undefined && html`<p class="fact small muted">${heard}</p>`}
  `;
}

/** Those of a real replica; `own`: the gateway's session. */
export function ReplicaWaits({ replica, own }: { replica: ShownReplica; own: string | undefined }): VNode {
  const { waiting = [], pending = 0, flush, heard, active } = replica;
  const named = (client: string) => clientName(client, own);
  const shown = waiting.slice(0, shownMax);
  return html`
    <div class="waits">
      <${Waits} name=${nameOf(replica)} stage=${flush?.stage} from=${replicasText(flush?.from ?? [])}
        requests=${shown.map((request) => shownRequest(request, named))}
        rest=${pending > shown.length ? restText(pending - shown.length, shown.length) : undefined}
        heard=${heardText(heard, active, named)} />
    </div>
  `;
}

function shownRequest(request: WaitingRequest, named: (client: string) => string): ShownRequest {
  const { client, ts, seq, ends, count, commands, agreed, lacks, stable, waitsFor, andMore } = request;
  return {
    key: `${client}#${seq}`,
    stamp: `${ts}·${named(client)}`,
    // When a command was recorded says little here, and takes the place of what it does.
    text: commands[0]?.replace(/ at \d+$/, "") ??
      (ends ? "ends its session" : count === 1 ? "a long command" : `${count} commands`),
    more: commands.length > 0 && count > 1 ? `and ${(count - 1).toLocaleString("en")} more` : undefined,
    lacks: agreed ? undefined : lacksText(replicasText(lacks)),
    waits: stable ? undefined : waitsText(waitsFor.map(named), andMore),
    hints: { stamp: client, text: commands.join("\n") },
  };
}
