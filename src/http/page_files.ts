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

/** A text of the program, which takes no permission to read, since the import names it. */
type Text = Promise<{ readonly default: string }>;

/** The modules of packages. */
const packages: Readonly<Record<string, Text>> = {
  "htm": import("htm", { with: { type: "text" } }),
  "htm/preact": import("htm/preact", { with: { type: "text" } }),
  "preact": import("preact", { with: { type: "text" } }),
  "preact/hooks": import("preact/hooks", { with: { type: "text" } }),
  "uplot": import("uplot/dist/uPlot.esm.js", { with: { type: "text" } }),
};

/** The modules of the program, by their paths below `src`. */
const modules: Readonly<Record<string, Text>> = {
  "database/name_order.ts": import("../database/name_order.ts", { with: { type: "text" } }),
  "database/site_rules.ts": import("../database/site_rules.ts", { with: { type: "text" } }),
  "database/values.ts": import("../database/values.ts", { with: { type: "text" } }),
  "health.ts": import("../health.ts", { with: { type: "text" } }),
  "limits.ts": import("../limits.ts", { with: { type: "text" } }),
  "quoted.ts": import("../quoted.ts", { with: { type: "text" } }),
  "http/page/ages.ts": import("./page/ages.ts", { with: { type: "text" } }),
  "http/page/api.ts": import("./page/api.ts", { with: { type: "text" } }),
  "http/page/app.ts": import("./page/app.ts", { with: { type: "text" } }),
  "http/page/availabilities.ts": import("./page/availabilities.ts", { with: { type: "text" } }),
  "http/page/cluster_changes.ts": import("./page/cluster_changes.ts", { with: { type: "text" } }),
  "http/page/cluster_view.ts": import("./page/cluster_view.ts", { with: { type: "text" } }),
  "http/page/dialog.ts": import("./page/dialog.ts", { with: { type: "text" } }),
  "http/page/edit_availability.ts": import("./page/edit_availability.ts", { with: { type: "text" } }),
  "http/page/history_plot.ts": import("./page/history_plot.ts", { with: { type: "text" } }),
  "http/page/lanes.ts": import("./page/lanes.ts", { with: { type: "text" } }),
  "http/page/latest.ts": import("./page/latest.ts", { with: { type: "text" } }),
  "http/page/lesson_cards.ts": import("./page/lesson_cards.ts", { with: { type: "text" } }),
  "http/page/lesson_diagram.ts": import("./page/lesson_diagram.ts", { with: { type: "text" } }),
  "http/page/lesson_player.ts": import("./page/lesson_player.ts", { with: { type: "text" } }),
  "http/page/lesson_view.ts": import("./page/lesson_view.ts", { with: { type: "text" } }),
  "http/page/lib.ts": import("./page/lib.ts", { with: { type: "text" } }),
  "http/page/live.ts": import("./page/live.ts", { with: { type: "text" } }),
  "http/page/loaded_sites.ts": import("./page/loaded_sites.ts", { with: { type: "text" } }),
  "http/page/plot_axes.ts": import("./page/plot_axes.ts", { with: { type: "text" } }),
  "http/page/plot_data.ts": import("./page/plot_data.ts", { with: { type: "text" } }),
  "http/page/replica_waits.ts": import("./page/replica_waits.ts", { with: { type: "text" } }),
  "http/page/reporter.ts": import("./page/reporter.ts", { with: { type: "text" } }),
  "http/page/rows.ts": import("./page/rows.ts", { with: { type: "text" } }),
  "http/page/say.ts": import("./page/say.ts", { with: { type: "text" } }),
  "http/page/site_list.ts": import("./page/site_list.ts", { with: { type: "text" } }),
  "http/page/site_view.ts": import("./page/site_view.ts", { with: { type: "text" } }),
  "http/page/sites_view.ts": import("./page/sites_view.ts", { with: { type: "text" } }),
  "http/page/token.ts": import("./page/token.ts", { with: { type: "text" } }),
  "http/page/waits_text.ts": import("./page/waits_text.ts", { with: { type: "text" } }),
};

/** All else, by its path. */
const others: Readonly<Record<string, Text>> = {
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
const contentTypes: readonly (readonly [end: string, type: string])[] = [
  ["/", "text/html; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".js", "text/javascript; charset=utf-8"],
  [".ts", "text/javascript; charset=utf-8"],
];

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

async function fileOf(path: string, text: Text): Promise<PageFile> {
  const { default: content } = await text;
  const contentType = contentTypes.find(([end]) => path.endsWith(end))![1];
  return { path, contentType, content: () => /\.[jt]s$/.test(path) ? forBrowser(content, path) : content };
}

/** All files of the page. */
export const pageFiles: readonly PageFile[] = await Promise.all([
  ...Object.entries(others).map(([path, text]) => fileOf(path, text)),
  ...Object.entries(packages).map(([name, text]) => fileOf(packagePath(name), text)),
  ...Object.entries(modules).map(([name, text]) => fileOf(`/page/src/${name}`, text)),
]);
