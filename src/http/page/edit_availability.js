/**
 * Editing an availability in place. What is saved replaces what the person has seen, and nothing else: if somebody
 * else was faster, both values are shown, and the person decides.
 *
 * @module
 */

import { get, post, sitePath } from "./api.js";
import { html, useEffect, useRef, useState } from "./lib.js";
import { reporter } from "./reporter.js";
import { availabilityHint, formatAvailability, parseAvailability } from "./values.js";

/** The field, its buttons, and what went wrong. */
export function EditAvailability({ name, done, say, isCompact = false }) {
  const [typed, setTyped] = useState(undefined);
  const [trouble, setTrouble] = useState(undefined);
  const [conflict, setConflict] = useState(undefined);
  const [isBusy, setBusy] = useState(false);
  const seen = useRef(undefined);
  const field = useRef(null);

  useEffect(() => {
    let isOver = false;
    get(sitePath(name)).then(({ body, etag }) => {
      if (isOver) return;
      seen.current = etag;
      setTyped(formatAvailability(body.availability));
    }, (error) => !isOver && setTrouble(error.message));
    return () => isOver = true;
  }, [name]);

  const isReady = typed !== undefined;
  useEffect(() => {
    if (!isReady) return;
    field.current?.focus();
    field.current?.select();
  }, [isReady]);

  const save = async (event) => {
    event?.preventDefault();
    if (isBusy || typed === undefined) return;
    const value = parseAvailability(typed);
    if (value === undefined) return setTrouble(`Give ${availabilityHint}.`);
    setBusy(true);
    setTrouble(undefined);
    try {
      const body = { value, ...reporter() && { who: reporter() } };
      await post(sitePath(name, "/reports"), body, { ifMatch: seen.current });
      say(`${name}: ${formatAvailability(value)}`);
      done();
    } catch (error) {
      if (error.type === "precondition" || error.type === "conflict") await onConflict(value);
      else if (error.type === "unknown") {
        setTrouble("It is not known whether this was saved. Look at the site before you try again.");
      } else setTrouble(error.message);
    } finally {
      setBusy(false);
    }
  };

  const onConflict = async (value) => {
    try {
      const { body, etag } = await get(sitePath(name));
      seen.current = etag;
      setConflict({ mine: value, theirs: body.availability });
    } catch (error) {
      setTrouble(error.message);
    }
  };

  if (conflict !== undefined) {
    const { mine, theirs } = conflict;
    return html`
      <div class="conflict" role="alertdialog" aria-label="Somebody else has changed it" onKeyDown=${(event) =>
        event.key === "Escape" && done()}>
        <p>Somebody set it to <strong>${formatAvailability(
          theirs,
        )}</strong> meanwhile. Your <strong>${formatAvailability(mine)}</strong> is not saved.</p>
        <button type="button" autofocus ref=${(element) => element?.focus()} onClick=${done}>Keep ${formatAvailability(
          theirs,
        )}</button>
        <button type="button" class="quiet" onClick=${() => (setConflict(undefined), save())}>Set ${formatAvailability(
          mine,
        )}</button>
      </div>
    `;
  }
  return html`
    <form class="edit" data-compact=${isCompact} onSubmit=${save} onKeyDown=${(event) => {
      if (event.key === "Escape") done();
      event.stopPropagation();
    }}>
      <input ref=${field} value=${typed ?? ""} disabled=${!isReady || isBusy} aria-label=${`Availability of ${name}`}
        aria-invalid=${trouble !==
          undefined} aria-describedby="edit-trouble" autocomplete="off" spellcheck=${false} maxlength="20"
        onInput=${(event) => setTyped(event.target.value)} />
      <button type="submit" disabled=${!isReady || isBusy}>Save</button>
      <button type="button" class="quiet" onClick=${done} aria-label="Cancel">✕</button>
      ${trouble !== undefined && html`<p id="edit-trouble" class="trouble" role="alert">${trouble}</p>`}
    </form>
  `;
}
