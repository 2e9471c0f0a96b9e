/**
 * What each resource of a published feed must have. Some publishers leave it out; then it is put beside what they said.
 *
 * @module
 */

import { productName } from "../database/cvx.ts";
import { isObject, type JsonObject, textOfValue } from "./json_text.ts";
import {
  conceptsOf,
  cvxSystem,
  extensionUrls,
  immunization,
  isOfImmunization,
  objectsIn,
  serviceCodings,
} from "./links_terms.ts";

/** FHIR's way to say that nobody knows the value of an element. */
export const absent = { extension: [{ url: extensionUrls.dataAbsent, valueCode: "unknown" }] } as const;

/**
 * A Location with a way to reach it and an address: what nobody has said of them is marked as unknown. A feed has
 * telephone numbers and URLs alone, so others, such as a fax, are left out.
 */
export function withRequired(location: JsonObject): JsonObject {
  const address = isObject(location.address) ? location.address : {};
  const missing = Object.fromEntries(
    ["line", "city", "state"].filter((part) => !isThere(address[part]) && !isThere(address[`_${part}`]))
      .map((part) => [`_${part}`, part === "line" ? [absent] : absent]),
  );
  return { ...location, telecom: telecomOf(location), address: { ...address, ...missing } };
}

function telecomOf({ telecom }: JsonObject): readonly JsonObject[] {
  const points = objectsIn(telecom).filter(({ system }) => system === "phone" || system === "url")
    .map((point) => isThere(point.value) || isThere(point._value) ? point : { ...point, _value: absent });
  return points.length > 0 ? points : [{ system: "phone", _value: absent }];
}

function isThere(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isThere);
  return typeof value === "string" ? value !== "" : value !== undefined && value !== null;
}

/**
 * A Schedule that says that it is for immunization, and calls its products by name. One for another service is not in a
 * document.
 */
export function withService<T extends JsonObject>(schedule: T): T {
  return withImmunization(withProductNames(schedule));
}

function withImmunization<T extends JsonObject>(schedule: T): T {
  const said = serviceCodings(schedule);
  const [{ coding }] = immunization;
  const missing = coding.filter(({ system, code }) =>
    !said.some((each) => each.system === system && each.code === code)
  );
  if (missing.length === 0 && Array.isArray(schedule.serviceType)) return schedule;
  const concepts = conceptsOf(schedule);
  const at = Math.max(0, concepts.findIndex(({ coding }) => objectsIn(coding).some(isOfImmunization)));
  const whole = { ...concepts[at], coding: [...objectsIn(concepts[at]?.coding), ...missing] };
  return { ...schedule, serviceType: concepts.toSpliced(at, 1, whole) };
}

function withProductNames<T extends JsonObject>(schedule: T): T {
  const isUnnamed = ({ url, valueCoding }: JsonObject) =>
    url === extensionUrls.product && isObject(valueCoding) && valueCoding.system === cvxSystem &&
    isThere(valueCoding.code) && !isThere(valueCoding.display);
  const extensions = objectsIn(schedule.extension);
  if (!extensions.some(isUnnamed)) return schedule;
  const extension = extensions.map((each) => {
    if (!isUnnamed(each) || !isObject(each.valueCoding)) return each;
    return {
      ...each,
      valueCoding: { ...each.valueCoding, display: nameOfProduct(textOfValue(each.valueCoding.code)) },
    };
  });
  return { ...schedule, extension };
}

/** What people call a code of CVX; the code itself where nobody knows its name here. */
export function nameOfProduct(code: string): string {
  return productName(code) ?? `CVX ${code}`;
}
