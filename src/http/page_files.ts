/**
 * The files of the page, as they are served: no build step, and nothing from elsewhere.
 *
 * The page is TypeScript. Each module is served from memory as JavaScript, at the path that it has below `src`, so that
 * relative imports hold in the browser as they are. Among the modules are the pure ones that the page shares with the
 * rest of the program: the list says which.
 *
 * The modules name packages as all code does, `from "preact"`. A browser knows no packages, and the policy of the page
 * forbids an import map, which would have to be inline: so each name is replaced by a path.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import type { PageFile } from "./static_files.ts";

/** Texts of the program, which take no permission to read, since the imports name them. */
type Texts = Readonly<Record<string, Promise<{ readonly default: string }>>>;

/** The modules of packages. */
const packages: Texts = {
  "htm": import("htm", { with: { type: "text" } }),
  "htm/preact": import("htm/preact", { with: { type: "text" } }),
  "preact": import("preact", { with: { type: "text" } }),
  "preact/hooks": import("preact/hooks", { with: { type: "text" } }),
  "uplot": import("uplot/dist/uPlot.esm.js", { with: { type: "text" } }),
};

/** The modules that the page shares with the rest of the program, by their paths below `src`. */
const shared: Texts = {
  "alerts/change_text": import("../alerts/change_text.ts", { with: { type: "text" } }),
  "database/look_alikes": import("../database/look_alikes.ts", { with: { type: "text" } }),
  "database/vtrcks": import("../database/vtrcks.ts", { with: { type: "text" } }),
  "database/given": import("../database/given.ts", { with: { type: "text" } }),
  "database/name_order": import("../database/name_order.ts", { with: { type: "text" } }),
  "database/place": import("../database/place.ts", { with: { type: "text" } }),
  "database/site_rules": import("../database/site_rules.ts", { with: { type: "text" } }),
  "database/values": import("../database/values.ts", { with: { type: "text" } }),
  "database/cvx": import("../database/cvx.ts", { with: { type: "text" } }),
  "files_words": import("../files_words.ts", { with: { type: "text" } }),
  "front/nearest": import("../front/nearest.ts", { with: { type: "text" } }),
  "health": import("../health.ts", { with: { type: "text" } }),
  "history_words": import("../history_words.ts", { with: { type: "text" } }),
  "limits": import("../limits.ts", { with: { type: "text" } }),
  "quoted": import("../quoted.ts", { with: { type: "text" } }),
};

/** The modules of the page, by their names. */
const modules: Texts = {
  access: import("./page/access.ts", { with: { type: "text" } }),
  ages: import("./page/ages.ts", { with: { type: "text" } }),
  api: import("./page/api.ts", { with: { type: "text" } }),
  app: import("./page/app.ts", { with: { type: "text" } }),
  availabilities: import("./page/availabilities.ts", { with: { type: "text" } }),
  closing_undone: import("./page/closing_undone.ts", { with: { type: "text" } }),
  cluster_changes: import("./page/cluster_changes.ts", { with: { type: "text" } }),
  cluster_view: import("./page/cluster_view.ts", { with: { type: "text" } }),
  csv_upload: import("./page/csv_upload.ts", { with: { type: "text" } }),
  dialog: import("./page/dialog.ts", { with: { type: "text" } }),
  edit_site: import("./page/edit_site.ts", { with: { type: "text" } }),
  edit_availability: import("./page/edit_availability.ts", { with: { type: "text" } }),
  entry_changes: import("./page/entry_changes.ts", { with: { type: "text" } }),
  event_stream: import("./page/event_stream.ts", { with: { type: "text" } }),
  filters: import("./page/filters.ts", { with: { type: "text" } }),
  history_plot: import("./page/history_plot.ts", { with: { type: "text" } }),
  history_table: import("./page/history_table.ts", { with: { type: "text" } }),
  lanes: import("./page/lanes.ts", { with: { type: "text" } }),
  latest: import("./page/latest.ts", { with: { type: "text" } }),
  lesson_cards: import("./page/lesson_cards.ts", { with: { type: "text" } }),
  lesson_diagram: import("./page/lesson_diagram.ts", { with: { type: "text" } }),
  lesson_player: import("./page/lesson_player.ts", { with: { type: "text" } }),
  lesson_view: import("./page/lesson_view.ts", { with: { type: "text" } }),
  lib: import("./page/lib.ts", { with: { type: "text" } }),
  live: import("./page/live.ts", { with: { type: "text" } }),
  loaded_sites: import("./page/loaded_sites.ts", { with: { type: "text" } }),
  names_meant: import("./page/names_meant.ts", { with: { type: "text" } }),
  nodes_view: import("./page/nodes_view.ts", { with: { type: "text" } }),
  plot_axes: import("./page/plot_axes.ts", { with: { type: "text" } }),
  plot_data: import("./page/plot_data.ts", { with: { type: "text" } }),
  replica_waits: import("./page/replica_waits.ts", { with: { type: "text" } }),
  requests: import("./page/requests.ts", { with: { type: "text" } }),
  report_form: import("./page/report_form.ts", { with: { type: "text" } }),
  reporter: import("./page/reporter.ts", { with: { type: "text" } }),
  rows: import("./page/rows.ts", { with: { type: "text" } }),
  say: import("./page/say.ts", { with: { type: "text" } }),
  site_list: import("./page/site_list.ts", { with: { type: "text" } }),
  site_shown: import("./page/site_shown.ts", { with: { type: "text" } }),
  site_view: import("./page/site_view.ts", { with: { type: "text" } }),
  sites_view: import("./page/sites_view.ts", { with: { type: "text" } }),
  sources_table: import("./page/sources_table.ts", { with: { type: "text" } }),
  token: import("./page/token.ts", { with: { type: "text" } }),
  upload_view: import("./page/upload_view.ts", { with: { type: "text" } }),
  vitals: import("./page/vitals.ts", { with: { type: "text" } }),
  waits_text: import("./page/waits_text.ts", { with: { type: "text" } }),
};

