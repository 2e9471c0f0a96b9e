/**
 * Continues the launcher when something has stopped it.
 *
 * A launcher that is stopped notices no failure, so the others would wait for a dead replica for as long. Ctrl-Z does
 * not stop it (see `front/suspending.ts`), but nothing can refuse `kill -STOP`. So a small shell looks now and then,
 * and continues it. It ends with the launcher.
 *
 * @module
 */

import { onContinued } from "../front/suspending.ts";

/** Seconds between two looks; a launcher that is found stopped in two of them is continued. */
const lookEverySeconds = 2;

/**
 * What that shell runs, with the number of the launcher's process and the pause between two looks. It lives on where a
 * terminal's keys would end or stop it. Only the state T counts: a program that is traced has another one.
 */
const script = `trap "" INT QUIT TSTP HUP TERM
found=0
while sleep "$2" && kill -0 "$1" 2>/dev/null; do
  state=""
  while read -r name value _; do
    if [ "$name" = State: ]; then state=$value; break; fi
  done 2>/dev/null <"/proc/$1/status"
  if [ "$state" != T ]; then found=0
  elif [ "$found" = 0 ]; then found=1
  else kill -CONT "$1"; found=0
  fi
done`;

/** Milliseconds between two notes of the time, and without one after which this process was stopped. */
const noteEveryMs = 500;
const stoppedMs = 1_500;

/** Milliseconds between the signal that continues a process and the note that comes too late. */
const togetherMs = 2_000;

/** Calls back when this process was stopped and continues. The signal alone does not say so. */
export function onStopped(said: () => void, signal: AbortSignal): void {
  let notedAt = performance.now();
  let lateAt = -Infinity;
  let continuedAt = -Infinity;
  const note = () => {
    const now = performance.now();
    if (now - notedAt > stoppedMs) lateAt = now;
    notedAt = now;
    if (!(Math.abs(lateAt - continuedAt) <= togetherMs)) return;
    lateAt = continuedAt = -Infinity;
    said();
  };
  const timer = setInterval(note, noteEveryMs);
  signal.addEventListener("abort", () => clearInterval(timer));
  onContinued(() => {
    continuedAt = performance.now();
    note();
  });
}

/**
 * Begins to look.
 *
 * @returns what ends it, and waits for that; undefined where there is no shell, or nothing says how a process is.
 */
export function continueWhenStopped(
  pid: number = Deno.pid,
  everySeconds: number = lookEverySeconds,
): AsyncDisposable | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const args = ["-c", script, "sh", `${pid}`, `${everySeconds}`];
    const child = new Deno.Command("sh", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    child.unref();
    return {
      [Symbol.asyncDispose]: async () => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
        child.ref();
        await child.status;
      },
    };
  } catch {
    return undefined;
  }
}
