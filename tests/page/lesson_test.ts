/**
 * The lessons in a browser.
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { pageTest } from "./opened.ts";

function card(page: Page, name: string) {
  return page.getByRole("article", { name });
}

pageTest("a command is followed, step by step, back, and forth again", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await card(page, "Client c1").getByRole("button", { name: "Submit" }).click();
  await page.getByText("You ask c1 to set the register to 40.").waitFor();
  const step = page.getByRole("button", { name: "A step", exact: true });
  for (let count = 0; count < 8; count++) await step.click();
  await page.locator(".where").getByText("9").first().waitFor();
  const words = await page.locator(".words").textContent();
  await page.getByRole("button", { name: "A step back" }).click();
  await page.getByText("8 of 9").waitFor();
  await step.click();
  await page.getByText("9 of 9").waitFor();
  assertEquals(await page.locator(".words").textContent(), words);
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByLabel("Pace").selectOption("15");
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  for (const name of ["Replica r0", "Replica r1", "Replica r2"]) {
    assertEquals(await card(page, name).locator(".figures strong").textContent(), "40");
  }
});

pageTest("a replica of a lesson crashes in the middle, and the others agree all the same", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await page.getByRole("button", { name: "A replica fails" }).click();
  await page.getByLabel("Pace").selectOption("15");
  await card(page, "Replica r1").getByText("failed").waitFor();
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  const held = ["Replica r0", "Replica r2"].map((name) => card(page, name).locator(".figures").textContent());
  const [one, other] = await Promise.all(held);
  assertEquals(one, other);
  await card(page, "Replica r0").getByText("Members: r0, r2").waitFor();
});
