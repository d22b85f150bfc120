// The checkout in a dialog on a shop's own page, another site that keeps none of our cookies: what the shop's page is
// told and when, leaving, paying at a bank, and what is refused.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { choices, desktop, launch, order, pass, phone, server, strict, underWay, variants } from "./lib.mjs";

let browser;
let shop;
before(async () => {
  // A browser that blocks cookies of other sites, as most do.
  browser = await launch(strict);
  shop = createServer((request, answer) => {
    const asked = new URL(request.url, "http://shop");
    const link = asked.searchParams.get("link");
    const loader = `<script src="${asked.searchParams.get("loader") || server}/embed.js"></script>`;
    const early = asked.searchParams.has("early") ? `<script>begin();</script>` : "";
    answer.setHeader("Content-Type", "text/html");
    if (asked.pathname === "/plain") {
      answer.end(`<!doctype html><title>Shop</title><iframe width=380 height=800 src="${link.replaceAll("&", "&amp;")}&amp;embed=1"></iframe>`);
      return;
    }
    answer.end(`<!doctype html><html lang="${asked.searchParams.get("lang") || "en"}"><head><title>Shop</title>${loader}<script>
      window.told = [];
      window.begin = () => { window.opened = GuestCheckout.open({ url: ${JSON.stringify(link)}, onEvent: (event) => told.push(event) }); };
      </script>${early}</head><body><h1>Shop</h1><button id="buy" onclick="begin()">Buy</button></body></html>`);
  });
  await new Promise((ready) => shop.listen(0, "localhost", ready));
});
after(async () => {
  shop.close();
  await browser.close();
});

const shopOrigin = () => `http://localhost:${shop.address().port}`;

/** The shop's page in a fresh browser, with an order to open. */
const atShop = async (link, { device = desktop, more = {}, locale = "en-GB" } = {}) => {
  const page = await (await browser.newContext({ ...device, locale })).newPage();
  await page.goto(`${shopOrigin()}/?${new URLSearchParams({ link, ...more })}`);
  return page;
};
const bought = async (link, options) => {
  const page = await atShop(link, options);
  await page.locator("#buy").click();
  return { page, frame: page.frameLocator("iframe") };
};
const told = (page) => page.evaluate(() => window.told);
const types = async (page) => (await told(page)).map((event) => event.type).filter((type) => type !== "resize");
const until = async (page, type) => page.waitForFunction((type) => window.told.some((event) => event.type === type), type);
const goOn = (frame) => frame.locator(".go .btn[value=go]").click();
const question = (page) => page.getByRole("alertdialog");
const billing = async (frame) => {
  await frame.locator("#bill_address1").fill("2117 Alder Street");
  await frame.locator("#bill_city").fill("Seattle");
  await frame.locator("#bill_state").selectOption({ label: "Washington" });
  await frame.locator("#bill_zipcode").fill("98101");
};

test("the shop is told how the order stands, step by step, and nothing about the buyer", async () => {
  const begun = await order([[variants.free, 1]]);
  const { page, frame } = await bought(begun.links.checkout);
  await frame.getByRole("heading", { name: "Your cart" }).waitFor();
  assert.deepEqual(await page.context().cookies(), [], "a frame leaves no cookies");
  await goOn(frame);
  await frame.getByText("You are going!").waitFor();
  await until(page, "complete");
  assert.deepEqual(await types(page), ["ready", "step", "ready", "complete"]);
  const all = await told(page);
  for (const event of all) {
    assert.deepEqual([event.source, event.v], ["guest-checkout", 1]);
    assert.deepEqual(Object.keys(event.order).sort(), ["checkout_steps", "expires_at", "number", "state"]);
    assert.equal(event.order.number, begun.number);
  }
  const [first, last] = [all.find((event) => event.type === "step"), all.find((event) => event.type === "complete")];
  assert.equal(first.order.state, "cart");
  assert.ok(Date.parse(first.order.expires_at) > Date.now());
  assert.deepEqual([last.order.state, last.order.expires_at], ["complete", null]);
  const heights = all.filter((event) => event.type === "resize").map((event) => event.data.height);
  assert.ok(heights.length >= 2 && heights.every((height) => height > 200), String(heights));
  const secret = new URL(begun.links.checkout).searchParams.get("guest_token");
  const text = JSON.stringify(all);
  assert.ok(secret && !text.includes(secret) && !/maya|lindqvist|@/i.test(text), text);
  await page.keyboard.press("Escape");
  await page.locator("iframe").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "buy", "the focus is back");
  const over = (await told(page)).at(-1);
  assert.deepEqual([over.type, over.order.state], ["close", "complete"]);
  await page.context().close();
});

