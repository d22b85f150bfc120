// Pictures of every screen, to be looked at: node shots.mjs FOLDER [PART OF A JOURNEY'S NAME] with CASHWRAP_URL set.
// Phone, small phone and desktop, English and German, by day and by night.
import { mkdirSync } from "node:fs";
import { desktop, launch, phone, tab } from "./lib.mjs";
import { journeys } from "./screens.mjs";

const [folder = "shots", part = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const small = { ...phone, viewport: { width: 320, height: 640 } };
const browser = await launch();
for (const [kind, device] of [["phone", phone], ["desktop", desktop], ["small", small]]) {
  for (const [language, locale] of [["en", "en-GB"], ["de", "de-DE"]]) {
    for (const [name, journey] of Object.entries(journeys)) {
      if (!name.includes(part)) continue;
      const page = await tab(browser, { ...device, locale });
      const snap = async (screen) => {
        for (const scheme of kind === "small" ? ["light"] : ["light", "dark"]) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          await page.screenshot({ path: `${folder}/${screen}-${kind}-${language}-${scheme}.png`, fullPage: true, animations: "disabled" });
        }
      };
      try { await journey(page, snap); } catch (error) { console.log(`!! ${name}, ${kind}, ${language}:`, error.message.slice(0, 600)); }
      await page.context().close();
    }
  }
}
await browser.close();
