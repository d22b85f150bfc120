// A purchase of services or credit, in a real browser: the stand-in platform's page, and the confirmation page for each
// thing that can have become of the money, on phone and desktop, in both languages, by day and by night.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, desktop, heading, launch, phone, server, tab } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

/** A checkout of a customer; answers what the application is told. */
const buy = async (body, customer = "tok_ada") => {
  const answer = await fetch(`${server}/ping/1.0/private/user/checkout/create`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Application-API-Public-Key": "app-pub-demo",
      "X-Application-API-Private-Key": "app-priv-demo",
      "X-Application-Forwarded-Client-IP-Address": "8.8.8.8",
      Authorization: customer,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  return JSON.parse(text).data;
};

const services = (method, quantity = 5) => ({
  line_items: [{ price_id: "price_isp_us_1m", quantity }], payment_method_id: method,
  apply_customer_credit: false, promotional_code: "HALFOFF",
});
const credit = (method) => ({ is_top_up: true, top_up_amount: 2500, payment_method_id: method });

/** The promises of every page, by day and by night. */
const both = async (page, name) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await check(page, undefined);
  await page.emulateMedia({ colorScheme: "light" });
  await check(page, name);
};

const press = async (page, name) => {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForLoadState("load");
};

for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  test(`pending, paid and back on a ${kind}`, async () => {
    const page = await tab(browser, device);
    await page.goto((await buy(services("stripe:card"))).redirect_url);
    await both(page, `platform-card-${kind}`);
    await press(page, "Ask for 3-D Secure");
    await both(page, `platform-bank-${kind}`);
    const platform = page.url();
    await press(page, "Yes, it was me");
    assert.equal(await heading(page), "Your order has been placed");
    await both(page, `paid-${kind}`);
    await page.goto(platform);
    await both(page, `platform-over-${kind}`);
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await page.waitForLoadState("load");
    assert.equal(await heading(page), "Your order has been placed");
  });

  test(`too little, too much and not at all on a ${kind}`, async () => {
    const page = await tab(browser, device);
    await page.goto((await buy(services("coinpayments:btc", 20))).redirect_url);
    await both(page, `platform-coins-${kind}`);
    await press(page, "Pay too little");
    assert.equal(await heading(page), "A part of your payment is missing");
    await both(page, `underpaid-${kind}`);
    await page.getByRole("link", { name: "Go to the payment" }).click();
    await page.waitForLoadState("load");
    await both(page, `platform-rest-${kind}`);
    await press(page, "Pay too much");
    assert.equal(await heading(page), "Your order has been placed");
    assert.match(await page.locator("main").innerText(), /added to your credit/);
    await both(page, `surplus-${kind}`);
    for (const [button, body, said, name] of [
      ["Decline", services("stripe:card"), "This order was not placed", "failed"],
      ["Cancel", credit("stripe:card"), "This top-up was not placed", "no-top-up"],
      ["Pay", credit("bitpay:btc"), "Your top-up has been placed", "topped-up"],
    ]) {
      await page.goto((await buy(body)).redirect_url);
      await press(page, button);
      assert.equal(await heading(page), said);
      await both(page, `${name}-${kind}`);
    }
  });

  test(`the same in German on a ${kind}`, async () => {
    const page = await tab(browser, { ...device, locale: "de-DE" });
    const begun = await buy(services("coinpayments:ltc", 20));
    await page.goto(begun.redirect_url);
    await press(page, "Pay too little");
    assert.equal(await heading(page), "Ein Teil Ihrer Zahlung fehlt");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    await both(page, `underpaid-de-${kind}`);
    await page.goto(`${server}/ping/1.0/checkout/return/${begun.order_id}`);
    assert.equal(await heading(page), "Vielen Dank", "who knows a number only is told nothing");
    await both(page, `thanks-de-${kind}`);
  });

  test(`waiting on a ${kind}`, async () => {
    const page = await tab(browser, device);
    const begun = await buy(services("stripe:card"));
    await page.goto(begun.redirect_url);
    const back = page.url();
    // The buyer comes back by the browser's own means: nothing is paid, nothing is over.
    await page.setExtraHTTPHeaders({
      "X-Application-API-Public-Key": "app-pub-demo", "X-Application-API-Private-Key": "app-priv-demo", Authorization: "tok_ada",
    });
    await page.goto(begun.confirmation_url);
    assert.equal(await heading(page), "Waiting for your payment");
    await both(page, `waiting-${kind}`);
    assert.equal(await page.getByRole("link", { name: "Go to the payment" }).getAttribute("href"), back);
  });
}
