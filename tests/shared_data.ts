/**
 * Real data that lie beside the repository, and are not on every machine.
 *
 * @module
 */

/** A folder of such data. */
export interface SharedFolder {
  /** Where it is. */
  readonly url: URL;
  /** Why a test cannot read it; "": it can. */
  readonly why: string;
}

/** Finds a folder of real data by its name. */
export function sharedFolder(name: string): SharedFolder {
  const url = new URL(`../../shared/data/${name}/`, import.meta.url);
  const isReadable = Deno.permissions.querySync({ name: "read" }).state === "granted";
  const why = !isReadable ? "needs --allow-read" : isThere(url) ? "" : "needs ../shared/data, which is not there";
  return { url, why };
}

function isThere(folder: URL): boolean {
  try {
    return Deno.statSync(folder).isDirectory;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