test("mistakes, the end of a hold, and taking it up again are told", async () => {
  const begun = await order([[variants.named, 1]]);
  const { page, frame } = await bought(begun.links.checkout);
  await goOn(frame);
  await frame.getByRole("heading", { name: "Who is coming?" }).waitFor();
  await goOn(frame);
  await until(page, "error");
  const wrong = (await told(page)).find((event) => event.type === "error");
  assert.equal(wrong.data.type, "validation");
  assert.match(wrong.data.message, /\S/);
  assert.equal(await frame.locator("#errors").evaluate((box) => box === document.activeElement), true, "it keeps the focus");
  await pass(13 * 60 + 30);
  await frame.locator("input[name$=_name]").fill("Tom Okafor");
  await goOn(frame);
  await until(page, "expiring");
  const soon = (await told(page)).find((event) => event.type === "expiring");
  assert.ok(soon.data.seconds > 0 && soon.data.seconds <= 120);
  await frame.getByRole("alertdialog").waitFor();
  await pass(120);
  await frame.getByRole("button", { name: "No, I am nearly done" }).click();
  await frame.locator("a.back").click();
  await frame.getByRole("heading", { name: /The hold ran out/ }).waitFor();
  await until(page, "expired");
  const ended = (await told(page)).find((event) => event.type === "expired");
  assert.deepEqual([ended.order.state, ended.order.expires_at], ["expired", null]);
  await frame.getByRole("button", { name: "Get my tickets back" }).click();
  await until(page, "resumed");
  const after = (await types(page)).slice((await types(page)).indexOf("resumed"));
  assert.deepEqual(after.slice(0, 2), ["resumed", "step"]);
  const back = (await told(page)).find((event) => event.type === "resumed");
  assert.equal(back.order.state, "address");
  await page.context().close();
});

for (const [name, button] of [["requested", /wait list/], ["reserved", /^Reserve/]]) {
  test(`an order that is ${name} is told`, async () => {
    const { page, frame } = await bought((await order([[variants[name], 1]])).links.checkout);
    await frame.getByRole("button", { name: button }).click();
    await until(page, name);
    assert.equal((await told(page)).at(-1).order.state, name);
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("iframe").waitFor({ state: "detached" });
    await page.context().close();
  });
}

test("leaving asks once, and says what is held", async () => {
  const begun = await order([[variants.named, 1]]);
  const { page, frame } = await bought(begun.links.checkout);
  await frame.getByRole("heading", { name: "Your cart" }).waitFor();
  // Nothing typed, nothing begun: nothing is asked.
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("iframe").waitFor({ state: "detached" });
  await page.locator("#buy").click();
  await frame.locator("#first_name").fill("Zoë");
  await page.keyboard.press("Escape");
  await question(page).waitFor();
  assert.match(await question(page).innerText(), /Leave checkout\?\s+Your tickets stay held for 1[45]:\d\d\. What you typed on this page is not saved yet\./);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Stay", "the first answer has the focus");
  const seen = await new AxeBuilder({ page }).exclude("iframe").include("dialog").analyze();
  assert.deepEqual(seen.violations.map((rule) => `${rule.id} ${rule.nodes.map((node) => node.html)}`), []);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Leave");
  await page.keyboard.press("Escape");
  await question(page).waitFor({ state: "detached" });
  assert.equal(await frame.locator("#first_name").inputValue(), "Zoë");
  assert.equal(await frame.locator("#first_name").evaluate((field) => field === document.activeElement), true, "back where it was");
  // Under way it asks, typed or not; Escape twice without anything between is no way around it.
  await goOn(frame);
  await frame.getByRole("heading", { name: "Who is coming?" }).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("Escape");
  await question(page).waitFor();
  assert.match(await question(page).innerText(), /stay held for 1[45]:\d\d\.\s+Stay/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await question(page).waitFor();
  await page.getByRole("button", { name: "Leave" }).click();
  await page.locator("iframe").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "buy");
  assert.deepEqual((await types(page)).filter((type) => type === "close"), ["close", "close"]);
  assert.equal((await told(page)).at(-1).order.state, "tickets");
  await page.context().close();
});

