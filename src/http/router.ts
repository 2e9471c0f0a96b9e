/**
 * Finds what serves a path.
 *
 * @module
 */

import { unescaped } from "./url_parts.ts";

/** The first segments of some patterns. */
class Branch<T> {
  readonly fixed = new Map<string, Branch<T>>();
  parameter: Branch<T> | undefined;
  /** What serves the pattern that ends here, and the names of its parameters. */
  end: { readonly target: T; readonly names: readonly string[] } | undefined;
}

/** What serves a path. */
export interface FoundPath<T> {
  /** What the pattern was declared with. */
  readonly target: T;
  /** The parameters of the path by name, with their escapes as they came. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Patterns of paths, such as `/api/sites/{name}`, each with what serves it. */
export class Router<T> {
  readonly #root = new Branch<T>();

  /** What serves a pattern; `make` makes it the first time. */
  at(pattern: string, make: () => T): T {
    const names: string[] = [];
    let branch = this.#root;
    for (const segment of pattern.split("/")) {
      if (segment.startsWith("{")) {
        names.push(segment.slice(1, -1));
        branch = branch.parameter ??= new Branch();
      } else {
        branch = branch.fixed.getOrInsertComputed(segment, () => new Branch());
      }
    }
    branch.end ??= { target: make(), names };
    return branch.end.target;
  }

  /** Finds what serves a path. A fixed segment goes before a parameter, which is never empty. */
  find(path: string): FoundPath<T> | undefined {
    const values: string[] = [];
    let branch: Branch<T> = this.#root;
    for (let at = 0; at <= path.length;) {
      const slash = path.indexOf("/", at);
      const end = slash < 0 ? path.length : slash;
      const segment = path.slice(at, end);
      at = end + 1;
      const fixed = branch.fixed.size === 0 ? undefined : branch.fixed.get(unescaped(segment) ?? segment);
      if (fixed === undefined) values.push(segment);
      const next = fixed ?? (segment === "" ? undefined : branch.parameter);
      if (next === undefined) return undefined;
      branch = next;
    }
    if (branch.end === undefined) return undefined;
    const { target, names } = branch.end;
    const parameters: Record<string, string> = {};
    for (let at = 0; at < names.length; at++) parameters[names[at]] = values[at];
    return { target, parameters };
  }
}
