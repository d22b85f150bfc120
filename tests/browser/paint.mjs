// How soon a page is painted on a slow phone: a processor four times slower, 1.6 Mbit/s, 150 ms to the server and back.
// It prints figures and judges nothing but the weight: node paint.mjs with CASHWRAP_URL set.
import assert from "node:assert/strict";
import { launch, order, phone, tab, variants } from "./lib.mjs";

const SLOWER = 4;
const NET = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const WEIGHT = 60 * 1024;

const browser = await launch();
const page = await tab(browser, phone);
const cdp = await page.context().newCDPSession(page);
await cdp.send("Network.enable");
await cdp.send("Network.emulateNetworkConditions", NET);
await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
let bytes = 0;
let files = 0;
cdp.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; files += 1; });

/** Goes there with what the browser has kept so far, or with nothing. */
const measure = async (name, act) => {
  [bytes, files] = [0, 0];
  await act();
  await page.waitForLoadState("load");
  const painted = await page.evaluate(() => new Promise((done) => {
    const told = () => {
      const paint = performance.getEntriesByName("first-contentful-paint")[0];
      const [way] = performance.getEntriesByType("navigation");
      if (paint) done({ paint: paint.startTime, answered: way.responseStart, ready: way.domContentLoadedEventEnd });
      else setTimeout(told, 20);
    };
    told();
  }));
  assert.ok(bytes <= WEIGHT, `${name} weighs ${bytes} bytes`);
  const ms = (time) => `${Math.round(time)} ms`.padStart(8);
  console.log(`${name.padEnd(22)} answered ${ms(painted.answered)}  painted ${ms(painted.paint)}  ready ${ms(painted.ready)}  ${(bytes / 1024).toFixed(1).padStart(5)} KiB in ${files} files`);
};
const cold = async (name) => {
  await cdp.send("Network.clearBrowserCache");
  await measure(`${name}, first visit`, () => page.reload());
};
const onward = () => Promise.all([page.waitForNavigation(), page.locator(".go .btn[value=go]").click()]);

const begun = await order([[variants.paid, 2], [variants.poster, 1]]);
await measure("cart, by its link", () => page.goto(begun.links.checkout));
await cold("cart");
await measure("address", onward);
await cold("address");
await page.locator("#ship_address1").fill("2117 Alder Street");
await page.locator("#ship_city").fill("Seattle");
await page.locator("#ship_state").selectOption({ label: "Washington" });
await page.locator("#ship_zipcode").fill("98101");
await measure("delivery", onward);
await measure("payment", onward);
await cold("payment");
await page.locator("input[name=method]").last().check();
await measure("complete", onward);
await cold("complete");
await browser.close();
