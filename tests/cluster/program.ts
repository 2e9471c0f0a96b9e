/**
 * The two programs as people start them: `deno task servers …` and `deno task client …`.
 *
 * @module
 */

import { within } from "../net/within.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const root = new URL("../../", import.meta.url);

/** How each is started; a signal to a task reaches the program only if the task can pass it on. */
const commands = {
  servers: ["task", "--quiet", "servers"],
  client: ["task", "--quiet", "client"],
  "servers without task": [
    "run",
    "--no-prompt",
    "--allow-run",
    "--allow-write",
    ...tokenPermissions,
    "main_servers.ts",
  ],
  "servers with umask 0": [
    "run",
    "--no-prompt",
    "--allow-run",
    "--allow-write",
    ...tokenPermissions,
    "main_servers.ts",
  ],
  "client with umask 0": ["run", "--no-prompt", "--allow-net", "--allow-write", ...tokenPermissions, "main_client.ts"],
  "client without task": ["run", "--no-prompt", "--allow-net", ...tokenPermissions, "main_client.ts"],
} as const;

/** How a program has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program, with pipes for its terminal. */
export class Program {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #read: Promise<unknown>;
  #stdout = "";
  #stderr = "";
  #looks: (() => void)[] = [];

  constructor(command: keyof typeof commands, ...args: readonly string[]) {
    const all = [Deno.execPath(), ...commands[command], ...args];
    // Where it has no task above it, a shell becomes it, which has all its processes hear of a limit as of a full disk.
    const isAlone = command === "servers without task";
    const hasMask = command.endsWith("with umask 0");
    const [path, ...rest] = hasMask
      ? ["sh", "-c", 'umask 0; exec "$0" "$@"', ...all]
      : isAlone
      ? ["sh", "-c", 'trap "" XFSZ; exec "$0" "$@"', ...all]
      : all;
    this.#child = new Deno.Command(path, {
      args: rest,
      cwd: root,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#read = Promise.all([
      this.#hear(this.#child.stdout, (text) => this.#stdout += text),
      this.#hear(this.#child.stderr, (text) => this.#stderr += text),
    ]);
  }

  /** Runs a program with this input to its end. */
  static async run(command: keyof typeof commands, args: readonly string[], input = ""): Promise<Ended> {
    const program = new Program(command, ...args);
    await program.type(input);
    return await program.end();
  }

  /** All that it has printed. */
  get stdout(): string {
    return this.#stdout;
  }

  /** All that it has printed as errors. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves when what it has printed, as output or as errors, matches; with the match. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) found.resolve(match);
    };
    this.#looks.push(look);
    look();
    return within(`${pattern}`, found.promise).catch((error) => {
      throw new Error(`${error.message}; it said:\n${this.#stdout}${this.#stderr}`);
    });
  }

  /** Ends its input, and waits for its end. */
  async end(): Promise<Ended> {
    await this.#input.close().catch(() => {});
    return await this.ended();
  }

  /** Waits for its end. */
  async ended(): Promise<Ended> {
    const { code } = await within("the end of a program", this.#child.status);
    await within("the end of its output", this.#read);
    await this.#input.abort().catch(() => {});
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  async #hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>, add: (text: string) => void): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      add(text);
      for (const look of this.#looks) look();
    }
  }
}
