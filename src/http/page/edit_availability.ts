/**
 * Editing an availability in place. A save replaces what the person has seen, and nothing else: if somebody else was
 * faster, the page shows both values, and the person decides.
 *
 * @module
 */

import type { FullSite, Site, SiteJson, SourceReport, Unit } from "../../database/values.ts";
import { ValueError } from "../../database/values.ts";
import { ApiError, get, isUnreachable, messageOf, post, sitePath } from "./api.ts";
import { formatWithUnit, isSameReport, shownText, siteOf, unitNames } from "./availabilities.ts";
import { html, onValue, useLayoutEffect, useRef, useState, type VNode } from "./lib.ts";
import { isLive, useLive } from "./live.ts";
import { fieldsFor, type Report, reportOf, type TypedReport } from "./report_form.ts";
import { byReporter } from "./reporter.ts";
import { say } from "./say.ts";
import { productsOf } from "./sources_table.ts";
import { productName } from "../../database/cvx.ts";

/** Milliseconds without a response before the page says so. */
const slowMs = 2_000;

const notKnown = "It is not known whether this was saved.";
const kept = "Your number is kept: press Save again.";

/** The response to a report. */
interface Done {
  readonly site: SiteJson;
  readonly effect: "shown" | "outOfDate" | "same" | "changed" | "confirmed";
  readonly entry?: number;
}

/** The site to edit, and where. */
interface EditAvailabilityProps {
  /** What the person sees when the edit begins. */
  readonly site: Site;
  /** What its sources say; absent: no product can be named. */
  readonly sources?: readonly SourceReport[];
  /** Is called at the end: saved, or given up. */
  done(): void;
  /** Whether the field stands in a row of the list. */
  readonly isCompact?: boolean;
}

