import { hasPseudoTerminal, PseudoTerminal } from "../cli/pseudo_terminal.ts";

const granted = (["net", "run", "read", "write"] as const).every((name) => {
  return Deno.permissions.querySync({ name }).state === "granted";
});

Deno.test({
  name: "TerminalGuard restores the terminal of a launcher that is killed with -9 " +
    "(needs --allow-net, --allow-run, --allow-read, --allow-write, and script of util-linux)",
  ignore: !granted || !hasPseudoTerminal,
  fn: async () => {
    const terminal = new PseudoTerminal(100, ["1", "--base-port", "0"], { NO_COLOR: "1" }, {
      program: "servers",
      job: "and looks",
    });
    const [, pid] = await terminal.said(/started by process (\d+):\n[^]*\n> $/);
    Deno.kill(Number(pid), "SIGKILL");
    await terminal.said(/whole lines\n/);
    await terminal.ended();
  },
});
