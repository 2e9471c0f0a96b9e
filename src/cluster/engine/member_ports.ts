/**
 * Where the members of etcd listen that the launcher starts.
 *
 * @module
 */

/** Members: with three, one may fail. */
export const membersCount = 3;

/** From the port of the first node to that of the first member: there are fewer nodes than that. */
const afterNodes = 100;

/** The ports of a member. */
export interface MemberPorts {
  /** For nodes. */
  readonly client: number;
  /** For the other members. */
  readonly peer: number;
}

/** The ports of a member; 0: free ones. */
export function memberPorts(basePort: number, member: number): MemberPorts {
  if (basePort === 0) return { client: 0, peer: 0 };
  const client = basePort + afterNodes + 2 * member;
  return { client, peer: client + 1 };
}

/** The highest of them; 0: they are free ones. */
export function lastMemberPort(basePort: number): number {
  return memberPorts(basePort, membersCount - 1).peer;
}