/** The field, its buttons, and what went wrong. */
export function EditAvailability({ site, sources, done, isCompact = false }: EditAvailabilityProps): VNode {
  const { name } = site;
  // There may be a field in the list, and another one beside it.
  const troubleId = `trouble-${isCompact ? "row" : "site"}`;
  const [typed, setTyped] = useState(() => fieldsFor(site));
  const change = (part: Partial<TypedReport>) => setTyped((typed) => ({ ...typed, ...part }));
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [conflict, setConflict] = useState<{ mine: Report; theirs: FullSite } | undefined>(undefined);
  const [isLooking, setLooking] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [isSlow, setSlow] = useState(false);
  const seen = useRef(site);
  const looked = useRef<ReturnType<typeof siteWithTag> | undefined>(undefined);
  const isOver = useRef(false);
  // Whether the trouble is that the gateway cannot be reached; and a report that was sent, and got no response.
  const isCut = useRef(false);
  const unsure = useRef<Report | undefined>(undefined);
  const box = useRef<HTMLElement>(null);

  /** What the site shows, with the ETag that stands for it. */
  const look = () =>
    looked.current ??= siteWithTag(name).catch((error) => {
      looked.current = undefined;
      throw error;
    });

  useLayoutEffect(() => {
    look().catch((error) => isOver.current ? undefined : onError(error)).finally(() => setLooking(false));
    return () => {
      isOver.current = true;
    };
  }, []);

  // When the gateway is back, that trouble is over; and the site shows whether the report was saved.
  useLive({
    back: async () => {
      if (!isCut.current) return;
      isCut.current = false;
      setTrouble(undefined);
      if (unsure.current === undefined) return;
      looked.current = undefined;
      const found = await look().catch(() => undefined);
      if (found !== undefined && !isOver.current && isMine(found.site)) finish(unsure.current);
    },
  });

  const isWaiting = isLooking || isBusy;
  useLayoutEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => setSlow(true), slowMs);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isWaiting]);

  useLayoutEffect(() => {
    const first = box.current!.querySelector<HTMLElement>("input, button")!;
    first.focus();
    if (first instanceof HTMLInputElement) first.select();
  }, [conflict]);

  // In the last row that is seen, the messages below the field would be out of sight.
  useLayoutEffect(() => box.current!.scrollIntoView({ block: "nearest" }), [trouble, conflict, isSlow]);

  const read = parsed(typed);
  const save = async (event?: Event) => {
    event?.preventDefault();
    if (isBusy) return;
    if (read instanceof ValueError) return setTrouble(read.message);
    setBusy(true);
    setTrouble(undefined);
    isCut.current = false;
    const report: Report = { ...read, ...byReporter() };
    let isSent = false;
    try {
      // If not even a look succeeds, nothing can be saved, and it is certain that nothing was.
      if (!isLive() && unsure.current === undefined) looked.current = undefined;
      const { site, etag } = await look();
      // The person closed the field before anything was sent: nothing is saved.
      if (isOver.current) return;
      if (isMine(site)) return finish(report);
      if (!isSameReport(seen.current, site)) return setConflict({ mine: report, theirs: site });
      isSent = true;
      const { body } = await post<Done>(sitePath(name, "/reports"), report, { ifMatch: etag });
      finish(report, body);
    } catch (error) {
      await onError(error, isSent ? report : undefined);
    } finally {
      setBusy(false);
    }
  };

  /**
   * The report was saved.
   *
   * @param saved the response; absent: that is no longer known.
   */
  const finish = (report: Report, saved?: Done) => {
    const product = report.product === undefined ? "" : ` of ${report.product}`;
    const said = `${name}: ${formatWithUnit(report.value, report.unit)}${product}`;
    const { effect, entry } = saved ?? {};
    if (effect === "outOfDate") say(`${said}. Kept, and not shown: the site shows a newer report`);
    else if (effect !== "shown" || entry === undefined) say(said);
    else say(said, "plain", () => undo(name, entry));
    if (!isOver.current) done();
  };

  /** Whether a site shows the report that was sent before, and got no response. */
  const isMine = ({ availability, unit, report }: FullSite) => {
    const mine = unsure.current;
    return availability === mine?.value && unit === mine.unit && report?.who === mine.who && report?.note === mine.note;
  };

  /** @param report what was sent; undefined: nothing. */
  const onError = async (error: unknown, report?: Report) => {
    const type = error instanceof ApiError ? error.type : "";
    if (report !== undefined && (type === "precondition" || type === "conflict")) return await onConflict(report);
    isCut.current = isUnreachable(error);
    if (report !== undefined && (isCut.current || type === "unknown")) unsure.current = report;
    if (isCut.current) tell(`${report === undefined ? "Not saved." : notKnown} ${kept}`);
    else if (type === "unknown") tell(`${notKnown} Look at the site before you try again.`);
    else tell(messageOf(error));
  };

  const onConflict = async (report: Report) => {
    looked.current = undefined;
    try {
      const { site } = await look();
      if (isMine(site)) return finish(report);
      if (!isOver.current) return setConflict({ mine: report, theirs: site });
      const theirs = shownText(site);
      const mine = formatWithUnit(report.value, report.unit);
      tell(`${whoOf(site)} set it to ${theirs} in the meantime, ${mine} is not saved`);
    } catch (error) {
      tell(messageOf(error));
    }
  };

  /** Shows a message at the field, or at the edge of the page if the person has closed the field. */
  const tell = (text: string) => isOver.current ? say(`${name}: ${text}`, "bad") : setTrouble(text);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") done();
    event.stopPropagation();
  };

  if (conflict !== undefined) {
    const mine = formatWithUnit(conflict.mine.value, conflict.mine.unit);
    const theirs = shownText(conflict.theirs);
    const overwrite = () => {
      seen.current = conflict.theirs;
      setConflict(undefined);
      save();
    };
    return html`
      <div key="conflict" ref=${box} class="conflict flow box" role="alertdialog"
        aria-label="Somebody else has changed it" onKeyDown=${onKeyDown}>
        <p>${whoOf(
          conflict.theirs,
        )} set it to <strong>${theirs}</strong> in the meantime. Your <strong>${mine}</strong> is
          not saved.</p>
        <button type="button" onClick=${done}>Keep ${theirs}</button>
        <button type="button" class="quiet" onClick=${overwrite}>Set ${mine}</button>
      </div>
    `;
  }
  // Only a count has a unit.
  const isCounted = read instanceof ValueError || typeof read.value === "number";
  return html`
    <form key="edit" ref=${box} class=${isCompact ? "edit flow box" : "edit flow"} aria-busy=${isBusy}
      aria-label=${`Report of ${name}`} onSubmit=${save} onKeyDown=${onKeyDown}>
      ${isCompact && html`<p class="firm">${name}</p>`}
      <input class="value" value=${typed.value} readonly=${isBusy} aria-label=${`Availability of ${name}`}
        aria-invalid=${trouble !== undefined} aria-describedby=${trouble === undefined ? undefined : troubleId}
        placeholder="count" autocomplete="off" spellcheck=${false} maxlength="20"
        onInput=${onValue((value) => change({ value }))} />
      <select aria-label=${`Unit of the count at ${name}`} value=${isCounted ? typed.unit : ""}
        disabled=${isBusy || !isCounted} onChange=${onValue((unit) => change({ unit: unit as Unit | "" }))}>
        ${unitNames.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
      </select>
      ${sources !== undefined && html`
        <input class="product" list="known-products" value=${typed.product} readonly=${isBusy} aria-label="Product"
          placeholder="product, if not all" autocomplete="off" maxlength="64"
          title="A code of CVX, or words; empty: all that the site has"
          onInput=${onValue((product) => change({ product }))} />
        <datalist id="known-products">
          ${productsOf(sources).map((product) => html`<option value=${product}>${productName(product)}</option>`)}
        </datalist>
      `}
      <input class="noted" value=${typed
        .note} readonly=${isBusy} aria-label="Note" placeholder="note, such as: until six"
        autocomplete="off" maxlength="280" onInput=${onValue((note) => change({ note }))} />
      <label class="observed note">Observed, if not now<input type="datetime-local" value=${typed
        .observed} readonly=${isBusy}
        title="When it was true, by your clock; empty: now"
        onInput=${onValue((observed) => change({ observed }))} /></label>
      <button type="submit">Save</button>
      <button type="button" class="quiet" onClick=${done} aria-label="Cancel">✕</button>
      ${trouble !== undefined && html`<p id=${troubleId} class="trouble" role="alert">${trouble}</p>`}
      ${isSlow && html`<p class="muted" role="status">The cluster has not answered yet.</p>`}
    </form>
  `;
}

/** What somebody has typed, or why it is not a report. */
function parsed(typed: TypedReport): Report | ValueError {
  try {
    return reportOf(typed, Date.now());
  } catch (error) {
    if (error instanceof ValueError) return error;
    throw error;
  }
}

/** Takes a report back, and says what the site shows without it. */
async function undo(name: string, entry: number): Promise<void> {
  try {
    const { body } = await post<Done>(`/api/entries/${entry}/retract`, byReporter());
    say(`${name}: undone, it shows ${shownText(siteOf(body.site))}`);
  } catch (error) {
    const isUnknown = isUnreachable(error) || (error instanceof ApiError && error.type === "unknown");
    if (isUnknown) say(`${name}: it is not known whether it was undone`, "bad");
    else say(`${name}: not undone. ${messageOf(error)}`, "bad");
  }
}

async function siteWithTag(name: string): Promise<{ readonly site: FullSite; readonly etag: string | undefined }> {
  const { body, etag } = await get<SiteJson<FullSite>>(sitePath(name));
  return { site: siteOf(body), etag };
}

function whoOf({ report }: FullSite): string {
  return report?.who ?? "Somebody";
}
