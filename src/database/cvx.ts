/**
 * What people call the vaccines that the codes of CVX stand for, which the CDC gives.
 *
 * The database keeps a product as it was said. A name is only shown beside its code.
 *
 * @module
 */

/** Vaccines against COVID-19 and influenza, by code. */
const names: Readonly<Record<string, string>> = {
  207: "Moderna COVID-19, 100 mcg",
  208: "Pfizer COVID-19, 30 mcg",
  210: "AstraZeneca COVID-19",
  211: "Novavax COVID-19",
  212: "Janssen COVID-19",
  217: "Pfizer COVID-19, 30 mcg, tris-sucrose",
  218: "Pfizer COVID-19, 10 mcg, tris-sucrose",
  219: "Pfizer COVID-19, 3 mcg, tris-sucrose",
  221: "Moderna COVID-19, 50 mcg",
  228: "Moderna COVID-19, 25 mcg",
  229: "Moderna COVID-19, bivalent",
  230: "Moderna COVID-19, bivalent, 10 mcg",
  300: "Pfizer COVID-19, bivalent, 30 mcg",
  301: "Pfizer COVID-19, bivalent, 10 mcg",
  302: "Pfizer COVID-19, bivalent, 3 mcg",
  308: "Pfizer COVID-19, from 2023, 3 mcg",
  309: "Pfizer COVID-19, from 2023, 30 mcg",
  310: "Pfizer COVID-19, from 2023, 10 mcg",
  311: "Moderna COVID-19, from 2023, 25 mcg",
  312: "Moderna COVID-19, from 2023, 50 mcg",
  313: "Novavax COVID-19, from 2023",
  111: "influenza, nasal spray",
  135: "influenza, high dose",
  140: "influenza, preservative free",
  141: "influenza",
  149: "influenza, nasal spray, quadrivalent",
  150: "influenza, quadrivalent, preservative free",
  153: "influenza, cell-based, preservative free",
  155: "influenza, recombinant",
  158: "influenza, quadrivalent",
  161: "influenza, quadrivalent, pediatric",
  168: "influenza, adjuvanted",
  171: "influenza, cell-based, quadrivalent, preservative free",
  185: "influenza, recombinant, quadrivalent",
  186: "influenza, cell-based, quadrivalent",
  197: "influenza, high dose, quadrivalent",
  205: "influenza, adjuvanted, quadrivalent",
};

/** The codes that have a name here. */
export const cvxCodes: readonly string[] = Object.keys(names);

/** Whether a text can be a code of CVX. */
export function isCvxCode(text: string): boolean {
  return /^[0-9]{1,3}$/.test(text);
}

/** What people call a product of which the codes are known, several with a comma between; undefined if none is. */
export function productName(product: string): string | undefined {
  const codes = product.split(",");
  if (!codes.some((code) => Object.hasOwn(names, code))) return undefined;
  return codes.map((code) => Object.hasOwn(names, code) ? names[code] : code).join("; ");
}

/** A product with its name, such as `208 (Pfizer COVID-19, 30 mcg)`. */
export function productText(product: string): string {
  const name = productName(product);
  return name === undefined ? product : `${product} (${name})`;
}
