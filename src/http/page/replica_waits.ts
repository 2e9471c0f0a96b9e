/**
 * What a real replica waits for, and for whom.
 *
 * @module
 */

import { nameOf, type ShownReplica, type WaitingRequest } from "./cluster_changes.ts";
import { html, type VNode } from "./lib.ts";
import { PendingRow } from "./pending_row.ts";
import { clientName, heardText, replicasText, restText, stageText, waitsText } from "./waits_text.ts";

/** Requests of a replica that are shown: a card stays short. */
const shownMax = 6;

/** A replica's requests in the order in which it will execute them; `own`: the gateway's session. */
export function ReplicaWaits({ replica, own }: { replica: ShownReplica; own: string | undefined }): VNode {
  const { waiting = [], pending = 0, flush, heard, active } = replica;
  const shown = waiting.slice(0, shownMax);
  const heardBy = heardText(heard, active, (client) => clientName(client, own));
  return html`
    <div class="waits">
    ${flush !== undefined && flush.from.length > 0 && html`
      <p class="fact strong">${stageText(flush.stage, replicasText(flush.from))}</p>
    `}
    <ol class="pending" aria-label=${`Requests that wait at ${nameOf(replica)}, in the order of their stamps`}>
      ${pending === 0 && html`<li class="none">Nothing is waiting</li>`}
      ${shown.map((request) =>
        html`<${Waiting} key=${`${request.client}#${request.seq}`} request=${request} own=${own} />`
      )}
      ${pending > shown.length && html`<li class="none">${restText(pending - shown.length, shown.length)}</li>`}
    </ol>
    ${heardBy !== undefined && html`<p class="fact muted">${heardBy}</p>`}
    </div>
  `;
}

function Waiting({ request, own }: { request: WaitingRequest; own: string | undefined }): VNode {
  const { client, ts, ends, count, commands, agreed, stable, waitsFor, andMore } = request;
  // When a command was recorded says little here, and takes the place of what it does.
  const text = commands[0]?.replace(/ at \d+$/, "") ??
    (ends ? "ends its session" : count === 1 ? "a long command" : `${count} commands`);
  const nameOf = (client: string) => clientName(client, own);
  return html`
    <${PendingRow} stamp=${`${ts}·${nameOf(client)}`} text=${text}
      more=${commands.length > 0 && count > 1 ? `and ${(count - 1).toLocaleString("en")} more` : undefined}
      agreed=${agreed} waits=${stable ? undefined : waitsText(waitsFor.map(nameOf), andMore)}
      hints=${{ stamp: client, text: commands.join("\n") }} />
  `;
}
