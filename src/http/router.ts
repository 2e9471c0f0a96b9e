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

  /**
   * Finds what serves a path. A fixed segment goes before a parameter, which is never empty.
   *
   * @returns the target, and the parameters by name, with their escapes as they came.
   */
  find(path: string) {
    const values: string[] = [];
    let branch: Branch<T> | undefined = this.#root;
    for (const segment of path.split("/")) {
      const fixed: Branch<T> | undefined = branch.fixed.get(unescaped(segment) ?? segment);
      if (fixed === undefined) values.push(segment);
      branch = fixed ?? (segment === "" ? undefined : branch.parameter);
      if (branch === undefined) return undefined;
    }
    if (branch.end === undefined) return undefined;
    const { target, names } = branch.end;
    const parameters: Readonly<Record<string, string>> = Object.fromEntries(
      names.map((name, at) => [name, values[at]]),
    );
    return { target, parameters };
  }
}
