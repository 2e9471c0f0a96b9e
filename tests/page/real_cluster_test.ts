/**
 * The page of a real cluster, while replicas are killed. Skipped, with a line that says why, without Chromium.
 */

import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Program } from "../cluster/program.ts";
import { OpenPage, whyNoBrowser } from "./browser.ts";
import { Session } from "../net/admitted.ts";

/** Changes that go through meanwhile. */
const changes = 1_000;

const site = "Harvard University";

Deno.test({
  name: "the page stays right while two of three replicas are killed and 1,000 changes go through (needs chromium)",
  ignore: whyNoBrowser !== undefined,
  // The browser's own processes and pipes are ended by its driver, a little later.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const servers = new Program("servers", "3", "--base-port", "0", "--http", "0", "--suspect-after", "120");
    try {
      const [, url] = await servers.said(/(http:\S+#token=\w+)/);
      const ports = [...servers.stdout.matchAll(/replica \d {2}127\.0\.0\.1:(\d+) {2}process (\d+)/g)];
      const session = await Session.connect(ports.map(([, port]) => `127.0.0.1:${port}`));
      const client = new VaxlogClient(session);
      await using opened = await OpenPage.at(url);
      const { page } = opened;
      await page.locator(".row").filter({ hasText: site }).getByRole("link").click();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Cluster" }).click();
      const replica = (id: number) => page.getByRole("article", { name: `Replica ${id}` });
      await replica(2).waitFor();
      for (let value = 1; value <= changes; value++) {
        await client.set(site, value);
        if (value === 300) await replica(0).getByRole("button", { name: "Kill" }).click();
        if (value === 600) Deno.kill(Number(ports[2][2]), "SIGKILL");
      }
      await replica(0).getByText("failed", { exact: true }).waitFor();
      await replica(2).getByText("failed", { exact: true }).waitFor();
      await page.getByText("0more may fail").waitFor();
      assertEquals(await replica(1).getByRole("button", { name: "Kill" }).isDisabled(), true);
      await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(site)}"`);
      await page.locator(".big").getByText(String(changes), { exact: true }).waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      await client.set(site, 7);
      await page.locator(".row").filter({ hasText: site }).getByRole("button", { name: "7, edit" }).waitFor();
      await page.locator(".big").getByText("7", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Cluster" }).click();
      await replica(0).getByRole("button", { name: "Restart" }).click();
      await replica(0).getByText("up", { exact: true }).waitFor();
      await page.getByText("1more may fail").waitFor();
      assertEquals(opened.errors, []);
      await session.close();
    } finally {
      await servers.type("quit\n");
      await servers.end();
    }
  },
});
