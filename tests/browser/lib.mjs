// What all browser tests share: the server under test, orders to begin with, a browser, and the promises every page
// keeps (no violation that axe finds, no sideways scroll, no weight). The server is named by CASHWRAP_URL.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const server = process.env.CASHWRAP_URL;
assert.ok(server, "CASHWRAP_URL names the server under test");

/** Compressed bytes of HTML, style and script of one page. */
const WEIGHT = 60 * 1024;
/** Where pictures of the pages go, if they are wanted. */
const shots = process.env.CASHWRAP_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1 };
export const desktop = { viewport: { width: 1280, height: 900 } };

export const variants = {
  free: 1001, named: 1003, form: 1005, poster: 15, password: 1007, invite: 1008, member: 1009, membership: 1010,
  master: 1011, addon: 1012, requested: 1017, reserved: 1019,
  paid: 1002, group: 1013, lecture: 1015, overlapping: 1016, few: 1021,
};

const programs = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
/** For browsers that keep no cookies of other sites. */
export const strict = ["--test-third-party-cookie-phaseout"];
export const launch = (more = []) => chromium.launch({
  executablePath: programs.find((path) => path && existsSync(path)),
  args: ["--no-sandbox", ...more],
});

export const call = async (method, path, key, body) => {
  const answer = await fetch(server + path, {
    method,
    headers: { "Content-Type": "application/json", ...(key ? { Authorization: key } : {}) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : {};
};

/** An order begun over the Guest Manager API: its link opens the pages. */
export const order = async (lines, more = {}) => {
  const buyer = { email: "maya.lindqvist@example.com", first_name: "Maya", last_name: "Lindqvist" };
  const items = lines.map(([variant_id, quantity]) => ({ variant_id, quantity }));
  const body = { order: { currency: "USD", guest_checkout: true, line_items: items, ...buyer, ...more } };
  return call("POST", "/guest-manager/api/public/v2/orders", "Token sample-api-key", body);
};

/** A paid order over the same API, whose bank never answers: its payment is under way for as long as anybody looks. */
export const underWay = async () => {
  const begun = await order([[variants.paid, 1]]);
  const checkout = `/guest-manager/api/public/v2/checkout/${begun.id}`;
  const key = "Token sample-api-key";
  await call("PATCH", `${checkout}/next`, key, {});
  const home = { address1: "1 Pine St", city: "Seattle", zipcode: "98101", state_code: "WA", country_code: "US" };
  await call("PATCH", checkout, key, { order: { state: "address", bill_address: home } });
  const source = { brand: "visa", last_four: "1111", token: "tok_timeout", cardholder_name: "Maya" };
  await call("PATCH", checkout, key, { order: { state: "payment", payments: [{ payment_method_id: 1, source }] } });
  return begun;
};

/** An order of goods begun over the Solidus API. */
export const goods = async (count = 1) => {
  const { products } = await call("GET", "/solidus/api/products?per_page=5", "Bearer sample-admin-key");
  const variant = (products[0].variants[0] || products[0].master).id;
  const begun = await call("POST", "/solidus/api/orders", null, { order: { line_items: [{ variant_id: variant, quantity: count }] } });
  return { number: begun.number, link: `${server}/cart/checkout/${begun.number}?guest_token=${begun.token}` };
};

/** Changes what the merchant chose for checkouts. */
export const choices = (changes) => call(
  "PATCH", "/guest-manager/api/public/v2/admin/checkout_customizations/1", "Bearer sample-admin-key", { checkout_customization: changes },
);

/** Time passes on the server. */
export const pass = (seconds) => call("POST", "/admin/test/clock", "Bearer sample-admin-key", { advance_seconds: seconds });

/** A page in a fresh browser context; errors of scripts fail the test that looks for them. */
export const tab = async (browser, options = {}) => {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.problems.push(message.text()); });
  page.on("request", (request) => { if (!request.url().startsWith(server) && !request.url().startsWith("data:")) page.problems.push(`asked ${request.url()}`); });
  return page;
};

/** What every page promises. `name` names its pictures; `schemes`: the first with all rules, others for their colours. */
export const check = async (page, name, schemes = ["light", "dark"]) => {
  const script = await page.evaluate(() => true).catch(() => false);
  assert.ok(script, "the page can be looked at");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
  for (const scheme of schemes) {
    // A colour that is still on its way to another one has no contrast to judge.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    // Between light and dark only colours differ.
    const found = await (scheme === schemes[0] ? axe : axe.withRules(["color-contrast"])).analyze();
    const told = found.violations.map((rule) => `${rule.id}: ${rule.help} ${rule.nodes.map((node) => node.html).join(" | ")}`);
    assert.deepEqual(told, [], `${name}: axe, ${scheme}`);
    if (shots && name) await page.screenshot({ path: `${shots}/${name}-${scheme}.png`, fullPage: true, animations: "disabled" });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
  assert.deepEqual(page.problems, [], `${name}: scripts and requests`);
  await weigh(page);
};

/** Nothing sticks out of the page, and nothing is cut off within it. */
export const fits = async (page, name) => {
  const wide = await page.evaluate(() => {
    const root = document.documentElement;
    const out = root.scrollWidth > root.clientWidth ? [`the page by ${root.scrollWidth - root.clientWidth}`] : [];
    for (const one of document.querySelectorAll("h1, h2, p, li, dd, dt, button, a, label, legend, span, b")) {
      const box = one.getBoundingClientRect();
      const shown = box.width > 1 && box.height > 1 && one.checkVisibility({ visibilityProperty: true });
      if (shown && (box.right > root.clientWidth + 1 || box.left < -1)) out.push(`${one.tagName} ${one.textContent.trim().slice(0, 40)}`);
    }
    return out;
  });
  assert.deepEqual(wide, [], `${name} at ${page.viewportSize().width} px`);
};

const parts = new Map();
/** A style or script; they are named by their content, so once is enough. */
const part = async (link) => {
  if (!parts.has(link)) parts.set(link, await (await fetch(link)).text());
  return parts.get(link);
};

/** Compressed bytes of a page with its style and script. */
export const weigh = async (page) => {
  const html = await page.content();
  const links = await page.evaluate(() => [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.href || part.src));
  const texts = await Promise.all(links.map(part));
  const weight = [html, ...texts].map((text) => gzipSync(text).length).reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(gunzipSync(gzipSync(html)).length > 0 && weight <= WEIGHT, `${weight} bytes`);
  return weight;
};

/** Presses the way on and waits for the page behind it. */
export const goOn = async (page) => {
  await Promise.all([page.waitForLoadState("load"), page.locator(".go .btn[value=go]").click()]);
  await page.waitForLoadState("load");
};

export const heading = (page) => page.locator("h1").innerText();
