/**
 * ZIP codes as inputs have them, and the states that they lie in.
 *
 * A spreadsheet that takes a ZIP code for a number drops its leading zeros. They can be put back only where the state
 * is known and all its ZIP codes begin with them: `8332` in New Jersey is 08332, `2138` without a state may be
 * anything.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { textOf, textOfValue } from "./json_text.ts";
import { isZip, parseZip } from "../database/values.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { checkedBy, refuse, type TellProblem } from "./problems.ts";

/**
 * The first three digits of the ZIP codes of each state and territory, as the postal service gives them out. A few
 * border towns are served from the neighbouring state: no repair rests on them, see {@link lostZeros}.
 */
const prefixes = `
  NY 005 100-149; PR 006-007 009; VI 008; MA 010-027 055; RI 028-029; NH 030-038; ME 039-049; VT 050-054 056-059;
  CT 060-069; NJ 070-089; AE 090-098; PA 150-196; DE 197-199; DC 200 202-205 569; VA 201 220-246; MD 206-219;
  WV 247-268; NC 270-289; SC 290-299; GA 300-319 398-399; FL 320-339 341-342 344 346-347 349; AA 340; AL 350-369;
  TN 370-385; MS 386-397; KY 400-427; OH 430-459; IN 460-479; MI 480-499; IA 500-528; WI 530-549; MN 550-567;
  SD 570-577; ND 580-588; MT 590-599; IL 600-629; MO 630-658; KS 660-679; NE 680-693; LA 700-714; AR 716-729;
  OK 730-732 734-749; TX 733 750-799 885; CO 800-816; WY 820-831; ID 832-838; UT 840-847; AZ 850-865; NM 870-884;
  NV 889-898; CA 900-961; AP 962-966; HI 967-968; GU 969; OR 970-979; WA 980-994; AK 995-999
`;

/** By the first three digits. */
const states = new Array<string | undefined>(1000);
for (const entry of prefixes.split(";")) {
  const [state, ...ranges] = entry.trim().split(/\s+/);
  for (const range of ranges) {
    const [first = 0, last = first] = range.split("-").map(Number);
    states.fill(state, first, last + 1);
  }
}

/**
 * The states and territories all of whose ZIP codes begin with 0, so that a lost one can be put back with certainty.
 */
const zeroStates: ReadonlySet<string> = new Set("PR VI MA RI NH ME VT CT NJ AE".split(" "));

/** A ZIP code of fewer digits that has lost its zeros. */
const lostZeros = /^\d{3,4}$/;

/**
 * The state that a ZIP code lies in, as its two letters.
 *
 * @returns undefined if it has not five digits, or none is known to have it.
 */
export function stateOfZip(zip: string): string | undefined {
  // Fishers Island, of New York, is served from Connecticut.
  if (zip === "06390") return "NY";
  return zip.length === 5 ? states[Number(zip.slice(0, 3))] : undefined;
}

/**
 * A ZIP code of five digits with the zeros that it has lost.
 *
 * @returns undefined unless that is certain.
 */
function withLostZeros(digits: string, state: string | undefined): string | undefined {
  if (state === undefined || !zeroStates.has(state) || !lostZeros.test(digits)) return undefined;
  const zip = digits.padStart(5, "0");
  return stateOfZip(zip) === state ? zip : undefined;
}

/**
 * Reads the ZIP code of a resource: it is to have five digits, and may have four more.
 *
 * @param state two letters, if it is known.
 * @param isOurs whether it was exported from a database, in which a ZIP code has 1 to 10 digits.
 * @param tell is told what was repaired.
 * @throws {InputRefusal} if nothing certain can be made of it.
 */
export function readPostalCode(value: unknown, state: string | undefined, isOurs: boolean, tell: TellProblem): string {
  if (value === undefined || value === null || value === "") {
    refuse("zip-missing", "The Location has no postalCode and was left out; give one of five digits");
  }
  const isNumber = Number.isSafeInteger(value);
  const text = isNumber ? String(value) : typeof value === "string" ? tidied(value, tell) : "";
  if (isOurs && isZip(text) && text.length !== 5) {
    tellRepairs({ text, digits: text, zip: text, state }, tell);
    return text;
  }
  const [, hyphened, afterHyphen, run, atItsEnd] = /^(\d{3,5})(?:-(\d{1,4}))?$|^(\d{4,5})(\d{4})$/.exec(text) ?? [];
  const digits = hyphened ?? run ?? "";
  const more = afterHyphen ?? atItsEnd;
  const zip = digits.length === 5 ? digits : withLostZeros(digits, state);
  if (zip === undefined) {
    const where = state === undefined ? "" : ` in ${quotedShort(state)}`;
    const what = `Cannot make a ZIP code of ${quotedShort(textOfValue(value))}${where}`;
    refuse("zip-invalid", `${what}: the Location was left out; give five digits`);
  }
  if (isNumber) tell("zip-as-number", `The ZIP code ${text} is a JSON number; it was taken as a text`);
  tellRepairs({ text: textOfValue(value).trim(), digits, zip, more, state }, tell);
  return zip;
}

