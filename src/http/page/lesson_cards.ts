/**
 * The processes of a lesson as they are inside, and what can be done to them.
 *
 * @module
 */

import type { ClientPicture, ReplicaPicture } from "../../lesson/picture.ts";
import type { Perform } from "./lesson_player.ts";
import { type ComponentChildren, figure, html, onFields, type VNode } from "./lib.ts";
import { Waits } from "./replica_waits.ts";
import { awaitedText, heardText, lacksText, waitsText } from "./waits_text.ts";

/** What the page calls a state, where that is another word. */
const stateTexts = new Map<string, string>([["dead", "failed"], ["over", "ended"]]);

interface CardProps {
  readonly kind: "Client" | "Replica";
  readonly process: ClientPicture | ReplicaPicture;
  readonly perform: Perform;
  /** What the process does for others. */
  readonly role?: string;
  readonly children?: ComponentChildren;
}

/** What clients and replicas have in common: how the process is, and crash, hang, wake. */
function Card({ kind, process: { name, state, clock }, perform, role, children }: CardProps): VNode {
  const stateText = stateTexts.get(state) ?? state;
  const button = (kind: "crash" | "hang" | "wake", text: string, look: string) =>
    html`<button type="button" class=${`small ${look}`} aria-label=${`${text} ${name}`} onClick=${() =>
      perform({ kind, name })}>${text}</button>`;
  return html`
    <article class="card box" data-state=${stateText} aria-label=${`${kind} ${name}`}>
      <header class="flow">
        <h2 class="title">${name}</h2>${" "}<span class="state note firm">${stateText}</span>${" "}
        ${role !== undefined &&
          [html`<span class="role muted">${role}</span>`, " "]}<span class="clock note">clock ${clock}</span>
      </header>
      ${children}
      ${isThere(state) && html`
        <p class="actions flow">
          ${button("crash", "Crash", "danger")}
          ${state === "hung" ? button("wake", "Wake", "quiet") : button("hang", "Hang", "quiet")}
        </p>
      `}
    </article>
  `;
}

function isThere(state: string): boolean {
  return state !== "dead" && state !== "over";
}

/** A client. */
export function ClientCard({ client, perform }: { client: ClientPicture; perform: Perform }): VNode {
  const { name, state, waiting, waitsFor, answer } = client;
  const submit = onFields((fields) => {
    perform({ kind: "submit", client: name, value: Number(fields.get("value")) });
  });
  const fact = waitsFor !== undefined
    ? `Waiting for ${awaitedText(waitsFor.what, waitsFor.from.join(", "))}`
    : waiting > 0
    ? `Waiting for ${waiting === 1 ? "an output" : `${waiting} outputs`}`
    : answer !== undefined
    ? `Last ${answer.isRead ? "read" : "output"}: ${answer.text}, ${
      answer.isRead ? "after" : "at"
    } index ${answer.index} of the log`
    : "Has not sent a command";
  return html`
    <${Card} kind="Client" process=${client} perform=${perform}>
      <form class="flow" onSubmit=${submit}>
        <label class="flow">set<input name="value" type="number" min="0" max="9999" required
          defaultValue=${name === "c1" ? "40" : "7"} aria-label=${`Value that ${name} sets`} /></label>
        <button type="submit" disabled=${!isThere(state)}>Submit</button>
        <button type="button" class="quiet" disabled=${!isThere(state)} aria-label=${`Read by ${name}`} onClick=${() =>
          perform({ kind: "read", client: name })}>Read</button>
      </form>
      <p class="fact small muted">${fact}</p>
      <//>
  `;
}

/** A replica. */
export function ReplicaCard({ replica, perform }: { replica: ReplicaPicture; perform: Perform }): VNode {
  const { name, state, view, members, executed, value, answers, pending, heard, flush, digest } = replica;
  const requests = pending.map(({ client, ts, seq, text, agreed, lacks, stable, waitsFor }) => ({
    text,
    key: `${client}#${seq}`,
    stamp: `${ts}·${client}`,
    lacks: agreed ? undefined : lacksText(lacks.join(", ")),
    waits: stable ? undefined : waitsText(waitsFor),
  }));
  return html`
    <${Card} kind="Replica" process=${replica} perform=${perform}
      role=${answers && isThere(state) ? "sends outputs" : undefined}>
      <dl class="figures">
        ${figure("value", html`<strong>${value}</strong>`)}
        ${figure("executed", executed)}
        ${figure("view", view === 0 ? "none" : view)}
        ${figure("digest", html`<code>${digest}</code>`)}
      </dl>
      ${isThere(state) && html`
        <p class="fact small muted">${view === 0 ? "Not yet a member" : `Members: ${members.join(", ")}`}</p>
        <${Waits} name=${name} stage=${flush?.stage} from=${flush?.from.join(", ") ?? ""} requests=${requests}
          heard=${heardText(heard, undefined, (name) => name)} />
      `}
      <//>
  `;
}