test("the question is asked in the language of the checkout, and of a payment it says that it goes on", async () => {
  const { page, frame } = await bought((await underWay()).links.checkout, { locale: "de-DE" });
  await frame.getByRole("heading", { name: "Ihre Zahlung wird bestätigt" }).waitFor();
  await until(page, "processing");
  await page.getByRole("button", { name: "Schließen" }).click();
  assert.match(await question(page).innerText(), /Kasse verlassen\?\s+Ihre Zahlung läuft weiter\./);
  assert.equal(await page.locator("dialog.guest-checkout").getAttribute("lang"), "de");
  await page.getByRole("button", { name: "Verlassen" }).click();
  await page.locator("iframe").waitFor({ state: "detached" });
  await page.context().close();
});

test("giving the order up closes the dialog; an order given up before is shown", async () => {
  const begun = await order([[variants.named, 1]]);
  const { page, frame } = await bought(begun.links.checkout);
  await frame.getByRole("link", { name: "Cancel this order" }).click();
  await frame.locator("button[value=cancel]").click();
  await page.locator("iframe").waitFor({ state: "detached" });
  const last = (await told(page)).at(-1);
  assert.deepEqual([last.type, last.order.state], ["close", "canceled"]);
  await page.locator("#buy").click();
  await frame.getByText("This order was cancelled").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("iframe").waitFor({ state: "detached" });
  await page.context().close();
});

test("opened twice, too early, at another host, and with what is no address", async () => {
  const begun = await order([[variants.named, 1]]);
  const page = await atShop(begun.links.checkout, { more: { early: "1" } });
  const frame = page.frameLocator("iframe");
  await frame.getByRole("heading", { name: "Your cart" }).waitFor();
  const same = await page.evaluate(() => { const first = window.opened; begin(); return first === window.opened; });
  assert.ok(same && await page.locator("iframe").count() === 1, "the open one comes back");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "IFRAME");
  await page.evaluate(() => window.opened.close());
  assert.equal(await page.locator("iframe").count(), 0);
  for (const url of ["http://", "javascript:alert(1)", "", undefined, "data:text/html,x"]) {
    const said = await page.evaluate((url) => {
      try { GuestCheckout.open({ url }); return "nothing"; } catch (error) { return `${error.name} ${error.message}`; }
    }, url);
    assert.ok(said.startsWith("TypeError") && said.includes(`"${url}"`), said);
    assert.equal(await page.locator("iframe").count(), 0);
  }
  // A loader of one host opens the checkout of another, and listens to that one.
  const other = await bought(begun.links.checkout, { more: { loader: server.replace("127.0.0.1", "localhost") } });
  await until(other.page, "step");
  await other.page.context().close();
  await page.context().close();
});

test("words of others are not listened to, on either side", async () => {
  const begun = await order([[variants.named, 1]]);
  const { page, frame } = await bought(begun.links.checkout);
  await until(page, "step");
  const before = (await types(page)).length;
  // The shop's own page, and a frame of the shop, are not the checkout.
  await page.evaluate(async () => {
    const forged = { source: "guest-checkout", v: 1, type: "complete", order: { state: "complete" }, data: {} };
    window.postMessage(forged, "*");
    const other = document.createElement("iframe");
    other.srcdoc = `<script>parent.postMessage(${JSON.stringify(forged)}, "*")</scr` + "ipt>";
    document.body.append(other);
    await new Promise((ready) => other.addEventListener("load", ready));
    await new Promise((ready) => setTimeout(ready, 200));
    other.remove();
  });
  assert.equal((await types(page)).length, before);
  // The page in the frame hears the page around it, and no frame within that.
  await frame.locator("#first_name").fill("Zoë");
  await page.evaluate(async () => {
    const other = document.createElement("iframe");
    other.srcdoc = `<script>parent.frames[0].postMessage({ source: "guest-checkout", v: 1, type: "close" }, "*")</scr` + "ipt>";
    document.body.append(other);
    await new Promise((ready) => other.addEventListener("load", ready));
    await new Promise((ready) => setTimeout(ready, 600));
    other.remove();
  });
  assert.equal(await question(page).count(), 0);
  await page.evaluate((server) => {
    window.frames[0].postMessage({ source: "guest-checkout", v: 1, type: "close" }, server);
  }, server);
  await question(page).waitFor();
  await page.context().close();
});

