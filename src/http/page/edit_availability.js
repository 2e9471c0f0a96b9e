/**
 * Editing an availability in place. What is saved replaces what the person has seen, and nothing else: if somebody
 * else was faster, both values are shown, and the person decides.
 *
 * @module
 */

import { get, post, sitePath } from "./api.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { reporter } from "./reporter.js";
import { availabilityHint, formatAvailability, isSameReport, parseAvailability } from "./values.js";

/** Milliseconds without an answer before that is said. */
const slowMs = 2_000;

/** The field, its buttons, and what went wrong; `site` is what the person sees as she begins. */
export function EditAvailability({ site, done, say, isCompact = false }) {
  const { name } = site;
  // There may be one in the list, and one beside it.
  const troubleId = `trouble-${isCompact ? "row" : "site"}`;
  const [typed, setTyped] = useState(formatAvailability(site.availability));
  const [trouble, setTrouble] = useState(undefined);
  const [conflict, setConflict] = useState(undefined);
  const [isLooking, setLooking] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [isSlow, setSlow] = useState(false);
  const seen = useRef(site);
  const looked = useRef(undefined);
  const isOver = useRef(false);
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
    look().catch((error) => !isOver.current && setTrouble(error.message)).finally(() => setLooking(false));
    return () => isOver.current = true;
  }, []);

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
    try {
      const { body, etag } = await look();
      // Whoever has closed the field before anything was sent has saved nothing.
      if (isOver.current) return;
      if (!isSameReport(seen.current, body)) return setConflict({ mine, theirs: body });
      const report = { value: mine, ...reporter() && { who: reporter() } };
      // Who changes a number has not changed what is counted.
      if (typeof mine === "number" && body.unit !== undefined) report.unit = body.unit;
      await post(sitePath(name, "/reports"), report, { ifMatch: etag });
      say(`${name}: ${formatAvailability(mine)}`);
      if (!isOver.current) done();
    } catch (error) {
      await onError(error, mine);
    } finally {
      setBusy(false);
    }
  };

  const onError = async (error, mine) => {
    if (error.type === "precondition" || error.type === "conflict") return await onConflict(mine);
    const isUnknown = error.type === "unknown";
    const text = isUnknown
      ? "It is not known whether this was saved. Look at the site before you try again."
      : error.message;
    tell(text);
  };

  const onConflict = async (mine) => {
    looked.current = undefined;
    try {
      const { body } = await look();
      if (!isOver.current) return setConflict({ mine, theirs: body });
      const [yours, theirs] = [mine, body.availability].map(formatAvailability);
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
    const mine = formatAvailability(conflict.mine);
    const theirs = formatAvailability(conflict.theirs.availability);
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
  return html`
    <form key="edit" ref=${box} class="edit" data-compact=${isCompact} aria-busy=${isBusy} onSubmit=${save}
      onKeyDown=${onKeyDown}>
      <input value=${typed} readonly=${isBusy} aria-label=${`Availability of ${name}`} aria-invalid=${trouble !==
        undefined} aria-describedby=${troubleId} autocomplete="off" spellcheck=${false} maxlength="20"
        onInput=${(event) => setTyped(event.target.value)} />
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
