/**
 * `deno task attacks:http [--seconds N]`: clients attack a gateway of its own process, while an honest one works.
 *
 * @module
 */

import { Launcher } from "../../src/cluster/launcher.ts";
import { RawHttp } from "../http/raw_http.ts";
import { text, wordsOf } from "../tools/words.ts";
import { ServedGateway } from "../cluster/served_gateway.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Attacks on a gateway, until the signal. */
const attacks: Readonly<Record<string, (gateway: ServedGateway, signal: AbortSignal) => Promise<void>>> = {
  "nobody": async (_, signal) => {
    while (!signal.aborted) await pause(10);
  },
  "watchers": async (gateway, signal) => {
    const watch = async () => {
      while (!signal.aborted) {
        const response = await fetch(`${gateway.url}/api/events?after=0`, { headers: gateway.bearer, signal });
        if (response.body === null || response.status !== 200) await pause(100);
        for await (const _ of response.body ?? []) if (signal.aborted) return;
      }
    };
    await Promise.all(Array.from({ length: 1_000 }, () => watch().catch(() => {})));
  },
  "bodies": async (gateway, signal) => {
    const port = Number(new URL(gateway.url).port);
    const head = `POST /api/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${gateway.bearer.authorization}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${4 * 2 ** 20}\r\n\r\n`;
    const open: RawHttp[] = [];
    while (!signal.aborted && open.length < 64) {
      const http = await RawHttp.open(port);
      open.push(http);
      http.send(head + " ".repeat(4 * 2 ** 20 - 1));
      await pause(10);
    }
    while (!signal.aborted) await pause(10);
    for (const http of open) http[Symbol.dispose]();
  },
  "keys": async (gateway, signal) => {
    let count = 0;
    const post = async () => {
      while (!signal.aborted) await gateway.report(count % 100, `key-${count++}`);
    };
    await Promise.all(Array.from({ length: 32 }, post));
    console.log(`  ${count} keys were sent`);
  },
  "host": async (gateway, signal) => {
    const port = Number(new URL(gateway.url).port);
    const ask = async () => {
      using http = await RawHttp.open(port);
      while (!signal.aborted) {
        await http.send(`GET /api/sites HTTP/1.1\r\nHost: 6.6.6.6\r\n\r\n`);
        await http.said(/^HTTP\/1.1 421 /);
        await pause(1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, ask));
  },
};

/** MiB of memory that a process has. */
function memoryOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Math.round(Number(kib) / 1024);
}

function fail(message: string): never {
  console.error(`Cannot attack: ${message}`);
  Deno.exit(2);
}

const { values } = wordsOf({ seconds: text }, fail);
const seconds = Number(values.seconds ?? 10);
if (!(seconds >= 1 && seconds <= 600)) fail(`"--seconds ${values.seconds}" is not a number from 1 to 600`);
const launcher = await Launcher.start({ replicas: 1, basePort: 0 });
const gateway = await ServedGateway.start(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
try {
  for (const [name, attack] of Object.entries(attacks)) {
    const before = memoryOf(gateway.program.pid);
    const stop = new AbortController();
    const attacking = attack(gateway, stop.signal);
    const waits: number[] = [];
    const endsAt = performance.now() + seconds * 1_000;
    while (performance.now() < endsAt) {
      const at = performance.now();
      if (await gateway.report(waits.length % 100) !== 201) throw new Error("An honest client was refused");
      waits.push(performance.now() - at);
      await pause(5);
    }
    const most = memoryOf(gateway.program.pid);
    stop.abort();
    await attacking;
    waits.sort((one, other) => one - other);
    console.log(
      `${name.padEnd(9)} an honest client waited ${waits[waits.length >> 1].toFixed(1)} ms, at most ` +
        `${waits.at(-1)!.toFixed(0)} ms, ${waits.length} times; the gateway took ${most - before} MiB more`,
    );
  }
} finally {
  await gateway.end("SIGINT");
  await launcher.stop();
}
