/**
 * A published feed as a client gets it, read as far as it can be.
 *
 * @module
 */

import { isObject, type JsonObject } from "../../src/formats/json_text.ts";

/** A response of a server. */
export interface CheckedResponse {
  readonly status: number;
  readonly contentType: string | null;
  readonly cacheControl: string | null;
  readonly text: string;
}

/** A feed as a client gets it. */
export interface CheckedFeed {
  /** The URL of the manifest. */
  readonly url: string;
  /** The response to a request that accepts JSON. */
  readonly manifest: CheckedResponse;
  /** The response to one that says nothing of what it accepts. */
  readonly plainManifest: CheckedResponse;
  /** The files by their URLs. */
  readonly files: ReadonlyMap<string, CheckedResponse>;
}

/** Where the extensions of the field are defined. */
export const registry = "http://fhir-registry.smarthealthit.org";
const extensionOf = (name: string) => `${registry}/StructureDefinition/${name}`;
/** The system of VTrckS PINs. */
export const vtrcks = "https://cdc.gov/vaccines/programs/vtrcks";
const dataAbsent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
/** The types of resource in the order in which they refer to one another. */
export const types = ["Location", "Schedule", "Slot"] as const;

/** An instant as the test kit wants it. */
export const instant = new RegExp(
  "^([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])" +
    "T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$",
);

/** A feed of which what can be read was read. */
export class ParsedFeed {
  readonly manifest: JsonObject;
  readonly outputs: readonly JsonObject[];
  readonly resources: Readonly<Record<string, readonly JsonObject[]>>;

  constructor(readonly feed: CheckedFeed) {
    const manifest = parsed(feed.manifest.text);
    this.manifest = isObject(manifest) ? manifest : {};
    this.outputs = objects(this.manifest.output);
    this.resources = Object.fromEntries(types.map((type) => [
      type,
      this.filesOf(type).flatMap((file) => file === undefined ? [] : linesOf(file.text).map(parsed).filter(isObject)),
    ]));
  }

  filesOf(type: string): readonly (CheckedResponse | undefined)[] {
    return this.outputs.filter((output) => output.type === type).map(({ url }) => this.feed.files.get(String(url)));
  }

  /** A fault for each resource of a type for which this says that something is wrong. */
  wrong(type: typeof types[number], what: (resource: JsonObject) => unknown): readonly string[] {
    return this.resources[type].flatMap((resource) => {
      const found = what(resource);
      return found ? [`${type}/${resource.id}: ${found === true ? "wrong" : found}`] : [];
    });
  }
}

/** The value of a text of JSON; undefined if it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines of a text. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The objects in a list. */
export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The extensions of an element that the field defines under a name. */
export function extensions(element: JsonObject, name: string): readonly JsonObject[] {
  return objects(element.extension).filter(({ url }) => url === extensionOf(name));
}

/** Whether a value is a URL of the web. */
export function isUrl(value: unknown): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol);
}

/** Whether an element is there with its value, or says in the way of FHIR that this is not known. */
export function isThere(element: JsonObject, field: string): boolean {
  const value = element[field];
  if (Array.isArray(value) ? value.length > 0 && value.every((each) => each !== "") : value) return true;
  const beside = element[`_${field}`];
  return objects(Array.isArray(beside) ? beside : [beside])
    .some(({ extension }) => objects(extension).some(({ url, valueCode }) => url === dataAbsent && valueCode));
}

/** The codes of a list of concepts. */
export function codings(value: unknown): readonly JsonObject[] {
  return objects(value).flatMap(({ coding }) => objects(coding));
}

/** Where something empty, or null, is. */
export function emptyIn(value: unknown, path = ""): string | undefined {
  if (value === null || value === "") return path;
  if (typeof value !== "object") return undefined;
  const members = Object.entries(value);
  if (members.length === 0) return path;
  return members.map(([key, member]) => emptyIn(member, `${path}.${key}`)).find((found) => found !== undefined);
}

/** A fault, if there is one. */
export function one(fault: unknown, what: string): readonly string[] {
  return fault ? [what] : [];
}
