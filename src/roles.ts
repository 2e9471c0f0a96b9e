/**
 * What somebody may do, from the least to the most.
 *
 * @module
 */

/** The roles; each may also do what those before it may. */
export const accessRoles: readonly AccessRole[] = ["read", "report", "operate"];

/**
 * `read`: look at everything. `report`: change data, too. `operate`: take copies, redact, and start and stop replicas,
 * too.
 */
export type AccessRole = "read" | "report" | "operate";

/** Whether a text names a role. */
export function isAccessRole(text: unknown): text is AccessRole {
  return accessRoles.includes(text as AccessRole);
}

/** Whether somebody with a role may do what needs another one. */
export function mayDo(role: AccessRole, needed: AccessRole): boolean {
  return accessRoles.indexOf(role) >= accessRoles.indexOf(needed);
}

/** The larger of two roles: what needs both needs this one. */
export function largerRole(one: AccessRole, other: AccessRole): AccessRole {
  return mayDo(one, other) ? one : other;
}
