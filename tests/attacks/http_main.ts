/**
 * `deno task attacks:http [--seconds N]`: clients attack a gateway of its own process, while an honest one works.
 *
 * @module
 */

import { Launcher } from "../../src/cluster/launcher.ts";
import { RawHttp } from "../http/raw_http.ts";
import { text, wordsOf } from "../tools/words.ts";
import { ServedGateway } from "../cluster/served_gateway.ts";

/** Where a gateway is, and the token of its printed link. */
interface Target {
  readonly url: string;
  readonly token: string;
}

const bearerOf = ({ token }: Target) => ({ authorization: `Bearer ${token}` });

const reports = "/api/sites/Harvard%20University/reports";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Attacks on a gateway, until the signal. */
const attacks: Readonly<Record<string, (gateway: Target, signal: AbortSignal) => Promise<void>>> = {
  "nobody": async (_, signal) => {
    while (!signal.aborted) await pause(10);
  },
  "watchers": async (gateway, signal) => {
    const watch = async () => {
      while (!signal.aborted) {
        const response = await fetch(`${gateway.url}/api/events?after=0`, { headers: bearerOf(gateway), signal });
        if (response.body === null || response.status !== 200) await pause(100);
        for await (const _ of response.body ?? []) if (signal.aborted) return;
      }
    };
    await Promise.all(Array.from({ length: 1_000 }, () => watch().catch(() => {})));
  },
  "keys": async (gateway, signal) => {
    let count = 0;
    const post = async () => {
      while (!signal.aborted) {
        const headers = {
          "content-type": "application/json",
          "idempotency-key": `key-${count}`,
          ...bearerOf(gateway),
        };
        const body = JSON.stringify({ value: count++ % 100 });
        const response = await fetch(`${gateway.url}${reports}`, { method: "POST", headers, body });
        await response.body?.cancel();
      }
    };
    await Promise.all(Array.from({ length: 32 }, post));
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

const { values } = wordsOf({ seconds: text, attack: text, url: text, token: text }, fail);
const seconds = Number(values.seconds ?? 10);
if (!(seconds >= 1 && seconds <= 600)) fail(`"--seconds ${values.seconds}" is not a number from 1 to 600`);

/** One attack, in a process of its own, so that the honest client is measured and not the event loop. */
async function attack(name: string): Promise<void> {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), seconds * 1_000);
  await attacks[name]({ url: values.url!, token: values.token! }, stop.signal);
}

async function measure(gateway: ServedGateway, name: string): Promise<void> {
  const before = memoryOf(gateway.program.pid);
  const words = ["--attack", name, "--url", gateway.url, "--token", gateway.token, "--seconds", String(seconds)];
  const args = ["run", "--no-check", "-A", import.meta.filename!, ...words];
  const attacker = new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn();
  let isOver = false;
  const ended = attacker.status.then(() => isOver = true);
  const waits: number[] = [];
  let most = before;
  while (!isOver) {
    const at = performance.now();
    if (await gateway.report(waits.length % 100) !== 201) throw new Error("An honest client was refused");
    waits.push(performance.now() - at);
    most = Math.max(most, memoryOf(gateway.program.pid));
    await pause(5);
  }
  await ended;
  waits.sort((one, other) => one - other);
  console.log(
    `${name.padEnd(9)} an honest client waited ${waits[waits.length >> 1].toFixed(1)} ms, at most ` +
      `${waits.at(-1)!.toFixed(0)} ms, ${waits.length} times; the gateway took ${most - before} MiB more`,
  );
}

if (values.attack !== undefined) {
  await attack(values.attack);
  Deno.exit(0);
}
const launcher = await Launcher.start({ replicas: 1, basePort: 0 });
const gateway = await ServedGateway.start(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
try {
  for (const name of Object.keys(attacks)) await measure(gateway, name);
} finally {
  await gateway.end("SIGINT");
  await launcher.stop();
}