/**
 * A ZIP code without its surroundings: an apostrophe or `="..."` that keeps a spreadsheet from changing it, the `.0`
 * of a number, the state before it. Between its nine digits is a hyphen then, and not a space or a dash.
 */
function tidied(typed: string, tell: TellProblem): string {
  const text = typed.trim();
  const take = (kind: ProblemKind, taken: string) => {
    tell(kind, `The ZIP code ${quotedShort(text)} was taken as "${taken}"`);
    return taken;
  };
  const [, guarded] = /^(?:="([^"]*)"|'(.*))$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  const bare = guarded === undefined ? text : take("zip-guard", guarded);
  const [, whole] = /^(\d{3,5})\.0+$/.exec(bare) ?? [];
  if (whole !== undefined) return take("zip-decimal", whole);
  const [, state = "", behind] = /^([A-Z]{2})[ ,]+(\d.*)$/i.exec(bare) ?? [];
  // A state that has other ZIP codes makes one of the two wrong.
  const isOfState = behind !== undefined && stateOfZip(behind.slice(0, 5)) === state.toUpperCase();
  return (isOfState ? take("zip-state", behind) : bare).replace(/^(\d{3,5})\s*[ \u2010-\u2015]\s*(\d{4})$/, "$1-$2");
}

/** How a record of our own formats has its ZIP code. */
interface RecordZip {
  /** Two letters, if the input has a column for it. */
  readonly state: string | undefined;
  /** Whether nine digits are a ZIP code with four more; else they are what a database has. */
  readonly isNineWhole: boolean;
}

/**
 * Reads the ZIP code of a record of our own formats: the database takes 1 to 10 digits, and what came out of it must go
 * in again.
 *
 * @returns the ZIP code, and `whole`, the nine digits that it came with, which the document is to keep.
 * @throws {InputRefusal} if it may not be one.
 */
export function readRecordZip(
  value: unknown,
  { state, isNineWhole }: RecordZip,
  tell: TellProblem,
): { readonly zip: string; readonly whole?: string } {
  // Nobody knows how many zeros a number had before it, unless its state tells.
  const number = Number.isSafeInteger(value) ? String(value) : undefined;
  const isCertain = number !== undefined && (/^\d{5}$/.test(number) || withLostZeros(number, state) !== undefined);
  if (isCertain) tell("zip-as-number", `The ZIP code ${number} is a JSON number; it was taken as a text`);
  const typed = isCertain ? number : textOf(value, "zip-invalid", "ZIP code");
  const text = tidied(typed, tell);
  if (text === "") {
    refuse("zip-missing", "There is no ZIP code, and the line was left out; give five digits, such as 02138");
  }
  const [, short, after, run, atItsEnd] = /^(\d{3,5})-(\d{4})$|^(\d{5})(\d{4})$/.exec(text) ?? [];
  const isRun = run !== undefined && isNineWhole;
  const digits = short ?? (isRun ? run : text);
  const more = after ?? (isRun ? atItsEnd : undefined);
  const zip = withLostZeros(digits, state) ?? digits;
  // The rules refuse all that has a hyphen: three digits and four are as often a telephone.
  if (more === undefined || zip.length < 4) {
    checkedBy("zip-invalid", () => parseZip(text), "; the line was left out");
  }
  tellRepairs({ text: typed.trim(), digits, zip, more, state }, tell);
  return more === undefined ? { zip } : { zip, whole: `${digits}-${more}` };
}

/** A ZIP code, and its parts. */
interface MadeZip {
  /** It as the input has it. */
  readonly text: string;
  readonly digits: string;
  readonly zip: string;
  /** The digits that came after these. */
  readonly more?: string;
  readonly state: string | undefined;
}

function tellRepairs({ text, digits, zip, more, state }: MadeZip, tell: TellProblem): void {
  const quoted = quotedShort(text);
  if (zip !== digits) {
    tell("zip-lost-zero", `The ZIP code ${quoted} has lost its leading zero: in ${state} it is "${zip}"`);
  } else if (zip.length !== 5) {
    tell("zip-length", `The ZIP code "${zip}" does not have five digits; it was taken as it is`);
  }
  if (more?.length === 4) {
    tell("zip-plus-four", `The site has "${zip}" of the ZIP code ${quoted}; its document has all of it`);
  } else if (more !== undefined) {
    tell("zip-extension", `The ZIP code ${quoted} ends in ${more.length} digits, not four; only "${zip}" is used`);
  }
}
