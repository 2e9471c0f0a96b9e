/**
 * The dialog that changes the name, the ZIP code and the VTrckS PIN of a site.
 *
 * @module
 */

import { type FullSite, parseName, parseZip } from "../../database/values.ts";
import { parsePin, vtrcksSystem } from "../../database/vtrcks.ts";
import { post, sitePath } from "./api.ts";
import { Dialog, textOf } from "./dialog.ts";
import { html, type VNode } from "./lib.ts";
import { byReporter } from "./reporter.ts";
import { say } from "./say.ts";
import { siteHref } from "./site_list.ts";

/** What the dialog changes. */
export type EditedSite = Pick<FullSite, "name" | "zip" | "identifiers">;

/** The dialog. */
export function EditSite({ site, close }: { site: EditedSite; close(): void }): VNode {
  const { name, zip } = site;
  const pin = site.identifiers?.find(({ system }) => system === vtrcksSystem)?.value ?? "";
  const save = async (fields: FormData) => {
    const typed = {
      name: parseName(textOf(fields, "name")),
      zip: parseZip(textOf(fields, "zip")),
      pin: parsePin(textOf(fields, "pin")),
    };
    // What stays is not sent: somebody else may have changed it meanwhile.
    const changes = {
      ...typed.name !== name && { name: typed.name },
      ...typed.zip !== zip && { zip: typed.zip },
      ...typed.pin.value !== pin && { identifiers: [typed.pin] },
    };
    if (Object.keys(changes).length === 0) return;
    await post(sitePath(name), { ...changes, ...byReporter() }, { method: "PATCH" });
    say(`${typed.name} was edited`);
    if (typed.name !== name) location.replace(siteHref(typed.name));
  };
  return html`
    <${Dialog} title=${`Edit ${name}`} action="Save" save=${save} close=${close}>
      <p>The site keeps its history. A new name leaves the old one to others.</p>
      <label class="small">Name<input name="name" required maxlength="200" autocomplete="off" value=${name} /></label>
      <label class="small">ZIP code
        <input name="zip" required inputmode="numeric" maxlength="10" autocomplete="off" value=${zip} /></label>
      <label class="small">VTrckS PIN
        <input name="pin" maxlength="20" autocomplete="off" value=${pin} placeholder="none" /></label>
      <//>
  `;
}
