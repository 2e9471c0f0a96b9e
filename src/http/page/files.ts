/**
 * The files of the page, as they are served: no build step, and nothing from elsewhere.
 *
 * The modules name packages as all code does, `from "preact"`. A browser knows no packages, and an import map would have
 * to be inline, which the policy of the page forbids: so the names are replaced by paths, once, when the files are read.
 *
 * @module
 */

import htm from "htm" with { type: "text" };
import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import type { PageFile } from "../static_files.ts";
import addSite from "./add_site.js" with { type: "text" };
import ages from "./ages.js" with { type: "text" };
import api from "./api.js" with { type: "text" };
import app from "./app.js" with { type: "text" };
import clusterChanges from "./cluster_changes.js" with { type: "text" };
import clusterStyle from "./cluster.css" with { type: "text" };
import clusterView from "./cluster_view.js" with { type: "text" };
import diagramStyle from "./diagram.css" with { type: "text" };
import dialog from "./dialog.js" with { type: "text" };
import editAvailability from "./edit_availability.js" with { type: "text" };
import historyPlot from "./history_plot.js" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import index from "./index.html" with { type: "text" };
import keptFocus from "./kept_focus.js" with { type: "text" };
import lanes from "./lanes.js" with { type: "text" };
import latest from "./latest.js" with { type: "text" };
import lessonCards from "./lesson_cards.js" with { type: "text" };
import lessonDiagram from "./lesson_diagram.js" with { type: "text" };
import lessonPlayer from "./lesson_player.js" with { type: "text" };
import lessonStyle from "./lesson.css" with { type: "text" };
import lessonView from "./lesson_view.js" with { type: "text" };
import lib from "./lib.js" with { type: "text" };
import live from "./live.js" with { type: "text" };
import plotAxes from "./plot_axes.js" with { type: "text" };
import plotData from "./plot_data.js" with { type: "text" };
import pendingRow from "./pending_row.js" with { type: "text" };
import replicaWaits from "./replica_waits.js" with { type: "text" };
import reporter from "./reporter.js" with { type: "text" };
import rows from "./rows.js" with { type: "text" };
import siteStyle from "./site.css" with { type: "text" };
import siteList from "./site_list.js" with { type: "text" };
import sitesStyle from "./sites.css" with { type: "text" };
import sitesView from "./sites_view.js" with { type: "text" };
import siteView from "./site_view.js" with { type: "text" };
import style from "./style.css" with { type: "text" };
import toasts from "./toasts.js" with { type: "text" };
import token from "./token.js" with { type: "text" };
import values from "./values.js" with { type: "text" };
import waitsText from "./waits_text.js" with { type: "text" };

/** The files of the packages. */
const packages: Readonly<Record<string, string>> = {
  "htm": "htm.js",
  "preact": "preact.js",
  "preact/hooks": "hooks.js",
  "uplot": "uplot.js",
};

/**
 * A module in which the packages have their paths; what only a debugger would look for is left out.
 *
 * All paths are relative: a proxy may serve the page at a path of its own.
 *
 * @param folder that of the packages, from where the module is.
 */
export function withPaths(module: string, folder: string): string {
  return module.replace(/\n\/\/# sourceMappingURL=.*/, "").replace(
    /(\bfrom\s*|\bimport\s*)"([\w/-]+)"/g,
    (all, before, name) => Object.hasOwn(packages, name) ? `${before}"${folder}${packages[name]}"` : all,
  );
}

const modules: Readonly<Record<string, string>> = {
  "lib/htm.js": htm,
  "lib/preact.js": preact,
  "lib/hooks.js": hooks,
  "lib/uplot.js": uplot,
  "add_site.js": addSite,
  "ages.js": ages,
  "api.js": api,
  "app.js": app,
  "cluster_changes.js": clusterChanges,
  "cluster_view.js": clusterView,
  "dialog.js": dialog,
  "edit_availability.js": editAvailability,
  "history_plot.js": historyPlot,
  "kept_focus.js": keptFocus,
  "lanes.js": lanes,
  "latest.js": latest,
  "lesson_cards.js": lessonCards,
  "lesson_diagram.js": lessonDiagram,
  "lesson_player.js": lessonPlayer,
  "lesson_view.js": lessonView,
  "lib.js": lib,
  "live.js": live,
  "plot_axes.js": plotAxes,
  "plot_data.js": plotData,
  "pending_row.js": pendingRow,
  "replica_waits.js": replicaWaits,
  "reporter.js": reporter,
  "rows.js": rows,
  "site_list.js": siteList,
  "site_view.js": siteView,
  "sites_view.js": sitesView,
  "toasts.js": toasts,
  "token.js": token,
  "values.js": values,
  "waits_text.js": waitsText,
};

const styles: Readonly<Record<string, string>> = {
  "style.css": style,
  "sites.css": sitesStyle,
  "site.css": siteStyle,
  "cluster.css": clusterStyle,
  "lesson.css": lessonStyle,
  "diagram.css": diagramStyle,
  "lib/uplot.css": uplotStyle,
};

function filesOf(texts: Readonly<Record<string, string>>, contentType: string): PageFile[] {
  return Object.entries(texts).map(([name, content]) => ({ path: `/page/${name}`, contentType, content }));
}

/** All files of the page. */
export const pageFiles: readonly PageFile[] = [
  { path: "/", contentType: "text/html; charset=utf-8", content: index },
  { path: "/page/icon.svg", contentType: "image/svg+xml", content: icon },
  ...filesOf(styles, "text/css; charset=utf-8"),
  ...filesOf(modules, "text/javascript; charset=utf-8").map(({ content, ...file }) => ({
    ...file,
    content: withPaths(content as string, file.path.startsWith("/page/lib/") ? "./" : "./lib/"),
  })),
];
