/**
 * The part "How it works": a small cluster that runs the real protocol, slow enough to follow, and that you can break.
 *
 * @module
 */

import type { LessonAction } from "../../lesson/lesson.ts";
import type { LessonStep } from "../../lesson/picture.ts";
import { lessonClientsMax, lessonReplicasMax, lessonSeedMax } from "../../limits.ts";
import { ClientCard, ReplicaCard } from "./lesson_cards.ts";
import { Diagram } from "./lesson_diagram.ts";
import { paces, useLesson } from "./lesson_player.ts";
import { html, onFields, onValue, useKeptFocus, useKeys, useRef, type VNode } from "./lib.ts";

/** What happens in a new lesson before it plays: an action, and how many times. */
type Script = readonly (readonly [action: LessonAction, times?: number])[];

const one: Script = [[{ kind: "submit", client: "c1", value: 40 }]];
const two: Script = [...one, [{ kind: "submit", client: "c2", value: 7 }]];
const next: LessonAction = { kind: "next" };

/** What you may try. */
const trials: readonly (readonly [title: string, script: Script])[] = [
  ["One command", one],
  ["Two at once", two],
  ["A read", [...one, [next, 12], [{ kind: "read", client: "c2" }]]],
  ["A replica fails", [...two, [next, 14], [{ kind: "crash", name: "r1" }]]],
  ["A client hangs", [...two, [next, 9], [{ kind: "hang", name: "c1" }]]],
  ["A newcomer", [...one, [next, 4], [{ kind: "crash", name: "r2" }], [{ kind: "newcomer" }]]],
];

const back = (step: number) => step - 1;

const icons = {
  begin: "M2 3h2v10H2zM14 3v10L5 8z",
  back: "M12 3v10L3 8zM13 3h1v10h-1z",
  step: "M4 3v10l9-5zM2 3h1v10H2z",
};

function iconButton(path: string, text: string, key: string, isOn: boolean, press: () => void): VNode {
  return html`
    <button type="button" class="quiet icon" title=${text + key} aria-label=${text} disabled=${!isOn}
      onClick=${press}>
      <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
        <path d=${path} />
      </svg>
    </button>
  `;
}

