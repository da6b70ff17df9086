// Drives a report in Chromium by playwright-core, and asks axe-core about it.
//
// Arguments: the folder of the packages, the browser's program, and a file with the JSON of what
// to do: {usual, hostile, live, screenshots}. Prints one JSON: {problems, figures}.

import { pathToFileURL } from "node:url";
import path from "node:path";
import { DESKTOP, LARGE, PHONE, started } from "./browser_checks.mjs";

const MOST_MS = 1500;
const { browser, task, problems, figures, check, openPage, axeProblems, finish } = await started();

// What a report's page logs, and any request beyond itself, is a problem.
async function opened(address, options = {}) {
  // Not every hostile id can stand in an address, or is shown whole: such an image is missing.
  const isExpected = (text) => options.isHostile === true && text.includes("status of 404");
  const page = await openPage(address, { ...options, isExpected });
  await page.waitForSelector("[role=option], #empty:not([hidden])");
  return page;
}

const url = (file) => pathToFileURL(file).href;
const count = (page) => page.locator("#count").innerText();
const options = (page) => page.locator("[role=option]").count();
const focused = (page) => page.evaluate(() => document.activeElement.id);
const active = (page) => page.evaluate(() => document.getElementById("list").getAttribute("aria-activedescendant"));

async function firstUse() {
  const times = [];
  for (let round = 0; round < 3; round += 1) {
    const context = await browser.newContext({ viewport: DESKTOP });
    const page = await context.newPage();
    await page.goto(url(task.usual));
    await page.waitForSelector("[role=option]");
    // Until the page is there, its scripts have run, and a search has been answered.
    times.push(await page.evaluate(() => new Promise((done) => {
      const usable = performance.getEntriesByName("usable")[0].startTime;
      const before = performance.now();
      const search = document.getElementById("search");
      search.value = "lighthouse";
      document.getElementById("filters").dispatchEvent(new Event("submit", { cancelable: true }));
      requestAnimationFrame(() => setTimeout(() => done({ usable, search: performance.now() - before })));
    })));
    await context.close();
  }
  times.sort((a, b) => a.usable - b.usable);
  figures.usable_ms = Math.round(times[1].usable);
  figures.first_search_ms = Math.round(times[1].search);
  check(times[1].usable + times[1].search < MOST_MS, `first use took ${Math.round(times[1].usable + times[1].search)} ms`);
}

async function filters() {
  const page = await opened(url(task.usual));
  const all = task.jobs;
  check((await count(page)).startsWith(`${all.toLocaleString("en")} jobs`), `the count is ${await count(page)}`);
  check((await options(page)) < 60, `${await options(page)} rows exist at once`);
  await page.selectOption("#status", "failed");
  const failed = await page.evaluate(() => document.getElementById("count").textContent);
  await page.waitForFunction((before) => document.getElementById("count").textContent !== before || before.includes("of"), failed);
  check(/^\d[\d,]* of /.test(await count(page)), `after a filter the count is ${await count(page)}`);
  const statuses = await page.locator("[role=option] .status").allInnerTexts();
  check(statuses.every((status) => status === "failed"), `failed only, but there are ${statuses}`);
  await page.click("text=Clear >> visible=true");
  await page.waitForFunction((text) => document.getElementById("count").textContent.startsWith(text), `${all.toLocaleString("en")} jobs`);
  await page.fill("#search", "lighthouse -blurry");
  await page.waitForFunction(() => document.getElementById("count").textContent.includes(" of "));
  const titles = await page.locator("[role=option] .title").allInnerTexts();
  check(titles.length > 0 && titles.every((title) => title.includes("lighthouse")), `the search found ${titles}`);
  await page.fill("#search", "");
  await page.selectOption("#model", { index: 1 });
  await page.waitForFunction(() => document.getElementById("count").textContent.includes(" of "));
  const model = await page.locator("#model option:checked").getAttribute("data-model");
  const facts = await page.locator("[role=option] .facts").allInnerTexts();
  check(facts.every((fact) => fact.includes(model)), `the model ${model} is not in ${facts}`);
  await page.selectOption("#model", "");
  await page.fill("#since", "2026-11-28");
  await page.fill("#until", "2026-11-28");
  await page.waitForFunction(() => document.getElementById("count").textContent.includes(" of "));
  const days = await page.locator("[role=option] .side time").allInnerTexts();
  check(days.length > 0 && days.every((day) => day.includes("28 Nov 2026")), `of 28 November there are ${days}`);
  await page.fill("#search", "nothing has these words");
  await page.waitForSelector("#empty:not([hidden])");
  check((await count(page)).startsWith("0 of "), `nothing matches, but the count is ${await count(page)}`);
  await page.context().close();
}

