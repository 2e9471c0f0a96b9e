/**
 * The shortest pause in which a process takes notice of the world.
 *
 * @module
 */

const oneByte = new Uint8Array(1);

/**
 * Resolves when the event loop has looked at its sockets. An immediate callback or a message does not let it do that,
 * and a timer takes a millisecond or two; what another thread does takes a fraction of that.
 */
export async function socketsSeen(): Promise<void> {
  await crypto.subtle.digest("SHA-256", oneByte);
}