/** All else, by its path. */
const others: Texts = {
  "/": import("./page/index.html", { with: { type: "text" } }),
  "/page/icon.svg": import("./page/icon.svg", { with: { type: "text" } }),
  "/page/cluster.css": import("./page/cluster.css", { with: { type: "text" } }),
  "/page/diagram.css": import("./page/diagram.css", { with: { type: "text" } }),
  "/page/lesson.css": import("./page/lesson.css", { with: { type: "text" } }),
  "/page/site.css": import("./page/site.css", { with: { type: "text" } }),
  "/page/sites.css": import("./page/sites.css", { with: { type: "text" } }),
  "/page/style.css": import("./page/style.css", { with: { type: "text" } }),
  "/page/lib/uplot.css": import("uplot/dist/uPlot.min.css", { with: { type: "text" } }),
};

/** Media types, by what a path ends in. */
const contentTypes: Readonly<Record<string, string>> = {
  "/": "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  js: "text/javascript; charset=utf-8",
  ts: "text/javascript; charset=utf-8",
};

/**
 * A module for a browser: without types, with paths for the names of packages, and without a link to a source map. All
 * paths are relative, since a proxy may serve the page at a path of its own.
 *
 * @param path that of the module.
 */
export function forBrowser(module: string, path: string): string {
  const text = path.endsWith(".ts") ? stripTypeScriptTypes(module) : module;
  const toRoot = "../".repeat(path.split("/").length - 2);
  return text.replace(/\n\/\/# sourceMappingURL=.*/, "").replace(
    /(\bfrom\s*|\bimport\s*)"([\w/-]+)"/g,
    (all, before, name) => Object.hasOwn(packages, name) ? `${before}"${toRoot}${packagePath(name).slice(1)}"` : all,
  );
}

function packagePath(name: string): string {
  return `/page/lib/${name.replace("/", "_")}.js`;
}

/** All files of the page. */
export const pageFiles: readonly PageFile[] = await Promise.all(
  [
    ...Object.entries(others),
    ...Object.entries(packages).map(([name, text]) => [packagePath(name), text] as const),
    ...Object.entries(shared).map(([path, text]) => [`/page/src/${path}.ts`, text] as const),
    ...Object.entries(modules).map(([name, text]) => [`/page/src/http/page/${name}.ts`, text] as const),
  ].map(async ([path, text]) => {
    const { default: content } = await text;
    const contentType = contentTypes[path.slice(path.lastIndexOf(".") + 1)];
    return { path, contentType, content: () => /\.[jt]s$/.test(path) ? forBrowser(content, path) : content };
  }),
);
