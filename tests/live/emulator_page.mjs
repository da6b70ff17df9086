// Drives the emulator's page in Chromium by playwright-core, and asks axe-core about it.
//
// What to do: {url, screenshots, oldest, good, attacked, failed, key}: the emulator, and the ids of
// jobs in it. Prints one JSON: {problems, figures}.

import path from "node:path";
import { DESKTOP, PHONE, started } from "./browser_checks.mjs";

const { task, check, openPage, axeProblems, targetProblems, finish } = await started();

async function opened(options = {}, hash = "") {
  const page = await openPage(`${task.url}/${hash}`, { ...options, origin: task.url });
  await page.waitForSelector("#connection[data-state=live]");
  await page.waitForSelector(".job");
  return page;
}

const title = (page) => page.locator("#details-title").innerText();
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const short = (id) => id.slice(0, 8);

async function jobDetails() {
  const page = await opened();
  await page.locator(".job", { hasText: "a lighthouse" }).locator("button.words").click();
  await page.waitForSelector("#details[open] pre", { state: "attached" });
  check((await title(page)) === `Job ${short(task.good)}`, `the title of the details is ${await title(page)}`);
  await page.locator("#details button", { hasText: "Copy id" }).click();
  await page.waitForSelector("text=Copied");
  check((await clipboard(page)) === task.good, "the id was not copied");
  check((await page.locator("#copied").textContent()) === "Job id copied", "the copy is not announced");
  await page.locator("#details button", { hasText: "Copy workflow" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("{"));
  check(JSON.parse(await clipboard(page))["4"].class_type === "KSampler", "the workflow was not copied");
  check((await page.locator("#details .outputs a").count()) === 1, "the output is not in the details");
  check((await page.locator("#details .timeline li").count()) > 2, "the timeline is not in the details");
  check(page.url().endsWith(`#job=${task.good}`), `the address is ${page.url()}`);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#details", { state: "hidden" });
  check(!page.url().includes("#"), "the address still names the job");
  await page.context().close();
}

async function addressed() {
  const page = await opened({ isExpected: (text) => text.includes("status of 404") }, `#job=${task.failed}`);
  await page.waitForSelector("#details[open] details[data-name=error] pre");
  check((await page.locator("#details pre").first().innerText()).includes("OOMError"), "the error is not in the details");
  await page.goto(`${task.url}/#job=nothing`);
  await page.waitForSelector("#details-problem:not([hidden])");
  await page.context().close();
}

async function keyboardOnly() {
  const page = await opened();
  await page.locator("#job-search").focus();
  await page.keyboard.type("lighthouse");
  await page.waitForFunction(() => document.querySelectorAll(".job").length === 1);
  await page.locator(".job button.words").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#details[open]");
  check(await page.evaluate(() => document.querySelector("dialog").contains(document.activeElement)), "the focus is not in the dialog");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#details", { state: "hidden" });
  check(await page.evaluate(() => document.activeElement.classList.contains("words")), "the focus is not back on the job");
  await page.goBack().catch(() => null);
  await page.context().close();
}

async function searches() {
  const page = await opened({ isExpected: (text) => text.includes("status of 400") });
  const shown = await page.locator(".job").count();
  check(!(await page.locator(`.job .facts-line[title="${task.oldest}"]`).count()), "the oldest job is shown without a search");
  await page.fill("#job-search", task.oldest.slice(0, 13).toUpperCase());
  await page.waitForFunction((id) => document.querySelector(".job .facts-line")?.title === id, task.oldest);
  await page.fill("#job-search", "100%_nothing");
  await page.waitForSelector("#job-none:not([hidden])");
  check((await page.locator("#job-none").innerText()) === "No job matches.", "nothing is found, and the page does not say so");
  await page.fill("#job-search", "");
  await page.waitForFunction((count) => document.querySelectorAll(".job").length === count, shown);
  await page.fill("#request-search", "post 200");
  await page.waitForFunction(() => [...document.querySelectorAll("#request-list .method")].every((each) => each.textContent === "POST"));
  await page.fill("#file-search", `png ${task.good}`);
  await page.waitForFunction(() => document.querySelectorAll(".file").length === 1);
  await page.fill("#file-search", "a ".repeat(40));
  await page.waitForFunction(() => document.getElementById("file-none").textContent.includes("at most 20 words"));
  await page.context().close();
}

async function requestDetails() {
  const page = await opened();
  await page.fill("#request-search", "POST /api/prompt");
  await page.locator("#request-list button.path").last().click();
  await page.waitForSelector("#details[open] pre");
  check((await title(page)) === "POST /api/prompt", `the title is ${await title(page)}`);
  const text = await page.locator("#details").innerText();
  check(!text.includes(task.key) && text.includes("[REDACTED]"), "the key is not covered");
  await page.locator("#details button", { hasText: "Copy as curl" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("curl"));
  const curl = await clipboard(page);
  check(curl.includes('"X-API-Key: $COMFY_CLOUD_API_KEY"') && curl.includes("--data-raw") && !curl.includes(task.key), `curl: ${curl.slice(0, 300)}`);
  await page.context().close();
}

async function attacks() {
  const page = await opened({ isExpected: (text) => text.includes("status of 404") }, `#job=${task.attacked}`);
  await page.waitForSelector("#details[open] pre", { state: "attached" });
  await page.evaluate(() => { for (const each of document.querySelectorAll("dialog details")) each.open = true; });
  check((await page.locator("#details").innerText()).includes("onerror="), "the hostile text is not shown as text");
  check((await page.locator("dialog img[src=x], .job script").count()) === 0, "hostile text became markup");
  await page.keyboard.press("Escape");
  await page.locator("#request-list button.path", { hasText: "script" }).first().click();
  await page.waitForSelector("#details[open] .pairs");
  await page.waitForTimeout(200);
  check(await page.evaluate(() => window.pwned === undefined), "a script of a client's text ran");
  await page.context().close();
}

async function looks() {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [PHONE, DESKTOP]) {
      const name = `${colorScheme}, ${viewport.width} px`;
      const page = await opened({ viewport, colorScheme, bypassCSP: true });
      const shot = (what) =>
        task.screenshots && page.screenshot({ path: path.join(task.screenshots, `emulator-${what}-${colorScheme}-${viewport.width}.png`) });
      await page.waitForSelector(".file");
      await axeProblems(page, name);
      await targetProblems(page, name);
      await shot("page");
      for (const [what, hash] of [["job", `job=${task.failed}`], ["good-job", `job=${task.good}`], ["request", "request=r2"]]) {
        await page.evaluate((wanted) => { location.hash = wanted; }, hash);
        await page.waitForSelector("#details[open] .pairs");
        await page.waitForTimeout(100);
        await axeProblems(page, `${name}, ${what}`);
        await targetProblems(page, `${name}, ${what}`);
        await shot(what);
      }
      await page.context().close();
    }
  }
}

await finish([jobDetails, addressed, keyboardOnly, searches, requestDetails, attacks, looks]);