test("origins that are not listed show nothing, and the shop is told so", async () => {
  const begun = await order([[variants.named, 1]]);
  await choices({ allowed_embed_origins: ["https://theatre.example"] });
  try {
    const { page } = await bought(begun.links.checkout);
    await until(page, "error");
    assert.deepEqual(await types(page), ["error"]);
    assert.equal((await told(page)).at(-1).data.type, "unavailable");
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("iframe").waitFor({ state: "detached" });
    await choices({ allowed_embed_origins: [shopOrigin()] });
    await page.locator("#buy").click();
    await page.frameLocator("iframe").getByRole("heading", { name: "Your cart" }).waitFor();
    await until(page, "ready");
    await page.context().close();
  } finally {
    await choices({ allowed_embed_origins: [] });
  }
});

/** A paid order in the dialog, up to the page that leads to the bank. */
const atPayment = async (options) => {
  const begun = await order([[variants.named, 1]]);
  const { page, frame } = await bought(begun.links.checkout, options);
  await goOn(frame);
  await frame.locator(".keep").first().check();
  await goOn(frame);
  await billing(frame);
  await goOn(frame);
  await frame.getByRole("heading", { name: "How would you like to pay?" }).waitFor();
  await goOn(frame);
  const link = frame.getByRole("link", { name: "Continue to the bank" });
  await link.waitFor();
  const [bank] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await bank.waitForURL(/simulator\/payments/);
  await frame.getByRole("heading", { name: "Confirming your payment" }).waitFor();
  return { begun, page, frame, bank };
};

for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  test(`paying at a bank in a tab of its own, on a ${kind}`, async () => {
    const { page, frame, bank } = await atPayment({ device });
    assert.equal(await bank.evaluate(() => window.opener), null, "the bank cannot reach the page it came from");
    // Declined first: the tab says so, the dialog stands at the payment again.
    await bank.getByRole("button", { name: "Decline it" }).click();
    await bank.getByRole("heading", { name: "Your payment was declined" }).waitFor();
    assert.match(await bank.locator("main").innerText(), /You can close this tab/);
    const seen = await new AxeBuilder({ page: bank }).analyze();
    assert.deepEqual(seen.violations.map((rule) => rule.id), []);
    await bank.close();
    await frame.getByText("Your payment was declined").waitFor();
    await goOn(frame);
    const link = frame.getByRole("link", { name: "Continue to the bank" });
    const [again] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await again.getByRole("button", { name: "Approve the payment" }).click();
    await again.getByRole("heading", { name: "Your payment is confirmed" }).waitFor();
    await frame.getByText("You are going!").waitFor();
    await until(page, "complete");
    const order = (await types(page)).filter((type) => type !== "ready");
    assert.ok(order.indexOf("processing") < order.indexOf("complete"), String(order));
    assert.equal(page.url().startsWith(shopOrigin()), true, "the shop's page is still there");
    // Whoever lost the dialog goes on in the tab.
    await again.getByRole("link", { name: "Go on here instead" }).click();
    await again.getByText("You are going!").waitFor();
    assert.ok(!again.url().includes("guest_token"));
    const cookies = await page.context().cookies();
    assert.ok(cookies.length > 0 && cookies.every((cookie) => cookie.sameSite === "Lax"), "only of the tab, never of the frame");
    await page.context().close();
  });
}

test("a bank's tab that was shut without an answer leaves ways on", async () => {
  const { page, frame, bank } = await atPayment({});
  await bank.close();
  await frame.getByRole("link", { name: "Check again" }).click();
  await frame.getByRole("heading", { name: "Confirming your payment" }).waitFor();
  await frame.getByRole("link", { name: "Open the bank's page again" }).waitFor();
  await frame.getByRole("button", { name: "Pay in another way" }).click();
  await frame.getByRole("heading", { name: "How would you like to pay?" }).waitFor();
  await page.context().close();
});

test("in a frame without a script the payment goes on by links", async () => {
  const begun = await order([[variants.named, 1]]);
  const page = await (await browser.newContext({ ...phone, locale: "en-GB", javaScriptEnabled: false })).newPage();
  // No loader without a script: a shop writes the frame itself.
  await page.goto(`${shopOrigin()}/plain?${new URLSearchParams({ link: begun.links.checkout })}`);
  const frame = page.frameLocator("iframe");
  await goOn(frame);
  await frame.locator("input[name$=_name]").fill("Tom Okafor");
  await goOn(frame);
  await billing(frame);
  await goOn(frame);
  await goOn(frame);
  const link = frame.getByRole("link", { name: "Continue to the bank" });
  const [bank] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await bank.getByRole("button", { name: "Approve the payment" }).click();
  await bank.getByRole("heading", { name: "Your payment is confirmed" }).waitFor();
  await frame.getByRole("link", { name: "Check again" }).click();
  await frame.getByText("You are going!").waitFor();
  await page.context().close();
});
