/**
 * A cluster of nodes in a browser: what only replicas have is not there.
 */

import { assertEquals } from "@std/assert";
import { engineStatus, nodeAnswer } from "../engine/node_answers.ts";
import { narrow, pageTest } from "./opened.ts";

pageTest("nodes and the members of their engine are shown, and nothing to kill", { token: true }, async (opened) => {
  const { page, stage: { cluster } } = opened;
  cluster.nodes = [nodeAnswer(0), nodeAnswer(1, { lag: 2, n: 38 })];
  await page.getByRole("link", { name: "Cluster" }).click();
  const card = (name: string) => page.getByRole("article", { name });
  await card("Node 127.0.0.1:8892").getByText("up", { exact: true }).waitFor();
  await card("Node 127.0.0.1:8893").locator(".state").getByText("behind", { exact: true }).waitFor();
  await card("Member http://127.0.0.1:2379").getByText("leader", { exact: true }).waitFor();
  await card("Member http://127.0.0.1:2383").getByText("no answer", { exact: true }).waitFor();
  await page.getByText("1more nodes may fail").waitFor();
  await page.getByText("0more members of the engine may fail").waitFor();
  for (const name of ["Kill", "Restart", "Add a replica"]) {
    assertEquals(await page.getByRole("button", { name }).count(), 0);
  }
  const engine = { ...engineStatus, hasQuorum: false, warnings: ["No majority has answered"] };
  cluster.nodes = [
    nodeAnswer(0, { engine }),
    nodeAnswer(1, { engine, halted: "After record 9, the state of this node differs" }),
  ];
  await page.getByText("nonemajority of the engine").waitFor();
  await page.getByText("No majority has answered").waitFor();
  await page.getByText("After record 9, the state of this node differs").waitFor();
  await page.getByText("Node 127.0.0.1:8893: behind → halted").waitFor();
});

pageTest("nodes fit a narrow window", { ...narrow, token: true }, async ({ page, stage: { cluster } }) => {
  cluster.nodes = [nodeAnswer(0), nodeAnswer(1)];
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByRole("article", { name: "Member http://127.0.0.1:2383" }).waitFor();
  assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
});
