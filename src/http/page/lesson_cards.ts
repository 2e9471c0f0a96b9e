/**
 * The processes of a lesson as they are inside, and what can be done to them.
 *
 * @module
 */

import type { ClientPicture, ReplicaPicture } from "../../lesson/picture.ts";
import type { Perform } from "./lesson_player.ts";
import { html, onValue, useState, type VNode } from "./lib.ts";
import { PendingRow } from "./pending_row.ts";
import { awaitedText, heardText, stageText, waitsText } from "./waits_text.ts";

/** What the page calls a state, where that is another word. */
const stateTexts = new Map<string, string>([["dead", "failed"], ["over", "ended"]]);

interface ProcessProps {
  readonly name: string;
  readonly state: string;
  readonly perform: Perform;
}

/** Crash, hang, wake. */
function Troubles({ name, state, perform }: ProcessProps): VNode | null {
  if (state === "dead" || state === "over") return null;
  const button = (kind: "crash" | "hang" | "wake", text: string, look: string) =>
    html`<button type="button" class=${`small ${look}`} aria-label=${`${text} ${name}`} onClick=${() =>
      perform({ kind, name })}>${text}</button>`;
  return html`
    <p class="actions">
      ${button("crash", "Crash", "danger")}
      ${state === "hung" ? button("wake", "Wake", "quiet") : button("hang", "Hang", "quiet")}
    </p>
  `;
}

/** The title of a card; `role`: what the process does for others. */
function Head({ name, state, clock, role }: { name: string; state: string; clock: number; role?: string }): VNode {
  return html`
    <header class="flow">
      <h3>${name}</h3>${" "}<span class="state note">${stateTexts.get(state) ?? state}</span>${" "}
      ${role !== undefined &&
        [html`<span class="role muted">${role}</span>`, " "]}<span class="clock note">clock ${clock}</span>
    </header>
  `;
}

/** A client. */
export function ClientCard({ client, perform }: { client: ClientPicture; perform: Perform }): VNode {
  const { name, state, clock, waiting, waitsFor, answer } = client;
  const [value, setValue] = useState(name === "c1" ? "40" : "7");
  const submit = (event: Event) => {
    event.preventDefault();
    perform({ kind: "submit", client: name, value: Number(value) });
  };
  const fact = waitsFor !== undefined
    ? `Waiting for ${awaitedText(waitsFor.what, waitsFor.from.join(", "))}`
    : waiting > 0
    ? `Waiting for ${waiting === 1 ? "an output" : `${waiting} outputs`}`
    : answer !== undefined
    ? `Last output: ${answer.text}, at index ${answer.index} of the log`
    : "Has not sent a command";
  return html`
    <article class="card client box" data-state=${state} aria-label=${`Client ${name}`}>
      <${Head} name=${name} state=${state} clock=${clock} />
      <form class="flow" onSubmit=${submit}>
        <label class="flow">set<input type="number" min="0" max="9999" required value=${value}
          aria-label=${`Value that ${name} sets`}
          onInput=${onValue(setValue)} /></label>
        <button type="submit" disabled=${state === "dead" || state === "over"}>Submit</button>
      </form>
      <p class="fact muted">${fact}</p>
      <${Troubles} name=${name} state=${state} perform=${perform} />
    </article>
  `;
}

/** A replica. */
export function ReplicaCard({ replica, perform }: { replica: ReplicaPicture; perform: Perform }): VNode {
  const { name, state, view, members, clock, executed, value, answers, pending, heard, flush, digest } = replica;
  const figures = [
    ["value", html`<strong>${value}</strong>`],
    ["executed", executed],
    ["view", view === 0 ? "none" : view],
    ["digest", html`<code>${digest}</code>`],
  ];
  return html`
    <article class="card replica box" data-state=${state} aria-label=${`Replica ${name}`}>
      <${Head} name=${name} state=${state} clock=${clock}
        role=${answers && state !== "dead" ? "sends outputs" : undefined} />
      <dl class="figures">${figures.map(([title, value]) =>
        html`
          <div>
            <dt>${title}</dt>
            <dd>${value}</dd>
          </div>
        `
      )}</dl>
      ${state !== "dead" && html`
        <p class="fact muted">${view === 0 ? "Not yet a member" : `Members: ${members.join(", ")}`}</p>
        ${flush !== undefined && flush.from.length > 0 &&
          html`<p class="fact strong">${stageText(flush.stage, flush.from.join(", "))}</p>`}
        <ol class="pending" aria-label=${`Requests that wait at ${name}, in the order of their stamps`}>
          ${pending.length === 0 && html`<li class="none">Nothing is waiting</li>`}
          ${pending.map(({ client, ts, seq, text, agreed, stable, waitsFor }) =>
            html`
              <${PendingRow} key=${`${client}#${seq}`} stamp=${`${ts}·${client}`} text=${text} agreed=${agreed}
                waits=${stable ? undefined : waitsText(waitsFor)} />
            `
          )}
        </ol>
        <p class="fact muted">${heardText(heard, undefined, (name) => name)}</p>
      `}
      <${Troubles} name=${name} state=${state} perform=${perform} />
    </article>
  `;
}
