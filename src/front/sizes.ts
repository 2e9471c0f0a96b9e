/**
 * Amounts of memory as people type and read them: `512MiB`, `2GiB`.
 *
 * @module
 */

const units = { mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 } as const;

/** The bytes that a text such as `512MiB` or `1.5 GiB` means, in any case; NaN if it means none. */
export function sizeBytes(typed: string): number {
  const [, count, unit] = /^([0-9]+(?:\.[0-9]+)?) ?([mgt]ib)$/i.exec(typed.trim()) ?? [];
  if (count === undefined) return NaN;
  return Math.floor(Number(count) * units[unit.toLowerCase() as keyof typeof units]);
}

/** A whole number of the largest unit that divides the bytes: `512 MiB`, `1 GiB`. */
export function formatSize(bytes: number): string {
  for (const [name, unit] of [["TiB", units.tib], ["GiB", units.gib]] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit} ${name}`;
  }
  return `${Math.floor(bytes / units.mib)} MiB`;
}
