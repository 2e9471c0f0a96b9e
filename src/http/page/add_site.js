/**
 * Adding a site.
 *
 * @module
 */

import { post } from "./api.js";
import { Dialog, useTrouble } from "./dialog.js";
import { html } from "./lib.js";
import { siteHref } from "./site_list.js";
import { reporter } from "./reporter.js";
import { isZip } from "./values.js";

/** The dialog for a new site. */
export function AddSite({ live, close, say }) {
  const [trouble, setTrouble] = useTrouble(live);
  const save = async (fields) => {
    const name = fields.get("name").trim();
    const zip = fields.get("zip").trim();
    if (name === "") return setTrouble("Give the site a name.");
    if (!isZip(zip)) return setTrouble("A ZIP code has 1 to 10 digits.");
    try {
      const { body } = await post("/api/sites", { name, zip, ...reporter() && { who: reporter() } });
      say(`${name} was added`);
      close();
      location.hash = siteHref(body?.site?.name ?? name);
    } catch (error) {
      setTrouble(error.message, error.status === 0);
    }
  };
  return html`
    <${Dialog} title="Add a site" action="Add" save=${save} close=${close} trouble=${trouble}>
      <label>Name<input name="name" required maxlength="200" autocomplete="off" /></label>
      <label>ZIP code<input name="zip" required inputmode="numeric" maxlength="10" autocomplete="off" /></label>
      <//>
  `;
}
