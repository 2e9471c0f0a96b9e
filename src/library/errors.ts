/**
 * What a call of the library throws beside the errors of every call.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import type { NamedSite } from "../database/values.ts";

/** The cluster gave an output that no such command can have: its replicas run another version of the program. */
export class AnswerError extends Error {
  /** The name of the class. */
  override name = "AnswerError";
}

/** The key of a request came with another request before; nothing was done. */
export class KeyReusedError extends Error {
  /** The name of the class. */
  override name = "KeyReusedError";

  /** Says so. */
  constructor() {
    super("The key was given with another request");
  }
}

/** A program asked for the history of a site that does not exist. */
export class UnknownSiteError extends Error {
  /** The name of the class. */
  override name = "UnknownSiteError";

  /** The name as it was looked up: trimmed, in NFC. */
  readonly site: string;
  /** A site whose name differs only in case, spaces or characters that nobody sees. */
  readonly alike?: NamedSite;

  /**
   * Says that there is no such site.
   *
   * @param site the name as it was looked up.
   * @param alike a site with a name like it.
   */
  constructor(site: string, alike?: NamedSite) {
    super(`There is no site ${quotedShort(site)}`);
    this.site = site;
    this.alike = alike;
  }
}
