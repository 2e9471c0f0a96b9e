/**
 * One site: what it shows, since when and by whom, and everything that was ever reported of it.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import type { Candidate, FullSite, Identifier, SiteJson, SourceReport } from "../../database/values.ts";
import { ApiError, get, messageOf, post, sitePath } from "./api.ts";
import { siteOf } from "./availabilities.ts";
import { type DoneJson, openAgain, retireAgain, undoOf } from "./closing_undone.ts";
import { Dialog, textOf } from "./dialog.ts";
import { EditAvailability } from "./edit_availability.ts";
import { type AskedChange, ChangeDialog } from "./entry_changes.ts";
import { type EditedSite, EditSite } from "./edit_site.ts";
import { HistoryPlot } from "./history_plot.ts";
import { type History, HistoryTable } from "./history_table.ts";
import { html, onValue, type VNode } from "./lib.ts";
import { useKeptFocus, useLayoutEffect, useRef, useState } from "./lib.ts";
import { useLive } from "./live.ts";
import { nameMeant } from "./names_meant.ts";
import { formatId } from "../../database/look_alikes.ts";
import { type Place, placeOf } from "../../database/place.ts";
import { byReporter, reporter, setReporter } from "./reporter.ts";
import { say } from "./say.ts";
import { siteHref } from "./site_list.ts";
import { Identity, PlaceOf, Shown } from "./site_shown.ts";
import { hasSeveral, SourcesTable, StillSo } from "./sources_table.ts";

/** A site as the API gives it alone. */
type ViewedSite = SiteJson<FullSite> & { readonly hasDocument: boolean };

/** Entries of a site that one request asks for, and that are shown at most. */
const pageEntries = 200;
const entriesMax = 1_000;

async function readHistory(name: string): Promise<History> {
  const entries: Entry[] = [];
  let after: number | undefined;
  do {
    const query = { order: "newest", limit: pageEntries, after };
    const { body } = await get<{ entries: Entry[]; next?: number }>(sitePath(name, "/history"), query);
    entries.push(...body.entries);
    after = body.next;
  } while (after !== undefined && entries.length < entriesMax);
  return { entries, isWhole: after === undefined };
}

/** All that is known of a site beside its reports. */
interface Known {
  /** By what a feed, CSV or NDJSON said last. */
  readonly place: Place;
  readonly identifiers: readonly Identifier[];
}

/** Reads that of a site: the newest entries that say so have it, unless these are too long ago. */
async function readKnown({ name, id, hasDocument }: ViewedSite, { entries, isWhole }: History): Promise<Known> {
  const documented = entries.find((entry) => entry.kind === "documented");
  // The history has the entries of the sites that were merged into it, too.
  const known = entries.flatMap((entry) => {
    return entry.kind === "edited" && entry.siteId === id && entry.identifiers !== undefined ? [entry.identifiers] : [];
  });
  if ((documented !== undefined || !hasDocument) && (known.length > 0 || isWhole)) {
    return { place: placeOf(documented?.document), identifiers: known[0] ?? [] };
  }
  const { body: { document, identifiers = [] } } = await get<Partial<FullSite>>(sitePath(name, "/document"));
  return { place: placeOf(documented?.document ?? document), identifiers: known[0] ?? identifiers };
}

/** The names of sites that have a part. */
async function namesWith(part: string, limit: number): Promise<string[]> {
  const { body } = await get<{ sites: { name: string }[] }>("/api/sites", { q: part, limit, retired: true });
  return body.sites.map(({ name }) => name);
}