async function keyboard() {
  const page = await opened(url(task.usual));
  await page.keyboard.press("/");
  check((await focused(page)) === "search", "/ does not go to the search");
  await page.keyboard.type("fox");
  await page.keyboard.press("ArrowDown");
  check((await focused(page)) === "list", "the arrow does not go from the search to the list");
  check((await active(page)) === "job-0", "the first job is not the active one");
  const outline = await page.evaluate(() => getComputedStyle(document.querySelector(".job.active")).outlineStyle);
  check(outline === "solid", "the active job has no visible focus");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  check((await active(page)) === "job-2", `after two arrows, ${await active(page)} is active`);
  await page.keyboard.press("End");
  const last = await page.locator(".job.active").getAttribute("aria-posinset");
  check(last === await page.locator(".job.active").getAttribute("aria-setsize"), "End does not go to the last job");
  check(await page.locator(".job.active").isVisible(), "the last job is not on the screen");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  check(await page.locator("dialog#details").isVisible(), "Enter does not open the job");
  check((await focused(page)) === "details-name", "the dialog has not got the focus");
  await page.keyboard.press("ArrowRight");
  check((await page.locator("#details-name").innerText()).startsWith("Job 2 "), "the arrow does not go to the next job");
  await page.keyboard.press("Escape");
  check(!(await page.locator("dialog#details").isVisible()), "Escape does not close the job");
  check((await focused(page)) === "list" && (await active(page)) === "job-1", "the focus is not back on the job");
  await page.keyboard.press(" ");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press(" ");
  check((await page.locator("#selected").innerText()) === "2 selected", "Space does not select");
  await page.keyboard.press("c");
  check(await page.locator("dialog#comparison").isVisible(), "C does not compare");
  const rows = await page.locator("#comparison tbody tr:visible th").allInnerTexts();
  check(rows.includes("Seeds") && !rows.includes("Status"), `the comparison shows ${rows}`);
  await page.uncheck("#only-differences");
  check((await page.locator("#comparison tbody tr:visible").count()) > rows.length, "what is the same is not shown on request");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  check(!(await page.locator("#selection").isVisible()), "Escape does not clear the selection");
  await page.context().close();
}

async function copies() {
  const page = await opened(url(task.usual));
  await page.locator("[role=option]:has(.fact) .title").first().click();
  const prompt = await page.locator("#details section pre").first().innerText();
  await page.locator("#details .copied .copy").first().click();
  check((await page.evaluate(() => navigator.clipboard.readText())) === prompt, "the prompt was not copied");
  const seed = await page.locator("#details .chips code").first().innerText();
  await page.locator("#details .chips .copy").first().click();
  check((await page.evaluate(() => navigator.clipboard.readText())) === seed && /^\d+$/.test(seed), "the seed was not copied");
  check((await page.locator("#spoken").innerText()).startsWith("Copied seed"), "the copy is not announced");
  await page.context().close();
}

async function looks() {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ 400: PHONE, 1400: DESKTOP, 3840: LARGE })) {
      const name = `${colorScheme}, ${size} px`;
      const page = await opened(url(task.usual), { viewport, colorScheme, bypassCSP: true });
      if (size === "400") await page.click("#charts > summary");
      await page.waitForSelector(".uplot");
      await axeProblems(page, name);
      const shot = (what) => page.screenshot({ path: path.join(task.screenshots, `report-${what}-${colorScheme}-${size}.png`) });
      if (task.screenshots) await shot("page");
      await page.locator("[role=option]:has(.fact) .title").first().click();
      await axeProblems(page, `${name}, a job`);
      if (task.screenshots) await shot("job");
      await page.keyboard.press("Escape");
      await page.keyboard.press(" ");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press(" ");
      await axeProblems(page, `${name}, two selected`);
      if (task.screenshots) await shot("list");
      await page.keyboard.press("c");
      await axeProblems(page, `${name}, compared`);
      if (task.screenshots) await shot("compared");
      await page.keyboard.press("Escape");
      await page.fill("#search", "nothing has these words");
      await page.waitForSelector("#empty:not([hidden])");
      await axeProblems(page, `${name}, empty`);
      await page.context().close();
    }
  }
}

// Every field holds scripts: none runs, and all of it is seen as text.
async function hostile() {
  for (const file of task.hostile) {
    const page = await opened(file.startsWith("http") ? file : url(file), { isHostile: true });
    const rows = await options(page);
    check(rows > 0, "the hostile report shows no job");
    check((await page.locator(".title .code-point").count()) > 0, "hidden characters are not shown");
    await page.keyboard.press("/");
    await page.keyboard.type("<script>");
    await page.keyboard.press("ArrowDown");
    for (let index = 0; index < Math.min(rows, 8); index += 1) {
      await page.keyboard.press("Enter");
      await page.evaluate(() => { for (const each of document.querySelectorAll("dialog details")) each.open = true; });
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press(" ");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press(" ");
    await page.keyboard.press("c");
    await page.waitForTimeout(300);
    check(await page.evaluate(() => window.pwned === undefined), "a script of the server's text ran");
    const scripts = await page.locator("script").count();
    check(scripts === 3, `there are ${scripts} scripts`);
    await page.context().close();
  }
  // The policy holds even where the page would fail: an injected script does not run.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url(task.usual));
  await page.evaluate(() => {
    try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned = 1'>"); } catch { /* refused */ }
    const script = document.createElement("script");
    try { script.textContent = "window.pwned = 2"; document.body.append(script); } catch { /* refused */ }
  });
  await page.waitForTimeout(200);
  check(await page.evaluate(() => window.pwned === undefined), "the policy lets an injected script run");
  await context.close();
}

async function live() {
  if (!task.live) return;
  const page = await opened(task.live);
  check((await options(page)) > 0, "the live page shows no job");
  await page.waitForFunction(() => [...document.querySelectorAll(".picture img")].some((image) => image.naturalWidth > 0));
  await page.locator("[role=option]:has(img) .title").first().click();
  await page.waitForFunction(() => [...document.querySelectorAll(".pictures img")].some((image) => image.naturalWidth > 0));
  await page.context().close();
}

await finish([firstUse, filters, keyboard, copies, hostile, live, looks]);
