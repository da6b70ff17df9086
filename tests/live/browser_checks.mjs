// What checks of pages share: a Chromium that reaches this machine only, pages, and axe-core.
//
// Arguments of the program: the folder of the packages, the browser's program, and a file with the
// JSON of what to do.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const PATIENCE = 180_000; // milliseconds: a machine may have other work
export const DESKTOP = { width: 1400, height: 900 };
export const PHONE = { width: 400, height: 800 };
export const LARGE = { width: 3840, height: 2160 };
const SMALLEST = 24; // CSS pixels: target size (minimum) of WCAG 2.2

/** Start the browser. Problems are texts; figures are values by name. */
export async function started() {
  const [folder, program, taskFile] = process.argv.slice(2);
  const require = createRequire(path.join(folder, "package.json"));
  const { chromium } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const task = JSON.parse(readFileSync(taskFile, "utf8"));
  const problems = [];
  const figures = {};
  const browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });

  function check(is, text) {
    if (!is) problems.push(text);
  }

  // One page in a context of its own; what it logs, and any request beyond `origin`, is a problem.
  async function openPage(address, options = {}) {
    const { viewport = DESKTOP, colorScheme = "light", bypassCSP = false, isExpected = () => false, origin = address } = options;
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (message.type() === "error" && !isExpected(message.text())) problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`script error: ${error}`));
    page.on("dialog", (dialog) => {
      problems.push(`a dialog opened: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = request.url();
      const isInside = /^(data|blob):/.test(url) || url.split("#")[0] === address.split("#")[0];
      if (!isInside && !(origin.startsWith("http:") && url.startsWith(origin))) {
        problems.push(`the page asked for ${url.slice(0, 200)}`);
      }
    });
    await page.goto(address);
    return page;
  }

  async function axeProblems(page, name) {
    await page.waitForTimeout(200);
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    figures.axe_rules = found.passes.length;
    figures.axe_violations = (figures.axe_violations ?? 0) + found.violations.length;
    for (const each of found.violations) {
      const where = each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
      problems.push(`axe, ${name}: ${each.id}: ${each.help}: ${where}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    check(!wide, `${name}: the page is wider than the window`);
  }

  // Everything that one can press has room for a finger; links inside a sentence are excepted.
  async function targetProblems(page, name) {
    const small = await page.evaluate((smallest) => {
      const selector = "a[href], button, input, select, textarea, summary, [role=button], [role=option]";
      return [...document.querySelectorAll(selector)]
        .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("p:not(.buttons), [aria-hidden=true]"))
        .map((each) => ({ box: (each.closest("label") ?? each).getBoundingClientRect(), html: each.outerHTML.slice(0, 120) }))
        .filter(({ box }) => box.width > 1 && (box.width < smallest - 0.5 || box.height < smallest - 0.5))
        .map(({ box, html }) => `${Math.round(box.width)} x ${Math.round(box.height)} px: ${html}`);
    }, SMALLEST);
    figures.small_targets = (figures.small_targets ?? 0) + small.length;
    problems.push(...small.map((each) => `${name}: small target: ${each}`));
  }

  // Run the parts, close the browser, and print what was found.
  async function finish(parts) {
    for (const part of parts) {
      try {
        await part();
      } catch (error) {
        problems.push(`${part.name}: ${String(error).split("\n").slice(0, 4).join(" ")}`);
      }
    }
    await browser.close();
    console.log(JSON.stringify({ problems, figures }));
  }

  return { browser, task, problems, figures, check, openPage, axeProblems, targetProblems, finish };
}
