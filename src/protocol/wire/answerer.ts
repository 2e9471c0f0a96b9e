/**
 * The answerer: the one replica that sends outputs, and the only one that a client hurries.
 *
 * Every member executes every request, but a client waits for one output. So a client tells `agreed`, and answers a
 * NUDGE, to the answerer at once; the others learn it from the next frame that goes to all, and execute a little later.
 * That saves t - 1 messages, and as many awakened processes, per request. It is the same replica for all clients: the
 * requests of others that come before one's own must be agreed at one's answerer, too.
 *
 * @module
 */

import type { Member } from "../../uid.ts";

/**
 * The answerer of a view. It is not the coordinator, which feeds newcomers, if there is another member. It is the one
 * of the others that has been a member for longest.
 *
 * @param members of the view, in the order of their ids; at least one.
 */
export function answererOf(members: readonly Member[]): Member {
  return members[members.length > 1 ? 1 : 0];
}
