/**
 * Links, as both sides of the protocol name them.
 *
 * @module
 */

/** The number of a link: whoever drives the core gives it, and never uses it twice. */
export type LinkId = number;
