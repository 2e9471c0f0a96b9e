/**
 * What a real replica, or the gateway's own session, waits for, and from whom.
 *
 * @module
 */

import { html } from "./lib.js";
import { PendingRow } from "./pending_row.js";
import { clientName, heardText, restText, sessionText, stageText, waitsText } from "./waits_text.js";

/** Requests of a replica that are shown: a card stays short. */
const shownMax = 6;

/** A replica's requests in the order in which it will execute them. */
export function ReplicaWaits({ name, replica, own }) {
  const { waiting = [], pending, flush } = replica;
  const shown = waiting.slice(0, shownMax);
  const heard = heardText(replica, own);
  return html`
    <div class="waits">
    ${flush !== undefined && flush.from.length > 0 && html`<p class="fact strong">${stageText(flush)}</p>`}
    <ol class="pending" aria-label=${`What waits at ${name}, in the order of the stamps`}>
      ${pending === 0 && html`<li class="none">Nothing waits</li>`}
      ${shown.map((request) =>
        html`<${Waiting} key=${`${request.client}#${request.seq}`} request=${request} own=${own} />`
      )}
      ${pending > shown.length && html`<li class="none">${restText(pending - shown.length, shown.length)}</li>`}
    </ol>
    ${heard !== undefined && html`<p class="fact">${heard}</p>`}
    </div>
  `;
}

function Waiting({ request, own }) {
  const { client, ts, ends, count, commands, agreed, stable } = request;
  // When it was recorded says nothing here, and takes the place of what was.
  const text = commands[0]?.replace(/ at \d+$/, "") ??
    (ends ? "ends its session" : count === 1 ? "a long command" : `${count} commands`);
  return html`
    <${PendingRow} stamp=${`${ts}·${clientName(client, own)}`} text=${text}
      more=${commands.length > 0 && count > 1 ? `and ${(count - 1).toLocaleString("en")} more` : undefined}
      agreed=${agreed} waits=${stable ? undefined : waitsText(request, own)}
      hints=${{ stamp: client, text: commands.join("\n") }} />
  `;
}

/** The session by which the gateway asks the cluster. */
export function OwnSession({ session }) {
  return html`<p class="hint">${sessionText(session)}</p>`;
}
