// Opens every page of the documentation site in Chromium, and asks axe-core about it.
//
// What to do: {url, pages, screenshots}. Prints one JSON: {problems, figures}.

import path from "node:path";
import { DESKTOP, PHONE, started } from "./browser_checks.mjs";

const { task, figures, check, openPage, axeProblems, finish } = await started();
const nameOf = (page) => page.replace(/\/?(index)?\.html$/, "").replaceAll("/", "-") || "index";
// Those that show each kind of content: text, tables, code, charts and pictures.
const PICTURED = new Set(["index", "running", "performance", "emulator", "settings"]);

async function looks() {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [PHONE, DESKTOP]) {
      for (const address of task.pages) {
        const name = `${nameOf(address)}, ${colorScheme}, ${viewport.width} px`;
        const page = await openPage(`${task.url}/${address}`, { viewport, colorScheme, origin: task.url });
        await page.waitForLoadState("load");
        await axeProblems(page, name);
        if (task.screenshots && PICTURED.has(nameOf(address))) {
          await page.screenshot({ path: path.join(task.screenshots, `site-${nameOf(address)}-${colorScheme}-${viewport.width}.png`) });
        }
        await page.context().close();
      }
    }
  }
  figures.pages = task.pages.length;
}

async function search() {
  const page = await openPage(`${task.url}/`, { viewport: DESKTOP, origin: task.url });
  await page.waitForLoadState("networkidle");
  await page.keyboard.press("/");
  await page.keyboard.type("idempotency key");
  await page.waitForTimeout(2500);
  if (task.screenshots) await page.screenshot({ path: path.join(task.screenshots, "site-search.png") });
  // The search draws inside shadow roots.
  const links = await page.evaluate(() => {
    const found = [];
    const walk = (root) => {
      for (const each of root.querySelectorAll("*")) {
        if (each.matches("a[href]") && /idempotency/i.test(each.textContent) && each.checkVisibility()) found.push(each.href);
        if (each.shadowRoot) walk(each.shadowRoot);
      }
    };
    walk(document);
    return found.length;
  });
  check(links > 0, "the search found no page about idempotency keys");
  figures.search_links = links;
  await page.context().close();
}

await finish([search, looks]);
