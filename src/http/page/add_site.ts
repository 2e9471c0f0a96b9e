/**
 * The dialog that adds a site.
 *
 * @module
 */

import { parseName, parseZip } from "../../database/values.ts";
import { post } from "./api.ts";
import { Dialog, textOf } from "./dialog.ts";
import { html, type VNode } from "./lib.ts";
import type { Live } from "./live.ts";
import { byReporter } from "./reporter.ts";
import type { Say } from "./say.ts";
import { siteHref } from "./site_list.ts";

/** The dialog. */
export function AddSite({ live, close, say }: { live: Live; close(): void; say: Say }): VNode {
  const save = async (fields: FormData) => {
    const name = parseName(textOf(fields, "name"));
    await post("/api/sites", { name, zip: parseZip(textOf(fields, "zip")), ...byReporter() });
    say(`${name} was added`);
    location.hash = siteHref(name);
  };
  return html`
    <${Dialog} title="Add a site" action="Add" live=${live} save=${save} close=${close}>
      <label>Name<input name="name" required maxlength="200" autocomplete="off" /></label>
      <label>ZIP code<input name="zip" required inputmode="numeric" maxlength="10" autocomplete="off" /></label>
      <//>
  `;
}
