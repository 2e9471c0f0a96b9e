/**
 * The keeper of a member of etcd: `member_main.ts --program=FILE --folder=NAME --client=PORT --peer=PORT [--removed]`,
 * started by the launcher in the directory of the members. Ports of 0 are free ones. With `--removed`, the data of the
 * member are removed in the end, and the directory with those of the last one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { loopback } from "../../front/listening.ts";
import { reasonOf } from "../../reason.ts";
import { linesOf } from "../../runtime/lines.ts";
import { fail, runChild, say as sayAny, told } from "../../runtime/parent.ts";
import { pause, within } from "../../runtime/within.ts";
import { causeOfExit } from "../causes.ts";
import { lastWordsOf } from "./etcd_words.ts";
import { type MemberSay, type MemberTell, parseMemberTell } from "./member_messages.ts";

/** Milliseconds that a member has to end by itself: what it has acknowledged is on its disk in any case. */
const endWithinMs = 1_000;

/** Milliseconds between two questions whether a majority answers, and for one answer. */
const [askEveryMs, answerWithinMs] = [100, 2_000];

/** Bytes of a line that etcd writes. */
const lineBytesMax = 16 * 1024;

/** Has the keys of a terminal not stop etcd: an ignored signal stays ignored in the program that a shell becomes. */
const script = 'trap "" INT QUIT HUP TSTP TTIN TTOU; exec "$0" "$@"';

/** Queues a message for the launcher. */
const say: (message: MemberSay) => Promise<void> = sayAny;

type RunTell = Extract<MemberTell, { tell: "run" }>;

/** What the keeper is started with. */
interface KeeperPlace {
  readonly program: string;
  /** The directory of the member's data, below that of the keeper. */
  readonly folder: string;
}

/** The member, once it is started. */
class KeptMember {
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #ending = new AbortController();

  constructor(
    { program, folder }: KeeperPlace,
    clientPort: number,
    peerPort: number,
    { name, token, members, state }: RunTell,
  ) {
    const [client, peer] = [clientPort, peerPort].map(urlAt);
    const flags: Record<string, string> = {
      "name": name,
      "data-dir": folder,
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": members.map((it) => `${it.name}=${urlAt(it.peer)}`).join(","),
      "initial-cluster-token": token,
      "initial-cluster-state": state,
      "logger": "zap",
      "log-level": "error",
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
    // A variable such as ETCD_NAME would keep it from starting. Where it wants this one, it is old, and nothing else.
    const env: Record<string, string> = Deno.build.arch === "aarch64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {};
    const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    this.#child = new Deno.Command("sh", { args: ["-c", script, program, ...args], clearEnv: true, env, ...streams })
      .spawn();
    say({ say: "running", pid: this.#child.pid });
    this.#sayWhenReady(client);
    this.ended = this.#sayHowItEnds();
  }

  kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** It says itself that it is healthy before there is a majority: a read that needs one tells. */
  async #sayWhenReady(client: string): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const init = { method: "POST", body: '{"key":"AA=="}', signal: AbortSignal.timeout(answerWithinMs) };
        const response = await fetch(`${client}/v3/kv/range`, init);
        await response.body?.cancel();
        if (response.ok && !signal.aborted) return void say({ say: "ready" });
      } catch {
        // Not yet.
      }
      await pause(askEveryMs, signal);
    }
  }

  async #sayHowItEnds(): Promise<void> {
    let last = "";
    for await (const { text } of linesOf(this.#child.stderr, lineBytesMax)) {
      if (text.trim() !== "") last = lastWordsOf(text) ?? last;
    }
    const status = await this.#child.status;
    this.#ending.abort();
    const words = status.signal === null && last !== "" ? `: ${last}` : "";
    say({ say: "ended", cause: `${causeOfExit(status)}${words}` });
  }
}

function urlAt(port: number): string {
  return `http://${loopback}:${port}`;
}

function listen(port: number): Deno.TcpListener | Promise<never> {
  try {
    return Deno.listen({ hostname: loopback, port });
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse
      ? "is in use, stop what uses it"
      : `cannot be used (${reasonOf(error)})`;
    return fail(`port ${port} ${why}`);
  }
}

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const options = { program: text, folder: text, client: text, peer: text, removed: { type: "boolean" } } as const;
  const { program = "", folder = "", client, peer, removed } = parseArgs({ args: Deno.args, options }).values;
  // They are held until the member itself takes them.
  const held = await Promise.all([client, peer].map((port) => listen(Number(port))));
  const [clientPort, peerPort] = held.map(({ addr }) => addr.port);
  say({ say: "ports", client: clientPort, peer: peerPort });
  let member: KeptMember | undefined;
  for await (const tell of told(parseMemberTell)) {
    if (tell.tell === "kill") member?.kill();
    else {
      for (const listener of held.splice(0)) listener.close();
      member?.kill();
      await member?.ended;
      member = new KeptMember({ program, folder }, clientPort, peerPort, tell);
    }
  }
  // Data that are removed need no good end.
  if (!removed) {
    member?.kill("SIGTERM");
    if (member !== undefined) await within(endWithinMs, member.ended);
  }
  member?.kill();
  await member?.ended;
  if (removed) await removeData(folder);
}

/** Removes the data, and the directory if it was the last in it. */
async function removeData(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.remove(Deno.cwd()).catch(() => {});
}

await runChild(main);
