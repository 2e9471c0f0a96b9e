/**
 * Runs modules whose text was changed, beside the same modules as they are.
 *
 * A module becomes a function: it takes what the module imports, and returns what it exports. The text keeps its lines,
 * so errors name the true places. To run such functions takes a few milliseconds, and leaves nothing behind. To import
 * changed copies of the files takes half a second, and what was imported stays in memory.
 *
 * They have names of their own, `clock.ts?changed`: by the true one, Deno would look for the lines of the module as it
 * has compiled it.
 *
 * This knows how our modules are written: they import and export by names, at the beginning of a line. Modules of
 * Deno are imported as they are.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import process from "node:process";
import { Script } from "node:vm";

/** What a module exports. */
type Exports = Readonly<Record<string, unknown>>;

/** A module as a function. */
type Run = (from: (file: string) => Exports) => Exports;

/** The text of a file, from the root of the project, as it is to be run. */
export type Change = (text: string, file: string) => string;

const root = new URL("../../", import.meta.url);
const texts = new Map<string, string>();
const scripts = new Map<string, Script>();

/** Takes from a map, and puts there what is missing. */
function kept<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}

/**
 * Modules in a world of their own, each run when it is first asked for.
 *
 * @returns what gives the exports of a file, such as `src/clock.ts`.
 */
export function changedModules(change: Change): (file: string) => Exports {
  const modules = new Map<string, Exports>();
  const exportsOf = (file: string): Exports => {
    return kept(modules, file, () => {
      const url = new URL(file, root);
      const text = change(kept(texts, file, () => Deno.readTextFileSync(url)), file);
      const script = kept(
        scripts,
        `${file}\n${text}`,
        () => new Script(asFunction(text, file), { filename: `${url.href}?changed` }),
      );
      return (script.runInThisContext() as Run)((name) =>
        name.startsWith("node:")
          ? process.getBuiltinModule(name) as Exports
          : exportsOf(new URL(name, url).href.slice(root.href.length))
      );
    });
  };
  return exportsOf;
}

/**
 * The text of a module as that of a function.
 *
 * @throws {Error} if the module imports or exports something in another way than by names.
 */
export function asFunction(text: string, file: string): string {
  const names: string[] = [];
  const body = stripTypeScriptTypes(text)
    .replace(/^import\s*\{([^}]*)\}\s*from\s*("(?:\.|node:)[^"]+");/gm, (_, names: string, from: string) => {
      return `const {${names.replaceAll(" as ", ": ")}} = $from(${from});`;
    })
    .replace(/^export\s+((?:async\s+)?(?:const|function\*?|class)\s+)(\w+)/gm, (_, kind: string, name: string) => {
      names.push(name);
      return kind + name;
    })
    .replace(/^export\s*\{([^}]*)\};/gm, (_, list: string) => {
      names.push(...list.split(",").map((name) => name.trim()));
      return "";
    });
  const other = /^(?:import|export)\b.*/m.exec(body);
  if (other !== null) throw new Error(`Cannot run "${file}" in another world: it has "${other[0]}"`);
  return `(function ($from) { "use strict"; ${body}\nreturn { ${names.join(", ")} };\n})`;
}
