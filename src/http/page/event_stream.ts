/**
 * Server-Sent Events, read by `fetch`: an `EventSource` cannot send a token. This reconnects in the same way, with the
 * last id that it has.
 *
 * @module
 */

import { request } from "./requests.ts";

/** Milliseconds before it reconnects, unless the gateway says otherwise. */
const reconnectMs = 1_000;

/** Hears of a stream. */
export interface StreamListener {
  /** Events arrive from now on; `hasEntry`: they continue after the last one that arrived. */
  open(hasEntry: boolean): void;
  /** The data of an event. */
  event(data: string): void;
  /** Nothing arrives any more; `isRefused`: the gateway wants no such stream, so that this one does not reconnect. */
  lost(isRefused: boolean): void;
}

/** Reads the events of a path until the gateway refuses them, or the signal aborts. */
export async function readEvents(path: string, listener: StreamListener, signal: AbortSignal): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = last === "" ? {} : { "last-event-id": last };
      const response = await request(path, { headers, signal, cache: "no-store" });
      if (!response.ok || response.body === null) return listener.lost(true);
      listener.open(last !== "");
      let text = "";
      for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();;) {
        const { done, value } = await reader.read();
        if (done) break;
        const blocks = (text + value).split("\n\n");
        text = blocks.pop()!;
        for (const block of blocks) {
          last = fieldOf(block, "id") ?? last;
          const data = fieldOf(block, "data");
          if (data !== undefined) listener.event(data);
        }
      }
    } catch {
      // The connection is lost, which its end says, too.
    }
    if (signal.aborted) return;
    listener.lost(false);
    await new Promise((resolve) => setTimeout(resolve, reconnectMs));
  }
}

/** The value of a field; the gateway writes each once in an event. */
function fieldOf(block: string, name: string): string | undefined {
  const line = block.split("\n").find((line) => line.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}
