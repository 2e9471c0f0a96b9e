/**
 * The diagram of a lesson: lanes, messages, and what was executed where.
 *
 * @module
 */

import type { Flight } from "../../lesson/picture.ts";
import { type DrawnMark, type DrawnMessage, layoutOf, type Sizes } from "./lanes.ts";
import type { ShownLesson } from "./lesson_player.ts";
import { html, useRef, useSize, useState, type VNode } from "./lib.ts";

const wide: Sizes = { left: 76, right: 190, laneHeight: 54, column: 26 };
const narrow: Sizes = { left: 54, right: 96, laneHeight: 48, column: 20 };

/** Lets a message arrive now. */
type Deliver = (id: number) => void;

/** The diagram. */
export function Diagram({ lesson: { picture, steps }, deliver }: { lesson: ShownLesson; deliver: Deliver }): VNode {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(900);
  useSize(box, () => setWidth(box.current!.clientWidth));
  const isNarrow = width < 620;
  const layout = layoutOf({ picture, steps, width }, isNarrow ? narrow : wide);
  const { lanes, messages, marks, ticks, now, height, left } = layout;
  const newest = messages.find(({ state, step }) => state === "arrived" && step === picture.step);
  const textOf = ({ kind, text }: DrawnMessage) => isNarrow ? kind : `${kind} ${text}`;
  const flying = messages.filter(({ state }) => state === "flying");
  const labelled = spread(newest === undefined ? flying : [...flying, newest]);
  return html`
    <figure class="diagram box" ref=${box}>
      <svg width=${width} height=${height} role="img"
        aria-label=${`Step ${picture.step}: ${flying.length} messages on their way`}>
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.5L7.5 4L0 7.5z" fill="context-stroke" />
          </marker>
        </defs>
        <line class="now" x1=${now} x2=${now} y1="4" y2=${height - 8} />
        ${lanes.map((lane) =>
          html`
            <g key=${lane.name} class="lane" data-state=${lane.state}>
              <line x1=${lane.x1} x2=${lane.x2} y1=${lane.y} y2=${lane.y} />
              ${lane.state === "dead" &&
                html`<path class="cross" d=${`M${lane.x2 - 5} ${lane.y - 5}l10 10m0 -10l-10 10`} />`}
              <text class="who" x="0" y=${lane.y - 1}>${lane.name}</text>
              <text class="clock" x="0" y=${lane.y + 14}>${lane.state === "dead"
                ? "failed"
                : lane.state === "hung"
                ? "hangs"
                : `clock ${lane.clock}`}</text>
            </g>
          `
        )}
        ${messages.filter(({ state }) => state !== "flying" && state !== "end").map((message) =>
          html`
            <line key=${`m${message.id}`} class=${`message ${message.group}`} data-state=${message
              .state} data-new=${message.step === picture.step}
              x1=${message.x1} y1=${message.y1} x2=${message.x2} y2=${message.y2}
              marker-end=${message.state === "arrived" ? "url(#tip)" : undefined}>
              <title>${message.kind} ${message.text}</title>
            </line>
            ${message.state === "lost" &&
              html`<text key=${`x${message.id}`} class="lost" x=${message.x2} y=${message.y2 + 4}>×</text>`}
          `
        )}
        ${ticks.map(({ at, x, y, clock }) =>
          html`<text key=${`t${at}|${clock}|${x}`} class="tick" x=${x} y=${y - 6}>${clock}</text>`
        )}
        ${marks.map((mark) =>
          html`<${Mark} key=${`${mark.step}|${mark.at}|${mark.kind}|${mark.shift}`} mark=${mark} />`
        )}
        ${labelled.filter(({ state }) => state === "arrived").map((message) =>
          html`<text key="newest" class=${`label ${message.group}`} x=${message.x2 + 10} y=${message.labelY + 4}>${
            textOf(message)
          }</text>`
        )}
        ${labelled.filter(({ state }) => state === "flying").map((message) =>
          html`
            <g key=${`f${message.id}`} class=${`flying ${message.group}`} onClick=${() => deliver(message.id)}>
              <line x1=${message.x1} y1=${message.y1} x2=${message.x2} y2=${message.y2} />
              <circle cx=${message.x2} cy=${message.y2} r="5" />
              <text x=${message.x2 + 10} y=${message.labelY + 4}>${textOf(message)}</text>
              <title>${message.kind} from ${message.from} to ${message.to}: click to let it arrive now</title>
            </g>
          `
        )}
        <line class="axis" x1=${left} x2=${left} y1="8" y2=${height - 10} />
      </svg>
      <${OnTheirWay} flights=${picture.flights} deliver=${deliver} />
    </figure>
  `;
}

/** Labels of messages that fly close to each other stand below each other. */
function spread(messages: readonly DrawnMessage[]): (DrawnMessage & { readonly labelY: number })[] {
  let free = -Infinity;
  return messages.toSorted((a, b) => a.y2 - b.y2 || a.id - b.id).map((message) => {
    const labelY = Math.max(message.y2, free);
    free = labelY + 14;
    return { ...message, labelY };
  });
}

function Mark({ mark: { kind, x, y, text, shift } }: { mark: DrawnMark }): VNode {
  if (kind === "view") {
    return html`
      <g class="mark view">
        <line x1=${x} x2=${x} y1=${y - 16} y2=${y + 16} />
        <text x=${x + 3} y=${y - 12}>${text}</text>
      </g>
    `;
  }
  return html`
    <g class=${`mark ${kind}`}>
      <rect x=${x - 4} y=${y - 4} width="8" height="8" rx="2" />
      <text x=${x} y=${y + 17 + 11 * shift}>${text}</text>
    </g>
  `;
}

/** The same messages as buttons, for people without a mouse, or who cannot hit a dot. */
function OnTheirWay({ flights, deliver }: { flights: readonly Flight[]; deliver: Deliver }): VNode {
  const count = flights.length === 0
    ? "No message is"
    : flights.length === 1
    ? "1 message is"
    : `${flights.length} messages are`;
  return html`
    <details class="flights">
      <summary class="note">${count} on ${flights.length > 1 ? "their" : "its"} way</summary>
      <ul class="flow">
        ${flights.map(({ id, from, to, kind, text }) => {
          const what = kind === "END" ? "end of the link" : kind;
          return html`
            <li key=${id}>
              <button type="button" class="quiet small"
                onClick=${() => deliver(id)}>${from} → ${to} <strong>${what}</strong> ${text}</button>
            </li>
          `;
        })}
      </ul>
    </details>
  `;
}
