/**
 * The answerer: the one replica that sends outputs and answers reads.
 *
 * Every member executes every request, but a client waits for one output. So the members tell one of them what they
 * have received, and it executes first; the others learn it together with other news, and execute a little later. That
 * saves messages and awakened processes. It is the same replica for all clients: a request may be executed only after
 * those of others that come before it.
 *
 * @module
 */

/**
 * The answerer of a view. It is not the coordinator, which feeds newcomers, if there is another member. It is the one
 * of the others that has been a member for longest.
 *
 * @param members of the view, or their ids, in the order of their ids; at least one.
 */
export function answererOf<M>(members: readonly M[]): M {
  return members[members.length > 1 ? 1 : 0];
}
