/**
 * Ctrl-Z at a terminal, and what else would stop a program rather than end it.
 *
 * `deno task` passes Ctrl-Z on and is not stopped itself, so that a shell which started it waits for ever for a program
 * that has stopped. And a launcher or a replica that is stopped is a failure. So each program here listens to these
 * signals, which alone keeps them from stopping it.
 *
 * @module
 */

/** Milliseconds within which two signals come of one press: one from the terminal, one through `deno task`. */
const onePressMs = 1_000;

/** Calls back once for each press of Ctrl-Z, which stops this process no more. */
export function onCtrlZ(pressed: () => void, now: () => number = () => performance.now()): void {
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTSTP", oncePerPress(pressed, now));
}

/** Calls back when this process continues that something has stopped all the same, such as `kill -STOP`. */
export function onContinued(continued: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGCONT", continued);
}

/** Ignores calls within a second of one that counted. */
export function oncePerPress(pressed: () => void, now: () => number): () => void {
  let last = -Infinity;
  return () => {
    const at = now();
    if (at - last < onePressMs) return;
    last = at;
    pressed();
  };
}
