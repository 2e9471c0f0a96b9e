/** `deno task servers T --http PORT` for other machines: with certificates, or against a warning. */

import { assertEquals, assertMatch } from "@std/assert";
import { subjectAt } from "../http/peer_certificate.ts";
import { otherAuthority, secondPair, testAuthority, testPair } from "../http/test_certs.ts";
import { testNeeding } from "../net/needing.ts";
import { inFolder } from "../storage/folder.ts";
import { Program } from "./program.ts";

const needs = ["run", "net", "read", "write"] as const;

/** Whether a program is there that these tests run. */
async function has(program: string): Promise<boolean> {
  const command = new Deno.Command(program, { args: ["--help"], stdout: "null", stderr: "null" });
  return await command.output().then(() => true, () => false);
}

async function writePair(folder: string, { cert, key }: typeof testPair): Promise<void> {
  await Deno.writeTextFile(`${folder}/node.crt`, cert);
  await Deno.writeTextFile(`${folder}/node.key`, key, { mode: 0o600 });
}

testNeeding(needs, "servers serve a page with TLS, and read the files again on SIGHUP", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/ca.crt`, testAuthority);
    await writePair(folder, testPair);
    const start = ["1", "--base-port", "0", "--http", "0", "--http-host", "0.0.0.0", "--tls-dir", folder];
    const program = new Program("servers without task", ...start);
    const [, url, port] = await program.said(/The page: (https:\/\/127\.0\.0\.1:(\d+)\/)/);
    if (await has("curl")) {
      const args = ["--silent", "--fail", "--max-time", "30", "--cacert", `${folder}/ca.crt`, `${url}health`];
      const { code, stdout } = await new Deno.Command("curl", { args }).output();
      assertEquals(code, 0);
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)).ok, true);
    }
    assertEquals(await subjectAt(Number(port)), "Test node");
    await writePair(folder, secondPair);
    program.signal("SIGHUP");
    await program.said(/The certificate was read again/);
    // The gateway has it a moment later.
    while (await subjectAt(Number(port)).catch(() => "nobody") !== "Test second");
    await Deno.writeTextFile(`${folder}/ca.crt`, otherAuthority);
    program.signal("SIGHUP");
    await program.said(/is not of .*ca\.crt.*The gateway keeps the certificate that it has/s);
    assertEquals(await subjectAt(Number(port)), "Test second");
    await program.type("quit\n");
    assertEquals((await program.end()).code, 0);
  });
});

testNeeding(
  needs,
  "servers refuse to be reached without TLS, start nothing with bad files, and can be told",
  async () => {
    const reached = ["1", "--base-port", "0", "--http", "0", "--http-host", "0.0.0.0"];
    const refused = await Program.run("servers without task", reached);
    assertEquals([refused.code, refused.stdout], [2, ""]);
    assertMatch(refused.stderr.replaceAll("\n", " "), /lets other machines reach the gateway, .* or --insecure/);
    await inFolder(async (folder) => {
      const bad = await Program.run("servers without task", [...reached, "--tls-dir", folder]);
      assertEquals([bad.code, bad.stdout], [1, ""]);
      assertMatch(
        bad.stderr.replaceAll("\n", " "),
        /^There is no ".*node\.crt": --tls-dir needs it; deno task servers cert/,
      );
    });
    const program = new Program("servers without task", ...reached, "--insecure");
    await program.said(/The page: http:/);
    assertMatch(program.stderr, /^Warning: without TLS at 0\.0\.0\.0, anyone on the network between can read/m);
    await program.type("quit\n");
    assertEquals((await program.end()).code, 0);
  },
);

testNeeding(needs, "servers cert makes a pair that clients trust, and renews it under the same authority", async () => {
  if (!await has("openssl")) return console.warn("openssl is not there: servers cert is not tested");
  await inFolder(async (folder) => {
    const directory = `${folder}/new`;
    const read = (name: string) => Deno.readTextFile(`${directory}/${name}`);
    const cert = ["cert", "--dir", directory, "--name", "vaccines.example"];
    const first = await Program.run("servers without task", cert);
    assertEquals([first.code, first.stderr], [0, ""]);
    const [authority, before] = [await read("ca.crt"), await read("node.crt")];
    const second = await Program.run("servers without task", cert);
    assertMatch(
      second.stdout.replaceAll("\n", " "),
      /vaccines\.example, good for 90 days, signed by the authority that was/,
    );
    assertEquals(await read("ca.crt"), authority);
    assertEquals(await read("node.crt") === before, false);
    const modes = ["ca.key", "node.key", ""].map((name) => Deno.statSync(`${directory}/${name}`).mode! & 0o777);
    assertEquals(modes, [0o600, 0o600, 0o700]);
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assertEquals(names, ["ca.crt", "ca.key", "node.crt", "node.key"]);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: await read("node.crt"), key: await read("node.key"), onListen: () => {} },
      () => new Response("here"),
    );
    assertEquals(await subjectAt(server.addr.port, authority), "Vaxlog trial");
    await server.shutdown();
    await Deno.remove(`${directory}/ca.key`);
    const foreign = await Program.run("servers without task", cert);
    assertEquals(foreign.code, 1);
    assertMatch(foreign.stderr.replaceAll("\n", " "), /ca\.crt" is there, and is not of a trial/);
  });
});

testNeeding(needs, "servers cert says what to do where there is no openssl", async () => {
  await inFolder(async (folder) => {
    const permissions = ["--no-prompt", "--allow-run", "--allow-read", "--allow-write"];
    const main = new URL("../../main_servers.ts", import.meta.url).href;
    const args = ["run", ...permissions, main, "cert", "--dir", `${folder}/new`];
    const command = new Deno.Command(Deno.execPath(), { args, env: { PATH: folder }, stdin: "null" });
    const { code, stderr } = await command.output();
    assertEquals(code, 1);
    const said = new TextDecoder().decode(stderr).replaceAll("\n", " ");
    assertMatch(said, /^There is no program openssl, which makes certificates: install it, or take a certificate/);
    assertEquals([...Deno.readDirSync(`${folder}/new`)], []);
  });
});
