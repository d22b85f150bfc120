// Every screen keeps the promises of a page: no violation that axe finds by day and by night, nothing cut off or scrolled
// sideways down to 320 px, no weight, no message without words; on a phone and on a desktop, in English and in German.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, desktop, fits, launch, phone, tab, weigh } from "./lib.mjs";
import { journeys } from "./screens.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

/** What must be seen, so that a journey that lost its way fails. */
const SCREENS = 70;
const seen = { en: new Set(), de: new Set() };

/** One language, one heading, a title, and no name of a message where its words should be. */
const worded = async (page, name, lang) => {
  const facts = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    headings: document.querySelectorAll("h1").length,
    title: document.title,
    text: document.body.innerText,
  }));
  assert.equal(facts.lang, lang, name);
  assert.equal(facts.headings, 1, `${name}: headings`);
  assert.match(facts.title, /\S/, name);
  assert.ok(facts.text.length > 40 && !/\{[a-z_]+\}|\b(undefined|null|NaN)\b/.test(facts.text), `${name}: ${facts.text}`);
};

for (const [name, journey] of Object.entries(journeys)) {
  test(`${name}: every screen, phone by day and desktop by night`, async () => {
    const page = await tab(browser, phone);
    await journey(page, async (screen) => {
      seen.en.add(screen);
      await worded(page, screen, "en");
      // Each width and each scheme is judged by all rules once.
      await check(page, screen, ["light"]);
      await page.setViewportSize({ width: 320, height: 640 });
      await fits(page, screen);
      await page.setViewportSize(desktop.viewport);
      await check(page, screen, ["dark"]);
      await fits(page, screen);
      await page.setViewportSize(phone.viewport);
    });
    await page.context().close();
  });

  test(`${name}: every screen in German`, async () => {
    const page = await tab(browser, { ...phone, locale: "de-DE" });
    await journey(page, async (screen) => {
      seen.de.add(screen);
      await worded(page, screen, "de");
      await weigh(page);
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await fits(page, screen);
      }
      await page.setViewportSize(phone.viewport);
    });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("all screens were seen in both languages", () => {
  assert.deepEqual([...seen.de].sort(), [...seen.en].sort());
  assert.ok(seen.en.size >= SCREENS, `${seen.en.size} screens`);
});
