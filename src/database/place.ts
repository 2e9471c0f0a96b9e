/**
 * Where a site is, and how to reach it and book there, from its document: what a feed, CSV or NDJSON said of it.
 *
 * @module
 */

/** What people need to go to a site, or to book there. */
export interface Place {
  /** Such as `77 Massachusetts Ave, Cambridge, MA`; absent: not known. */
  readonly address?: string;
  /** A telephone number as it was written, and as a link takes it. */
  readonly phone?: { readonly text: string; readonly href: string };
  /** Where to book: a URL of the web. */
  readonly booking?: string;
  /** Its own page: a URL of the web. */
  readonly website?: string;
}

/** What people call the column with the address, without spaces, `_` and `-`, in small letters. */
export const addressColumns = [
  "address",
  "streetaddress",
  "fulladdress",
  "street",
  "address1",
  "addressline1",
  "line1",
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** What columns of CSV and fields of NDJSON are called, without spaces, `_` and `-`, in small letters. */
const aliases = {
  address: addressColumns,
  city: ["city", "town"],
  state: ["state"],
  phone: ["phone", "telephone", "phonenumber", "tel", "contactphone"],
  booking: ["booking", "bookinglink", "bookingurl", "scheduling", "schedulingurl", "appointmenturl", "book"],
  website: ["website", "url", "web", "link"],
} as const;

const placeColumns: ReadonlySet<string> = new Set(Object.values(aliases).flat());

/**
 * Whether a column or a field says where its site is, or how to reach it.
 *
 * @param name without spaces, `_` and `-`, in small letters.
 */
export function isPlaceColumn(name: string): boolean {
  return placeColumns.has(name);
}

/**
 * Reads a document. Anybody may have written it: what is not of the form that is wanted counts as absent.
 *
 * @param document JSON text.
 */
export function placeOf(document: string | undefined): Place {
  const whole = document === undefined ? {} : parsed(document);
  const location = fieldsOf(whole.location);
  const beside = new Map(
    [whole.csv, whole.ndjson].flatMap((part) => Object.entries(fieldsOf(part)))
      .map(([name, value]) => [name.replace(/[\s_-]+/g, "").toLowerCase(), textOf(value)]),
  );
  const named = (what: keyof typeof aliases) => aliases[what].map((alias) => beside.get(alias)).find(Boolean);
  const telecom = (system: string) =>
    listOf(location.telecom).filter((each) => each.system === system).map(({ value }) => textOf(value)).find(Boolean);
  const slots = [...listOf(whole.slots), ...listOf(whole.schedules)];
  return {
    address: addressOf(location) ?? joined([named("address"), named("city"), named("state")]),
    phone: phoneOf(telecom("phone") ?? extensionIn(slots, "booking-phone") ?? named("phone")),
    booking: urlOf(extensionIn(slots, "booking-deep-link") ?? named("booking")),
    website: urlOf(telecom("url") ?? named("website")),
  };
}

function parsed(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter(Boolean).join(", ") || undefined;
}

function addressOf({ address }: Fields): string | undefined {
  const { line, city, state, text } = fieldsOf(address);
  const lines = Array.isArray(line) ? line.map(textOf) : [textOf(line)];
  return joined([...lines, textOf(city), textOf(state)]) ?? joined([textOf(text)]);
}

/** The first value that an extension of this name has among these resources. */
function extensionIn(resources: readonly Fields[], name: string): string | undefined {
  return resources.flatMap(({ extension }) => listOf(extension))
    .filter(({ url }) => textOf(url).endsWith(`/${name}`))
    .map((extension) => textOf(extension.valueUrl ?? extension.valueString)).find(Boolean);
}

/** A number to call has digits, and what people put between them; letters may follow for an extension. */
function phoneOf(text: string | undefined): Place["phone"] {
  const [number] = /^(?:tel:)?\s*\+?[\d\s().\/-]{5,}/i.exec(text ?? "") ?? [];
  if (text === undefined || number === undefined) return undefined;
  return { text: text.replace(/^tel:/i, ""), href: `tel:${number.replace(/[^+\d]/g, "")}` };
}

/** A URL of the web: no other may become a link, since one such as `javascript:` would run in this page. */
function urlOf(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(/^www\./i.test(text) ? `https://${text}` : text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}
