/**
 * What branches are about, in words, and which ones no random schedule can reach.
 *
 * @module
 */

import type { Branch } from "./reach.ts";

/** Which branch it is: the file, the function, and how the text begins. */
interface Named {
  readonly file: string;
  readonly place: string;
  readonly code: string;
}

/** What the rarer branches are about. */
const names: readonly (Named & { readonly name: string })[] = [
  { file: "flush.ts", place: "#onPrepare", code: "return this.#nack", name: "a PREPARE below the promise is refused" },
  { file: "flush.ts", place: "#onAccept", code: "return this.#nack", name: "an ACCEPT below the promise is refused" },
  { file: "flush.ts", place: "#onNack", code: "#onNack", name: "a coordinator is told that its ballot is too low" },
];

/** Branches that no random schedule reaches, and why. */
export const unreachable: readonly (Named & { readonly why: string })[] = [];

function isAbout({ file, place, code }: Named, branch: Branch): boolean {
  return file === branch.file && place === branch.place && branch.code.startsWith(code);
}

/** What a branch is about; undefined: its text must do. */
export function nameOf(branch: Branch): string | undefined {
  return names.find((named) => isAbout(named, branch))?.name;
}

/** What is wrong: branches that were not reached and have no reason, reasons of such that were, and names of none. */
export function faultsOf(branches: readonly Branch[]): string[] {
  const faults: string[] = [];
  for (const branch of branches) {
    const reason = unreachable.find((named) => isAbout(named, branch));
    const which = `${branch.file} ${branch.place}: ${branch.code}`;
    if (branch.count === 0 && reason === undefined) faults.push(`never reached: ${which}`);
    if (branch.count > 0 && reason !== undefined) faults.push(`reached, and said to be out of reach: ${which}`);
  }
  for (const named of [...names, ...unreachable]) {
    if (branches.some((branch) => isAbout(named, branch))) continue;
    faults.push(`there is no such branch: ${named.file} ${named.place}: ${named.code}`);
  }
  return faults;
}
