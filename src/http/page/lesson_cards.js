/**
 * The processes of a lesson as they are inside, and what can be done to them.
 *
 * @module
 */

import { html, useState } from "./lib.js";
import { PendingRow } from "./pending_row.js";
import { stageNames, waitNames } from "./waits_text.js";

/** Crash, hang, wake. */
function Troubles({ name, state, perform }) {
  if (state === "dead" || state === "over") return null;
  return html`
    <p class="actions">
      <button type="button" class="danger" aria-label=${`Crash ${name}`} onClick=${() =>
        perform({ kind: "crash", name })}>Crash</button>
      ${state === "hung"
        ? html`<button type="button" class="quiet" aria-label=${`Wake ${name}`} onClick=${() =>
          perform({ kind: "wake", name })}>Wake</button>`
        : html`<button type="button" class="quiet" aria-label=${`Hang ${name}`} onClick=${() =>
          perform({ kind: "hang", name })}>Hang</button>`}
    </p>
  `;
}

/** A client. */
export function ClientCard({ client: { name, state, clock, waiting, waitsFor, answer }, perform }) {
  const [value, setValue] = useState(name === "c1" ? "40" : "7");
  const submit = (event) => {
    event.preventDefault();
    perform({ kind: "submit", client: name, value: Number(value) });
  };
  return html`
    <article class="card client" data-state=${state} aria-label=${`Client ${name}`}>
      <header><h3>${name}</h3>${" "}<span class="state">${state}</span>${" "}<span class="clock">clock ${clock}</span></header>
      <form onSubmit=${submit}>
        <label>set<input type="number" min="0" max="9999" required value=${value} aria-label=${`Value that ${name} sets`} onInput=${(
          event,
        ) => setValue(event.target.value)} /></label>
        <button type="submit" disabled=${state === "dead" || state === "over"}>Submit</button>
      </form>
      <p class="fact">${waitsFor !== undefined
        ? `Waits for ${waitNames[waitsFor.what]} of ${waitsFor.from.join(", ")}`
        : waiting > 0
        ? `${waiting} without an answer`
        : answer !== undefined
        ? `Last answer: ${answer.text}, at place ${answer.index} of the log`
        : "Has not asked for anything"}</p>
      <${Troubles} name=${name} state=${state} perform=${perform} />
    </article>
  `;
}

/** A replica. */
export function ReplicaCard({ replica, perform }) {
  const { name, state, view, members, clock, executed, value, answers, pending, heard, flush, digest } = replica;
  return html`
    <article class="card replica" data-state=${state} aria-label=${`Replica ${name}`}>
      <header><h3>${name}</h3>${" "}<span class="state">${state}</span>${" "}${answers && state !== "dead" &&
        [html`<span class="role">answers</span>`, " "]}<span class="clock">clock ${clock}</span></header>
      <dl class="figures">
        <div><dt>holds</dt><dd><strong>${value}</strong></dd></div>
        <div><dt>executed</dt><dd>${executed}</dd></div>
        <div><dt>view</dt><dd>${view === 0 ? "none" : view}</dd></div>
        <div><dt>digest</dt><dd><code>${digest}</code></dd></div>
      </dl>
      ${state !== "dead" && html`
        <p class="fact">${view === 0 ? "No member yet" : `View of ${members.join(", ")}`}</p>
        ${flush !== undefined && flush.from.length > 0 &&
          html`<p class="fact strong">Ends the view; waits for ${stageNames[flush.stage]} of ${
            flush.from.join(", ")
          }</p>`}
        <ol class="pending" aria-label=${`What waits at ${name}, in the order of the stamps`}>
          ${pending.length === 0 && html`<li class="none">Nothing waits</li>`}
          ${pending.map(({ client, ts, seq, text, agreed, stable, waitsFor }) =>
            html`
              <${PendingRow} key=${`${client}#${seq}`} stamp=${`${ts}·${client}`} text=${text} agreed=${agreed}
                waits=${stable ? undefined : `waits for ${waitsFor.join(", ")}`} />
            `
          )}
        </ol>
        <p class="fact">${heard.length === 0
          ? "No client may send"
          : `Heard: ${
            heard.map(({ client, ts, lost }) => `${client} ${lost ? "lost" : `up to ${ts}`}`).join(", ")
          }`}</p>
      `}
      <${Troubles} name=${name} state=${state} perform=${perform} />
    </article>
  `;
}
