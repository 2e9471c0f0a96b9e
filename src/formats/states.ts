/**
 * States and territories: their two letters, and their names.
 *
 * @module
 */

const names = `
  AL Alabama; AK Alaska; AS American Samoa; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut;
  DE Delaware; DC District of Columbia; FL Florida; GA Georgia; GU Guam; HI Hawaii; ID Idaho; IL Illinois; IN Indiana;
  IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland; MA Massachusetts; MI Michigan; MN Minnesota;
  MS Mississippi; MO Missouri; MT Montana; NE Nebraska; NV Nevada; NH New Hampshire; NJ New Jersey; NM New Mexico;
  NY New York; NC North Carolina; ND North Dakota; MP Northern Mariana Islands; OH Ohio; OK Oklahoma; OR Oregon;
  PA Pennsylvania; PR Puerto Rico; RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee; TX Texas; UT Utah;
  VT Vermont; VA Virginia; VI Virgin Islands; WA Washington; WV West Virginia; WI Wisconsin; WY Wyoming
`;

const byName = new Map<string, string>();
for (const entry of names.split(";")) {
  const [, letters = "", name = ""] = /^\s*(\S+)\s+([^]+?)\s*$/.exec(entry) ?? [];
  byName.set(name.replace(/\s+/g, " ").toLowerCase(), letters);
}

/** The state in an address or a record: its two letters, from these or from its name; undefined if it is neither. */
export function stateOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return /^[A-Z]{2}$/i.test(text) ? text.toUpperCase() : byName.get(text.replace(/\s+/g, " ").toLowerCase());
}

/** Whether a state is written as its name, which a feed must not have. */
export function isStateName(value: unknown): boolean {
  return typeof value === "string" && stateOf(value) !== undefined && value.trim().length > 2;
}
