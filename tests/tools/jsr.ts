/**
 * `deno task test:jsr`: the whole suite against the `@std` packages as JSR has them, where `deno.json` links them to
 * the small ones in `src/std`.
 *
 * Links cannot be switched off from outside, so a second configuration is written beside the first, without them, and
 * without the lock file, which records them.
 *
 * @module
 */

interface Config {
  links?: string[];
  lock?: unknown;
  exclude?: string[];
  readonly imports: Record<string, string>;
  readonly tasks: Record<string, { readonly command: string }>;
}

const root = new URL("../../", import.meta.url);
const name = "deno.jsr.json";
const flags = ["--config", name, "--no-lock"];

/** Milliseconds after which JSR is out of reach: a closed network may swallow packets rather than refuse them. */
const reachWithinMs = 60_000;

/** Loads the packages; returns why it cannot. */
async function fetchPackages(specifiers: string[]): Promise<string | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", ...flags, ...specifiers],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, reachWithinMs);
  const { success, stderr } = await child.output();
  clearTimeout(timer);
  if (success) return undefined;
  if (late) return `no answer within ${reachWithinMs / 1000} s`;
  const lines = new TextDecoder().decode(stderr).split("\n");
  return lines.find((line) => line.startsWith("error: "))?.slice("error: ".length) ?? "Deno did not say why";
}

/** Runs the same tests as `deno task test`, in the other configuration; returns their exit code. */
async function runTests(command: string): Promise<number> {
  const args = ["task", "--quiet", "--eval", command.replace("deno test", `deno test ${flags.join(" ")}`)];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn();
  // Ctrl-C reaches the tests by itself; this process stays until they have ended, and tidies up.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
  return (await child.status).code;
}

async function main(): Promise<number> {
  const config: Config = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  delete config.links;
  delete config.lock;
  config.exclude = [...config.exclude ?? [], "src/std"];
  await Deno.writeTextFile(new URL(name, root), JSON.stringify(config, null, 2));
  try {
    const specifiers = Object.values(config.imports).filter((specifier) => specifier.startsWith("jsr:"));
    const failure = await fetchPackages(specifiers);
    if (failure === undefined) return await runTests(config.tasks.test.command);
    console.error(`JSR does not answer, so nothing was tested; try again where it can be reached (${failure})`);
    return 1;
  } finally {
    await Deno.remove(new URL(name, root));
  }
}

Deno.exit(await main());