/** The part. */
export function LessonView(): VNode {
  const { lesson, isPlaying, setPlaying, pace, setPace, begin, perform, go } = useLesson();
  const box = useRef<HTMLElement>(null);
  const play = useRef<HTMLButtonElement>(null);
  useKeptFocus(box, () => play.current);

  useKeys((event) => {
    const { tagName } = event.target as Element;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    // The space key belongs to the button that has the focus.
    if (event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(tagName)) return;
    if (event.key === " ") setPlaying((is) => !is);
    else if (event.key === "ArrowRight") perform(next);
    else if (event.key === "ArrowLeft") go(back);
    else return;
    event.preventDefault();
  });

  if (lesson === undefined) {
    return html`
      <section class="lesson">
        <p class="muted">Starting a small cluster</p>
      </section>
    `;
  }
  const { picture, steps, length, options } = lesson;
  const tryOut = async (script: Script) => {
    play.current!.focus();
    // The scripts need at least three replicas and two clients.
    await begin({ ...options, replicas: Math.max(3, options.replicas), clients: Math.max(2, options.clients) });
    for (const [action, times] of script) await perform(action, times);
    setPlaying(true);
  };

  const canGoOn = !picture.quiet || picture.step < length;
  return html`
    <section ref=${box} class="lesson stack" aria-label="How it works">
      <h1 class="purpose">Follow a command through a cluster, step by step.</h1>
      <p
        class="intro muted">The gateway simulates a cluster with ${options.replicas === 1
          ? "1 replica"
          : `${options.replicas} replicas`}. It runs the same code as a real cluster. In
        each step, one message arrives or some time passes.</p>
      <div class="trials flow" role="group" aria-label="Try this">
        <span class="muted small">Try</span>
        ${trials.map(([title, script]) =>
          html`<button type="button" class="quiet small" onClick=${() => tryOut(script)}>${title}</button>`
        )}
      </div>
      <${Diagram} lesson=${lesson} deliver=${(flight: number) => perform({ kind: "deliver", flight })} />
      <div class="flow" role="toolbar" aria-label="Play">
        ${iconButton(icons.begin, "To the beginning", "", picture.step > 0, () => go(() => 0))}
        ${iconButton(icons.back, "A step back", " (←)", picture.step > 0, () => go(back))}
        <button type="button" ref=${play} class="play" onClick=${() => setPlaying(!isPlaying)}
          aria-disabled=${!canGoOn && !isPlaying}>${isPlaying ? "Pause" : "Play"}</button>
        ${iconButton(icons.step, "A step", " (→)", canGoOn, () => perform(next))}
        <input class="scrub" type="range" min="0" max=${length} value=${picture.step} aria-label="Step"
          aria-valuetext=${`step ${picture.step} of ${length}`} onChange=${onValue((value) =>
            go(() => Number(value))
          )} />
        <output class="where">${picture.step}<span class="note"> of ${length}</span></output>
        <label class="pace flow note">Pace<select value=${String(pace)} onChange=${onValue((value) =>
          setPace(Number(value))
        )}>
          ${paces.map((each) => html`<option value=${String(each)}>${each} / s</option>`)}
        </select></label>
      </div>
      <${Words} step=${steps.at(-1)} quiet=${picture.quiet} />
      <div class="cards" aria-label="Clients">
        ${picture.clients.map((client) =>
          html`<${ClientCard} key=${client.name} client=${client} perform=${perform} />`
        )}
        ${picture.clients.length < lessonClientsMax &&
          html`<button type="button" class="quiet another" onClick=${() =>
            perform({ kind: "client" })}>Add a client</button>`}
      </div>
      <div class="cards" aria-label="Replicas">
        ${picture.replicas.map((replica) =>
          html`<${ReplicaCard} key=${replica.name} replica=${replica} perform=${perform} />`
        )}
        ${picture.replicas.filter(({ state }) => state !== "dead").length < lessonReplicasMax &&
          html`<button type="button" class="quiet another" onClick=${() =>
            perform({ kind: "newcomer" })}>Add a newcomer</button>`}
      </div>
      <form class="options flow" onSubmit=${onFields((fields) => {
        const number = (name: string) => Number(fields.get(name));
        begin({ replicas: number("replicas"), clients: number("clients"), seed: number("seed") });
      })}>
        ${choice("Replicas", "replicas", lessonReplicasMax, options.replicas)}
        ${choice("Clients", "clients", lessonClientsMax, options.clients)}
        <label class="flow small">Seed<input name="seed" type="number" min="0" max=${lessonSeedMax} value=${options
          .seed} /></label>
        <button type="submit" class="quiet">Start again</button>
      </form>
    </section>
  `;
}

/** A choice of a number from 1. */
function choice(title: string, name: string, max: number, chosen: number): VNode {
  const counts = Array.from({ length: max }, (_, at) => at + 1);
  return html`
    <label class="flow small">${title}<select name=${name}>${counts.map((count) =>
      html`<option selected=${count === chosen}>${count}</option>`
    )}</select></label>
  `;
}

const firstWords = [
  "All clients are connected to all replicas, and no message is on its way. Submit a command, or try one of the above.",
];

/** What the step was, in words. */
function Words({ step, quiet }: { step: LessonStep | undefined; quiet: boolean }): VNode {
  const [main, ...others] = step?.words ?? firstWords;
  return html`
    <div class="words" aria-live="polite">
      <p class="main">${step?.rule && [
        html`<abbr title=${`Rule ${step.rule} in docs/design/protocol.md`}>${step.rule}</abbr>`,
        " ",
      ]}${main}</p>
      ${others.map((sentence) => html`<p>${sentence}</p>`)}
      ${quiet && step !== undefined && html`<p class="muted">Nothing is under way: it is your turn.</p>`}
    </div>
  `;
}
