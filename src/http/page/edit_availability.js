/**
 * Editing an availability in place. What is saved replaces what the person has seen, and nothing else: if somebody
 * else was faster, both values are shown, and the person decides.
 *
 * @module
 */

import { get, post, sitePath } from "./api.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { reporter } from "./reporter.js";
import {
  availabilityHint,
  formatAvailability,
  formatWithUnit,
  isSameReport,
  parseAvailability,
  units,
} from "./values.js";

/** Milliseconds without an answer before that is said. */
const slowMs = 2_000;

const kept = "Your number is kept: press Save again.";

/** The field, its buttons, and what went wrong; `site` is what the person sees as she begins. */
export function EditAvailability({ site, live, done, say, isCompact = false }) {
  const { name } = site;
  // There may be one in the list, and one beside it.
  const troubleId = `trouble-${isCompact ? "row" : "site"}`;
  const [typed, setTyped] = useState(formatAvailability(site.availability));
  const [unit, setUnit] = useState(site.unit ?? "");
  const [trouble, setTrouble] = useState(undefined);
  const [conflict, setConflict] = useState(undefined);
  const [isLooking, setLooking] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [isSlow, setSlow] = useState(false);
  const seen = useRef(site);
  const looked = useRef(undefined);
  const isOver = useRef(false);
  // What is wrong only for as long as the gateway cannot be reached; and what was sent to it without an answer.
  const isCut = useRef(false);
  const unsure = useRef(undefined);
  const box = useRef(null);

  /** What the site shows, with the ETag that stands for it. */
  const look = () => {
    looked.current ??= get(sitePath(name)).catch((error) => {
      looked.current = undefined;
      throw error;
    });
    return looked.current;
  };

  useEffect(() => {
    look().catch((error) => !isOver.current && onError(error)).finally(() => setLooking(false));
    return () => isOver.current = true;
  }, []);

  // A notice that the gateway is gone goes when it is back; whether something was saved can be seen then.
  useEffect(() =>
    live.onReturn(async () => {
      if (!isCut.current) return;
      isCut.current = false;
      setTrouble(undefined);
      if (unsure.current === undefined) return;
      looked.current = undefined;
      const found = await look().catch(() => undefined);
      if (found !== undefined && !isOver.current && isMine(found.body)) finish(unsure.current);
    }), []);

  const isWaiting = isLooking || isBusy;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => setSlow(true), slowMs);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isWaiting]);

  useLayoutEffect(() => {
    const first = box.current.querySelector("input, button");
    first.focus();
    first.select?.();
  }, [conflict]);

  // Of the last row that is seen, what is said below the field would not be.
  useLayoutEffect(() => box.current.scrollIntoView({ block: "nearest" }), [trouble, conflict, isSlow]);

  const save = async (event) => {
    event?.preventDefault();
    if (isBusy) return;
    const mine = parseAvailability(typed);
    if (mine === undefined) return setTrouble(`Give ${availabilityHint}.`);
    setBusy(true);
    setTrouble(undefined);
    isCut.current = false;
    const isCount = typeof mine === "number";
    const report = { value: mine, ...isCount && unit && { unit }, ...reporter() && { who: reporter() } };
    let isSent = false;
    try {
      // What nobody answers when it is only asked for cannot be saved either, and it is certain that it was not.
      if (!live.isLive && unsure.current === undefined) looked.current = undefined;
      const { body, etag } = await look();
      // Whoever has closed the field before anything was sent has saved nothing.
      if (isOver.current) return;
      if (isMine(body)) return finish(report);
      if (!isSameReport(seen.current, body)) return setConflict({ mine, theirs: body });
      isSent = true;
      await post(sitePath(name, "/reports"), report, { ifMatch: etag });
      finish(report);
    } catch (error) {
      await onError(error, isSent ? report : undefined);
    } finally {
      setBusy(false);
    }
  };

  /** It was saved. */
  const finish = (report) => {
    say(`${name}: ${formatWithUnit(report.value, report.unit)}`);
    if (!isOver.current) done();
  };

  /** Whether a site shows what was sent before, and not answered. */
  const isMine = ({ availability, unit, report }) => {
    const mine = unsure.current;
    return mine !== undefined && availability === mine.value && unit === mine.unit && report?.who === mine.who;
  };

  /** `report`: what was sent; undefined: nothing. */
  const onError = async (error, report) => {
    if (error.type === "precondition" || error.type === "conflict") return await onConflict(report);
    const isLost = error.status === 0;
    if (report !== undefined && (isLost || error.type === "unknown")) unsure.current = report;
    isCut.current = isLost;
    if (isLost) {
      return tell(report === undefined ? `Not saved. ${kept}` : `It is not known whether this was saved. ${kept}`);
    }
    tell(
      error.type === "unknown"
        ? "It is not known whether this was saved. Look at the site before you try again."
        : error.message,
    );
  };

  const onConflict = async (report) => {
    const mine = report.value;
    looked.current = undefined;
    try {
      const { body } = await look();
      if (isMine(body)) return finish(report);
      if (!isOver.current) return setConflict({ mine, theirs: body });
      const theirs = formatWithUnit(body.availability, body.unit);
      const yours = formatWithUnit(mine, report.unit);
      tell(`${whoOf(body)} set it to ${theirs} meanwhile, ${yours} is not saved`);
    } catch (error) {
      tell(error.message);
    }
  };

  /** Says it where the field is, or to somebody who has closed that. */
  const tell = (text) => isOver.current ? say(`${name}: ${text}`, "bad") : setTrouble(text);

  const onKeyDown = (event) => {
    if (event.key === "Escape") done();
    event.stopPropagation();
  };

  if (conflict !== undefined) {
    const mine = formatWithUnit(conflict.mine, typeof conflict.mine === "number" ? unit : undefined);
    const theirs = formatWithUnit(conflict.theirs.availability, conflict.theirs.unit);
    const overwrite = () => {
      seen.current = conflict.theirs;
      setConflict(undefined);
      save();
    };
    return html`
      <div key="conflict" ref=${box} class="conflict" role="alertdialog" aria-label="Somebody else has changed it"
        onKeyDown=${onKeyDown}>
        <p>${whoOf(
          conflict.theirs,
        )} set it to <strong>${theirs}</strong> meanwhile. Your <strong>${mine}</strong> is not saved.</p>
        <button type="button" onClick=${done}>Keep ${theirs}</button>
        <button type="button" class="quiet" onClick=${overwrite}>Set ${mine}</button>
      </div>
    `;
  }
  const parsed = parseAvailability(typed);
  // Only a number counts something.
  const isCounted = parsed === undefined || typeof parsed === "number";
  return html`
    <form key="edit" ref=${box} class="edit" data-compact=${isCompact} aria-busy=${isBusy} onSubmit=${save}
      onKeyDown=${onKeyDown}>
      ${isCompact && html`<p class="of">${name}</p>`}
      <input value=${typed} readonly=${isBusy} aria-label=${`Availability of ${name}`} aria-invalid=${trouble !==
        undefined} aria-describedby=${troubleId} autocomplete="off" spellcheck=${false} maxlength="20"
        onInput=${(event) => setTyped(event.target.value)} />
      <select aria-label=${`Unit of the count at ${name}`} value=${isCounted ? unit : ""} disabled=${isBusy ||
        !isCounted}
        onChange=${(event) => setUnit(event.target.value)}>
        ${units.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
      </select>
      <button type="submit">Save</button>
      <button type="button" class="quiet" onClick=${done} aria-label="Cancel">✕</button>
      ${trouble !== undefined && html`<p id=${troubleId} class="trouble" role="alert">${trouble}</p>`}
      ${isSlow && html`<p class="slow" role="status">The cluster has not answered yet.</p>`}
    </form>
  `;
}

function whoOf({ report }) {
  return report?.who ?? "Somebody";
}
