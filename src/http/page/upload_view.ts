/**
 * The dialog that reports sites from a file of CSV. First it shows what the file would do, and what is wrong with it;
 * only then can it be sent.
 *
 * @module
 */

import { ApiError, isUnreachable, messageOf, post, postCsv } from "./api.ts";
import { type BatchResult, commandText, type CsvProblem, type CsvReading, type CsvRecord } from "./csv_upload.ts";
import { effective, sendRecords, sitesIn, summaryOf } from "./csv_upload.ts";
import { Dialog } from "./dialog.ts";
import { html, useRef, useState, type VNode } from "./lib.ts";
import { byReporter } from "./reporter.ts";
import { download, urlOf } from "./requests.ts";
import { say } from "./say.ts";

/** A file that shows the form. */
const example = "/api/sites.csv";

/** Rows of a table that are shown. */
const rowsMax = 200;

/** The dialog. */
export function UploadCsv({ close }: { close(): void }): VNode {
  const [reading, setReading] = useState<CsvReading | undefined>(undefined);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [progress, setProgress] = useState<string | undefined>(undefined);
  // The changes that were refused when the file was sent.
  const [refused, setRefused] = useState<readonly CsvProblem[] | undefined>(undefined);
  // The file whose reading is wanted: another one may be chosen before it is there.
  const chosen = useRef<File | undefined>(undefined);

  const choose = async (event: Event) => {
    const file = chosen.current = (event.target as HTMLInputElement).files?.[0];
    setReading(undefined);
    setRefused(undefined);
    setTrouble(undefined);
    if (file === undefined) return;
    setProgress(`Reading ${file.name}`);
    try {
      const { body } = await postCsv<CsvReading>(`/api/csv?changedAt=${file.lastModified}`, file);
      if (chosen.current === file) setReading(body);
    } catch (error) {
      if (chosen.current === file) setTrouble(messageOf(error));
    } finally {
      if (chosen.current === file) setProgress(undefined);
    }
  };

  const records = reading === undefined ? [] : effective(reading);
  const sites = sitesIn(records);
  const what = `${sites.toLocaleString("en")} ${sites === 1 ? "site" : "sites"}`;

  const save = async () => {
    let done = 0;
    try {
      const failures = await sendRecords(records, byReporter(), {
        send: async (commands) => (await post<BatchResult[]>("/api/batch", commands)).body,
        onProgress: (count, all) => {
          done = count;
          setProgress(`${count.toLocaleString("en")} of ${all.toLocaleString("en")} changes are done`);
        },
      });
      if (failures.length === 0) return say(`Reported ${what}`);
      setRefused(failures);
      return "stay";
    } catch (error) {
      const isUnknown = isUnreachable(error) || (error instanceof ApiError && error.type === "unknown");
      const rest = isUnknown ? "it is not known whether some of the others are" : "the others are not";
      throw new Error(
        `${messageOf(error)}. ${done.toLocaleString("en")} changes are done, and ${rest}: press the ` +
          "button again, nothing is reported twice",
      );
    } finally {
      setProgress(undefined);
    }
  };

  const isDone = refused !== undefined;
  return html`
    <${Dialog} title="Report from a file" action=${sites > 0 && !isDone ? `Report ${what}` : undefined}
      cancel=${isDone ? "Close" : "Cancel"} isWide save=${save} close=${close}>
      <label class="small">CSV file<input type="file" accept=".csv,text/csv" onChange=${choose} /></label>
      <p class="small muted">The first line names the columns: Site Name, ZIP Code and Availability, and if you like
        Unit, Observed At, Note. <a class="link" href=${urlOf(example)} download onClick=${(event: Event) =>
          download(event, example, "sites.csv").catch((error) =>
            setTrouble(messageOf(error))
          )}>All sites as CSV</a> is an
        example. Nothing is reported before you have seen what the file would do.</p>
      ${progress !== undefined && html`<p class="muted" role="status">${progress}</p>`}
      ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      ${isDone
        ? html`
          <p role="status">Reported, except ${refused.length} ${refused.length === 1 ? "change" : "changes"} that the
            database refused:</p>
          <${Problems} problems=${refused} title="Refused changes" />
        `
        : reading !== undefined && html`<${Read} reading=${reading} records=${records} />`}
      <//>
  `;
}

/** The reading: what it comes to, what is wrong, and what would be reported. */
function Read({ reading, records }: { reading: CsvReading; records: readonly CsvRecord[] }): VNode {
  const { problems } = reading;
  return html`
    <div role="status">
      <ul class="plan">
        ${summaryOf(reading).map((text) => html`<li>${text}</li>`)}
        ${records.length === 0 && html`<li>There is nothing to report.</li>`}
      </ul>
    </div>
    ${problems.length > 0 && html`<${Problems} problems=${problems} title="Repaired, kept or refused" />`}
    ${records.length > 0 && html`
      <div class="excerpt" role="region" aria-label="What will be reported" tabindex="0">
        <table class="history small">
          <caption>What will be reported${more(records.length)}</caption>
          <thead>
            <tr>
              <th class="number">Line</th>
              <th>Site</th>
              <th>Change</th>
            </tr>
          </thead>
          <tbody>${records.slice(0, rowsMax).map(({ line, name, effect, commands }) =>
            html`
              <tr>
                <td class="number">${line}</td>
                <td>${name}</td>
                <td>${commands.map(commandText).join(", ")}${effect === "outOfDate" &&
                  [" ", html`<span class="late line warn">not shown</span>`]}</td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
    `}
  `;
}

function Problems({ problems, title }: { problems: readonly CsvProblem[]; title: string }): VNode {
  // What will be missing comes first: a small window shows only a few lines.
  const rank = ({ effect }: CsvProblem) => Number(effect !== "refused");
  const sorted = problems.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
  return html`
    <div class="excerpt" role="region" aria-label=${title} tabindex="0">
      <table class="history small">
        <caption>${title}${more(problems.length)}</caption>
        <thead>
          <tr>
            <th class="number">Line</th>
            <th>Done</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>${sorted.slice(0, rowsMax).map(({ line, effect, what }) =>
          html`
            <tr>
              <td class="number">${line}</td>
              <td class=${effect === "refused" ? "line trouble" : "line"}>${effect}</td>
              <td>${what}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

/** What a caption says of rows that are not shown. */
function more(count: number): string {
  return count <= rowsMax ? "" : `: the first ${rowsMax} of ${count.toLocaleString("en")}`;
}