/** The site of a name, which stays the same. */
export function SiteView({ name, now }: { name: string; now: number }): VNode {
  const [site, setSite] = useState<FullSite | undefined>(undefined);
  const [sources, setSources] = useState<readonly SourceReport[]>([]);
  const [history, setHistory] = useState<History | undefined>(undefined);
  const [facts, setFacts] = useState<Known>({ place: {}, identifiers: [] });
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  // The name of the site that may have been meant, if no site has this one; and those that have more behind it.
  const [meant, setMeant] = useState<string | undefined>(undefined);
  const [refusal, setRefusal] = useState<ApiError | undefined>(undefined);
  const [isEditing, setEditing] = useState(false);
  const [isRetiring, setRetiring] = useState(false);
  const [asked, setAsked] = useState<AskedChange | undefined>(undefined);
  // The entry that was changed last: its row gets the focus that its button had.
  const changed = useRef<number | undefined>(undefined);
  const [edited, setEdited] = useState<EditedSite | undefined>(undefined);
  // Stays when the name changes.
  const id = useRef<number | undefined>(undefined);
  const box = useRef<HTMLElement>(null);
  const doing = useRef<HTMLDivElement>(null);

  // The focus stays in the list where both are seen, and comes to the title everywhere else.
  useLayoutEffect(() => {
    if (document.activeElement?.closest(".rows")?.checkVisibility()) return;
    box.current!.querySelector("h1")!.focus();
  }, []);
  useKeptFocus(box, () => {
    const row = box.current!.querySelector<HTMLElement>(`[data-entry="${changed.current}"]`);
    return row?.querySelector("button") ?? row ?? doing.current?.querySelector("button");
  });

  const loading = useRef({ isUnderWay: false, isDue: false, isOver: false }).current;
  const load = async () => {
    loading.isDue = true;
    if (loading.isUnderWay) return;
    loading.isUnderWay = true;
    try {
      while (loading.isDue && !loading.isOver) {
        loading.isDue = false;
        const known = id.current === undefined ? name : formatId(id.current);
        const [{ body }, said, history] = await Promise.all([
          get<ViewedSite>(sitePath(known)),
          get<{ sources: SourceReport[] }>(sitePath(known, "/sources")),
          readHistory(known),
        ]);
        const facts = await readKnown(body, history);
        if (loading.isOver) return;
        // The name of a merged site, an id, or a name that the site had until now: the site has an address of its own.
        if (body.name !== name) {
          say(id.current === undefined ? `${name} leads to ${body.name}` : `${name} is called ${body.name} now`);
          return location.replace(siteHref(body.name));
        }
        id.current = body.id;
        setSite(siteOf(body));
        setSources(said.body.sources);
        setHistory(history);
        setFacts(facts);
        setTrouble(undefined);
        setMeant(undefined);
        setRefusal(undefined);
      }
    } catch (error) {
      if (loading.isOver) return;
      setTrouble(messageOf(error));
      setRefusal(error instanceof ApiError ? error : undefined);
      const isUnknown = error instanceof ApiError && error.type === "unknown-site";
      // Whatever goes wrong here, the trouble was told.
      if (isUnknown) setMeant(await nameMeant(name, namesWith).catch(() => undefined));
    } finally {
      loading.isUnderWay = false;
    }
  };
  useLayoutEffect(() => {
    load();
    return () => {
      loading.isOver = true;
    };
  }, []);
  const isOfThis = (entry: Entry) =>
    entry.site === name || entry.siteId === id.current || ("into" in entry && entry.into.id === id.current);
  useLive({ entries: (entries) => entries.some(isOfThis) && load(), gap: load, back: load });

  const edit = () => {
    get<EditedSite>(sitePath(name, "/document")).then(
      ({ body }) => setEdited(body),
      (error) => say(messageOf(error), "bad"),
    );
  };
  const reopen = () => {
    const reason = site!.retired!;
    post<DoneJson>(sitePath(name, "/reopen"), byReporter()).then(
      ({ body }) => say(`${name} takes reports again`, "plain", undoOf(body, () => retireAgain(name, reason, body))),
      (error) => say(messageOf(error), "bad"),
    );
  };
  return html`
    <section ref=${box} class="detail stack" aria-label=${name}>
      <a class="back good" href="#/sites">‹ All sites</a>
      <h1 tabindex="-1">${name}</h1>
      ${site !== undefined && html`
        <${PlaceOf} site=${site} place=${facts.place} />
        <${Identity} id=${site.id} identifiers=${facts.identifiers} />
        <${Shown} site=${site} now=${now} />
        <div ref=${doing} class="doing flow">
          ${isEditing
            ? html`<${EditAvailability} site=${site} sources=${sources} done=${() => setEditing(false)} />`
            : site.retired === undefined
            ? html`
              <button type="button" onClick=${() => setEditing(true)}>Report availability</button>
              ${sources.length > 0 && !hasSeveral(sources) &&
                html`<${StillSo} name=${name} said=${sources[0]} shownEntry=${site.report?.index} />`}
              <button type="button" class="quiet" onClick=${edit}>Edit</button>
              <button type="button" class="quiet" onClick=${() => setRetiring(true)}>Retire</button>
            `
            : html`<button type="button" onClick=${reopen}>Reopen</button>`}
          <label class="who flow note">Reporting as<input maxlength="64" placeholder="nobody" value=${reporter()}
            onChange=${onValue(setReporter)} /></label>
        </div>
      `}
      ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      ${meant !== undefined && html`<p>Did you mean <a class="good link" href=${siteHref(meant)}>${meant}</a>?</p>`}
      ${refusal !== undefined && refusal.candidates.length > 0 && html`<${Candidates} refusal=${refusal} />`}
      ${site !== undefined && hasSeveral(sources) && html`
        <${SourcesTable} name=${name} sources=${sources} now=${now} isOpen=${site.retired === undefined}
          shownEntry=${site.report?.index} />
      `}
      ${history !== undefined && html`
        <${HistoryPlot} entries=${history.entries} now=${now} />
        <${HistoryTable} history=${history} now=${now} ask=${(change: AskedChange["change"], entry: Entry) =>
          setAsked({ change, entry })} />
      `}
      ${asked !== undefined && html`
        <${ChangeDialog} ...${asked} name=${name} done=${() => changed.current = asked.entry.index}
          close=${() => setAsked(undefined)} />
      `}
      ${edited !== undefined && html`<${EditSite} site=${edited} close=${() => setEdited(undefined)} />`}
      ${isRetiring && html`<${Retire} name=${name} close=${() => setRetiring(false)} />`}
    </section>
  `;
}

