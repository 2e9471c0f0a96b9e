/**
 * The client in a pseudo-terminal, as a person has it: `script` of util-linux makes one.
 *
 * @module
 */

import { within } from "../net/within.ts";

const root = new URL("../../", import.meta.url);

function isUtilLinux(): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"], stdout: "piped", stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

/** Whether pseudo-terminals can be made here. */
export const hasPseudoTerminal: boolean = isUtilLinux();

/** What a session in a terminal came to. */
export interface Ended {
  /** The exit code. */
  readonly code: number;
  /** All that the terminal was sent, with line feeds alone as line ends. */
  readonly screen: string;
}

/** The client, in a window with so many columns. */
export class PseudoTerminal {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #read: Promise<void>;
  #screen = "";
  #look: () => void = () => {};

  /**
   * Starts it.
   *
   * @param columns of the window.
   * @param args of the client.
   * @param env what is set beside.
   */
  constructor(columns: number, args: readonly string[], env: Record<string, string> = {}) {
    const program = [
      Deno.execPath(),
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-write",
      "main_client.ts",
    ];
    // What is typed is not shown by the terminal itself, as it was typed before anybody asked.
    const command = `stty cols ${columns} -echo; exec ${[...program, ...args].map(inQuotes).join(" ")}`;
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--flush", "--command", command, "/dev/null"],
      cwd: root,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#read = this.#hear();
  }

  /** Types something. */
  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** Resolves when the screen has shown this. */
  async said(pattern: RegExp): Promise<void> {
    const found = Promise.withResolvers<void>();
    this.#look = () => pattern.test(this.#screen) && found.resolve();
    this.#look();
    await within(`${pattern} on a terminal`, found.promise).catch((error) => {
      throw new Error(`${error.message}; it showed:\n${this.#screen}`);
    });
  }

  /** Waits for its end. */
  async ended(): Promise<Ended> {
    const { code } = await within("the end of a terminal", this.#child.status);
    await within("the end of its output", this.#read);
    await this.#input.abort().catch(() => {});
    return { code, screen: this.#screen };
  }

  async #hear(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#screen += text.replaceAll("\r\n", "\n");
      this.#look();
    }
  }
}

function inQuotes(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
