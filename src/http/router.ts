/**
 * Finds what serves a path.
 *
 * @module
 */

/** What serves a path, and the parts of the path that its pattern leaves open. */
export interface Match<T> {
  readonly target: T;
  /** By name, with their escapes as they came. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The first segments of some patterns. */
class Branch<T> {
  readonly fixed = new Map<string, Branch<T>>();
  parameter: { readonly name: string; readonly next: Branch<T> } | undefined;
  target: T | undefined;
}

/** Patterns of paths, such as `/api/sites/{name}`, each with what serves it. */
export class Router<T> {
  readonly #root = new Branch<T>();

  /**
   * What serves a pattern; `make` makes it the first time.
   *
   * No two patterns may have parameters of different names in the same place.
   */
  at(pattern: string, make: () => T): T {
    let branch = this.#root;
    for (const segment of pattern.split("/")) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (name !== undefined) {
        branch = (branch.parameter ??= { name, next: new Branch() }).next;
        continue;
      }
      let next = branch.fixed.get(segment);
      if (next === undefined) branch.fixed.set(segment, next = new Branch());
      branch = next;
    }
    return branch.target ??= make();
  }

  /** Finds what serves a path. A fixed segment goes before a parameter, which is never empty. */
  find(path: string): Match<T> | undefined {
    const parameters: Record<string, string> = {};
    let branch = this.#root;
    for (const segment of path.split("/")) {
      const next = branch.fixed.get(segment) ?? branch.fixed.get(unescaped(segment));
      if (next !== undefined) {
        branch = next;
      } else if (branch.parameter !== undefined && segment !== "") {
        parameters[branch.parameter.name] = segment;
        branch = branch.parameter.next;
      } else {
        return undefined;
      }
    }
    return branch.target === undefined ? undefined : { target: branch.target, parameters };
  }
}

/** A segment without its escapes; one whose escapes are not UTF-8 stays as it is. */
function unescaped(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
