/**
 * How it works: a small cluster that runs the real protocol, slow enough to be followed, and can be broken.
 *
 * @module
 */

import { ClientCard, ReplicaCard } from "./lesson_cards.js";
import { Diagram } from "./lesson_diagram.js";
import { paces, useLesson } from "./lesson_player.js";
import { useKeptFocus } from "./kept_focus.js";
import { html, useEffect, useRef } from "./lib.js";

/** What may be tried: what is done in a fresh lesson before it plays. */
const trials = [
  ["One command", [["submit", "c1", 40]]],
  ["Two at once", [["submit", "c1", 40], ["submit", "c2", 7]]],
  ["A replica dies", [["submit", "c1", 40], ["submit", "c2", 7], ["next", 14], ["crash", "r1"]]],
  ["A client hangs", [["submit", "c1", 40], ["submit", "c2", 7], ["next", 13], ["hang", "c1"]]],
  ["A newcomer", [["submit", "c1", 40], ["next", 4], ["crash", "r2"], ["newcomer"]]],
];

const back = (step) => step - 1;

const icon = (path) =>
  html`
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d=${path} />
    </svg>
  `;

const icons = {
  begin: icon("M2 3h2v10H2zM14 3v10L5 8z"),
  back: icon("M12 3v10L3 8zM13 3h1v10h-1z"),
  step: icon("M4 3v10l9-5zM2 3h1v10H2z"),
};

function actionOf([kind, ...rest]) {
  switch (kind) {
    case "submit":
      return [{ kind, client: rest[0], value: rest[1] }];
    case "next":
      return [{ kind }, rest[0]];
    case "newcomer":
      return [{ kind }];
    default:
      return [{ kind, name: rest[0] }];
  }
}

/** The part "How it works". */
export function LessonView({ say }) {
  const player = useLesson(say);
  const { lesson, isPlaying, setPlaying, pace, setPace, begin, perform, go } = player;
  const { picture, steps, length, options } = lesson;

  const box = useRef(null);
  const play = useRef(null);
  useKeptFocus(box, () => play.current);

  useEffect(() => {
    const onKey = (event) => {
      const { tagName } = event.target;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
      // The space key is that of the button that has the focus.
      if (event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(tagName)) return;
      if (event.key === " ") setPlaying((is) => !is);
      else if (event.key === "ArrowRight") perform({ kind: "next" });
      else if (event.key === "ArrowLeft") go(back);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const tryOut = async (script) => {
    play.current.focus();
    // What is tried needs as many as this.
    await begin({ ...options, replicas: Math.max(3, options.replicas), clients: Math.max(2, options.clients) });
    for (const step of script) await perform(...actionOf(step));
    setPlaying(true);
  };

  if (picture === undefined) {
    return html`
      <section class="lesson">
        <p class="none">Starting a small cluster</p>
      </section>
    `;
  }
  const last = steps.at(-1);
  const canGoOn = !picture.quiet || picture.step < length;
  return html`
    <section ref=${box} class="lesson" aria-label="How it works">
      <p
        class="intro">A cluster of ${options
          .replicas} replicas, simulated in the gateway by the same code that runs in the real one. One step is one message that arrives.</p>
      <div class="trials" role="group" aria-label="Try this">
        <span>Try</span>
        ${trials.map(([title, script]) =>
          html`<button type="button" class="quiet" onClick=${() => tryOut(script)}>${title}</button>`
        )}
      </div>
      <${Diagram} lesson=${lesson} deliver=${(flight) => perform({ kind: "deliver", flight })} />
      <div class="tape" role="toolbar" aria-label="Play">
        <button type="button" class="quiet icon" title="To the beginning" aria-label="To the beginning" disabled=${picture
          .step === 0}
          onClick=${() => go(() => 0)}>${icons.begin}</button>
        <button type="button" class="quiet icon" title="A step back (←)" aria-label="A step back" disabled=${picture
          .step === 0}
          onClick=${() => go(back)}>${icons.back}</button>
        <button type="button" ref=${play} class="play" onClick=${() => setPlaying(!isPlaying)}
          aria-disabled=${!canGoOn &&
            !isPlaying}>${isPlaying ? "Pause" : "Play"}</button>
        <button type="button" class="quiet icon" title="A step (→)" aria-label="A step" disabled=${!canGoOn}
          onClick=${() => perform({ kind: "next" })}>${icons.step}</button>
        <input class="scrub" type="range" min="0" max=${length} value=${picture.step} aria-label="Step"
          aria-valuetext=${`step ${picture.step} of ${length}`}
          onChange=${({ target: { value } }) => go(() => Number(value))} />
        <output class="where">${picture.step}<span> of ${length}</span></output>
        <label class="pace">Pace<select value=${String(pace)} onChange=${(event) =>
          setPace(Number(event.target.value))}>
          ${paces.map((each) => html`<option value=${String(each)}>${each} / s</option>`)}
        </select></label>
      </div>
      <${Words} step=${last} quiet=${picture.quiet} />
      <div class="cards" aria-label="Clients">
        ${picture.clients.map((client) =>
          html`<${ClientCard} key=${client.name} client=${client} perform=${perform} />`
        )}
        ${picture.clients.length < 4 &&
          html`<button type="button" class="quiet another" onClick=${() =>
            perform({ kind: "client" })}>Another client</button>`}
      </div>
      <div class="cards" aria-label="Replicas">
        ${picture.replicas.map((replica) =>
          html`<${ReplicaCard} key=${replica.name} replica=${replica} perform=${perform} />`
        )}
        ${picture.replicas.filter(({ state }) => state !== "dead").length < 5 &&
          html`<button type="button" class="quiet another" onClick=${() =>
            perform({ kind: "newcomer" })}>Let a newcomer in</button>`}
      </div>
      <form class="options" onSubmit=${(event) => {
        event.preventDefault();
        const fields = new FormData(event.target);
        begin({
          replicas: Number(fields.get("replicas")),
          clients: Number(fields.get("clients")),
          seed: Number(fields.get("seed")),
        });
      }}>
        <label>Replicas<select name="replicas">${[1, 2, 3, 4, 5].map((count) =>
          html`<option selected=${count === options.replicas}>${count}</option>`
        )}</select></label>
        <label>Clients<select name="clients">${[1, 2, 3, 4].map((count) =>
          html`<option selected=${count === options.clients}>${count}</option>`
        )}</select></label>
        <label>Seed<input name="seed" type="number" min="0" max="4294967295" value=${options.seed} /></label>
        <button type="submit" class="quiet">Begin again</button>
      </form>
    </section>
  `;
}

function Words({ step, quiet }) {
  const text = step === undefined
    ? [
      "All clients know all replicas, and nobody has anything to say. Give a client a command, or try one of the above.",
    ]
    : step.words;
  return html`
    <div class="words" aria-live="polite">
      <p class="main">${step?.rule &&
        [html`<abbr title="Rule ${step.rule} in docs/design/protocol.md">${step.rule}</abbr>`, " "]}${text[0]}</p>
      ${text.slice(1).map((sentence) => html`<p>${sentence}</p>`)}
      ${quiet && step !== undefined && html`<p class="quietly">All is quiet: it is your turn.</p>`}
    </div>
  `;
}
