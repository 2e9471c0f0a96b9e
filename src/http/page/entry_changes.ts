/**
 * Taking back a report of a site's history, and removing from an entry who has reported it.
 *
 * Each asks first: a report that was taken back can only be reported again, and a redaction cannot be undone at all.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { post } from "./api.ts";
import { formatWithUnit, shownText, siteOf } from "./availabilities.ts";
import type { DoneJson } from "./closing_undone.ts";
import { Dialog, textOf } from "./dialog.ts";
import { html, type VNode } from "./lib.ts";
import { byReporter } from "./reporter.ts";
import { say } from "./say.ts";

/** What a person may do with an entry. */
export const entryChanges = ["retract", "redact"] as const;

/** One of {@link entryChanges}. */
export type EntryChange = typeof entryChanges[number];

/** What the buttons for them say. */
export const changeTexts: Readonly<Record<EntryChange, string>> = { retract: "Take back", redact: "Redact" };

/** Whether there is anything to do. */
export function isPossible(change: EntryChange, entry: Entry): boolean {
  if (change === "retract") return entry.kind === "report" && entry.retracted !== true;
  return entry.redacted !== true && personalOf(entry).length > 0;
}

/** What a redaction of an entry removes: who, and the note or the reason. */
export function personalOf(entry: Entry): readonly string[] {
  const note = entry.kind === "retired" ? entry.reason : entry.note;
  return [entry.who, note].filter((text) => text !== undefined && text !== "") as string[];
}

/** A change that somebody has asked for. */
export interface AskedChange {
  readonly change: EntryChange;
  readonly entry: Entry;
}

interface ChangeDialogProps extends AskedChange {
  /** The site whose history it is. */
  readonly name: string;
  /** Is called when it is done, before the dialog closes. */
  done(): void;
  close(): void;
}

/** The dialog that asks. */
export function ChangeDialog(props: ChangeDialogProps): VNode {
  return props.change === "retract" ? html`<${TakeBack} ...${props} />` : html`<${Redact} ...${props} />`;
}

function TakeBack({ name, entry, done, close }: ChangeDialogProps): VNode {
  const save = async (fields: FormData) => {
    const note = textOf(fields, "note");
    const body = { siteId: entry.siteId, ...note !== "" && { note }, ...byReporter() };
    const { body: { site } } = await post<DoneJson>(`/api/entries/${entry.index}/retract`, body);
    say(`${name}: taken back, it shows ${shownText(siteOf(site))}`);
    done();
  };
  const what = entry.kind === "report" ? formatWithUnit(entry.availability, entry.unit) : "";
  return html`
    <${Dialog} title=${`Take back entry ${entry.index}`} action="Take back" save=${save} close=${close}>
      <p>The site shows what it would show without the report of <strong>${what}</strong>. The history keeps the report,
        and says that it was taken back.</p>
      <label class="small">Note<input name="note" maxlength="280" autocomplete="off" placeholder="the wrong site" />
      </label>
      <//>
  `;
}

function Redact({ name, entry, done, close }: ChangeDialogProps): VNode {
  const save = async () => {
    await post(`/api/entries/${entry.index}/redact`, { siteId: entry.siteId, ...byReporter() });
    say(`${name}: entry ${entry.index} no longer says who has reported it, nor the note`);
    done();
  };
  return html`
    <${Dialog} title=${`Redact entry ${entry.index}`} action="Remove for ever" save=${save} close=${close}>
      <p>This removes from the entry:</p>
      <ul class="plan">${personalOf(entry).map((text) => html`<li>${text}</li>`)}</ul>
      <p>It cannot be undone. The rest of the entry stays. Backups and exports that were made before, and programs that
        have read the entry, still have it.</p>
      <//>
  `;
}