/** The sites that have the name with something behind it, to choose from. */
function Candidates({ refusal: { candidates, more } }: { refusal: ApiError }): VNode {
  const detail = ({ zip, address, retired }: Candidate) =>
    [`ZIP ${zip}`, address, retired !== undefined && `retired: ${retired}`].filter(Boolean).join(", ");
  return html`
    <ul class="candidates" aria-label="Sites that may be meant">
      ${candidates.map((site) =>
        html`
          <li key=${site.id}>
            <a class="good link" href=${siteHref(site.name)}>${site.name}</a>
            <div class="muted small">${detail(site)}</div>
          </li>
        `
      )}
      ${more > 0 && html`<li class="muted">and at least ${more} more: search for the name to see all</li>`}
    </ul>
  `;
}

function Retire({ name, close }: { name: string; close(): void }): VNode {
  const save = async (fields: FormData) => {
    const { body } = await post<DoneJson>(sitePath(name, "/retire"), {
      reason: textOf(fields, "reason"),
      ...byReporter(),
    });
    say(`${name} is retired`, "plain", undoOf(body, () => openAgain(name, body)));
  };
  return html`
    <${Dialog} title=${`Retire ${name}`} action="Retire" save=${save} close=${close}>
      <p>A retired site keeps its history, and takes no reports until you reopen it.</p>
      <label class="small">Reason<input name="reason" required maxlength="280" autocomplete="off"
        placeholder="closed for good" /></label>
      <//>
  `;
}
