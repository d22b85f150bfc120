// Doors in dead ends, in a real browser: the timer, expiry and resume, the wait list, two languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, desktop, goOn, heading, launch, order, pass, phone, server, tab, underWay, variants } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

test("the timer warns, offers more time once, and loses nothing", async () => {
  const page = await tab(browser, phone);
  const begun = await order([[variants.named, 1]]);
  await page.goto(begun.links.checkout);
  await goOn(page);
  assert.match(await page.locator(".bar .clock").innerText(), /^14:\d\d$/);
  assert.equal(await page.locator(".bar .more").isVisible(), false, "quiet until it matters");
  await pass(13 * 60 + 20);
  await page.reload();
  await page.getByRole("alertdialog").waitFor();
  await check(page, "soon");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("alertdialog").isVisible(), false);
  await page.locator("input[name$=_name]").fill("Tom Oka");
  await page.locator(".bar .more").click();
  await page.waitForLoadState("load");
  await page.getByText("Held for 15 more minutes.").waitFor();
  assert.equal(await page.locator("input[name$=_name]").inputValue(), "Tom Oka");
  await pass(20 * 60);
  await page.goto(begun.links.cart);
  assert.match(await heading(page), /The hold ran out/);
  await check(page, "expired");
  await page.getByRole("button", { name: "Get my tickets back" }).click();
  await page.waitForURL(/tickets/);
  await page.context().close();
});

/** Presses the first way on of an order that cannot be bought now. */
const wayOn = (page) => Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.locator(".way .btn[value=go]").click()]);

for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  test(`sold out to the wait list, too early to a reservation, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    let begun = await order([[variants.requested, 2], [variants.poster, 1]]);
    await page.goto(begun.links.checkout);
    assert.match(await heading(page), /is sold out/);
    await check(page, `sold-out-rest-${kind}`);
    assert.equal(await page.locator(".clock").count(), 0, "what is sold out is not held");
    await page.getByRole("link", { name: "Cart" }).click();
    assert.equal(await heading(page), "Your cart");
    await check(page, `sold-out-cart-${kind}`);
    await goOn(page);
    await page.getByRole("button", { name: /^Continue without/ }).click();
    await page.waitForURL(/\/cart$/);
    assert.match(await page.locator(".go .btn").innerText(), /Continue to/);
    begun = await order([[variants.requested, 1]], { email: null, first_name: null, last_name: null });
    await page.goto(begun.links.checkout);
    await wayOn(page);
    await page.locator("#errors").waitFor();
    await check(page, `sold-out-errors-${kind}`);
    await page.locator("#email").fill("maya.lindqvist@example.com");
    await page.locator("#first_name").fill("Maya");
    await page.locator("#last_name").fill("Lindqvist");
    await page.keyboard.press("Enter");
    await page.getByText(/You are number \d+ on the wait list/).waitFor();
    await check(page, `requested-${kind}`);
    begun = await order([[variants.reserved, 2]]);
    await page.goto(begun.links.checkout);
    await check(page, `reserve-${kind}`);
    await page.getByRole("button", { name: "Reserve 2 places" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.endsWith("/offer"));
    assert.match(await heading(page), /Reserved for you\. Sales begin/);
    await check(page, `reserved-${kind}`);
    await page.context().close();
  });

  test(`three of a kind, chosen one by one, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    const begun = await order([[variants.master, 3]]);
    await page.goto(begun.links.checkout);
    await goOn(page);
    assert.match(page.url(), /customize$/);
    await goOn(page);
    await page.getByText("Please choose 3 in all. It is 0 now.").first().waitFor();
    await check(page, `customize-errors-${kind}`);
    const counts = page.locator(".qty input");
    await counts.nth(0).fill("1");
    await counts.nth(1).fill("2");
    await check(page, `customize-${kind}`);
    await goOn(page);
    assert.doesNotMatch(page.url(), /customize$/);
    await page.context().close();
  });

  test(`giving up, overlapping events, and a payment under way, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    let begun = await order([[variants.lecture, 1], [variants.overlapping, 1]]);
    await page.goto(begun.links.checkout);
    await goOn(page);
    assert.match(page.url(), /conflict$/);
    await check(page, `conflict-${kind}`);
    await page.goto(begun.links.cart);
    await page.getByRole("link", { name: "Cancel this order" }).click();
    await check(page, `cancel-${kind}`);
    await page.locator("button[value=cancel]").click();
    await page.getByText("This order was cancelled").waitFor();
    await check(page, `canceled-${kind}`);
    begun = await underWay();
    await page.goto(begun.links.checkout);
    assert.match(await heading(page), /Confirming your payment/);
    await check(page, `processing-${kind}`);
    await page.goto(`${server}/cart/checkout/${begun.number}0?guest_token=nonsense`);
    await page.getByText("We cannot open this").waitFor();
    page.problems = [];
    await check(page, `not-found-${kind}`);
    await page.context().close();
  });

  test(`what is gone is shown per line, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    const begun = await order([[variants.few, 3], [variants.named, 1]]);
    await page.goto(begun.links.checkout);
    await pass(15 * 60 + 1);
    const others = await order([[variants.few, 5]]);
    await page.goto(begun.links.checkout);
    assert.match(await heading(page), /The hold ran out/);
    await check(page, `expired-${kind}`);
    await page.getByRole("button", { name: "Get my tickets back" }).click();
    await page.getByText("Sold out").first().waitFor();
    await check(page, `gone-${kind}`);
    await page.locator("button[value=drop]").click();
    await page.waitForLoadState("load");
    await page.goto(others.links.cart);
    await page.getByRole("link", { name: "Cancel this order" }).click();
    await page.locator("button[value=cancel]").click();
    await page.getByText("This order was cancelled").waitFor();
    await page.context().close();
  });
}

test("German, and a switch that keeps what was typed", async () => {
  const page = await tab(browser, { ...phone, locale: "de-DE" });
  const begun = await order([[variants.named, 1]]);
  await page.goto(begun.links.checkout);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await heading(page), "Ihr Warenkorb");
  await check(page, "cart-de");
  await page.locator("#first_name").fill("Zoë");
  await page.getByRole("button", { name: "EN, English" }).click();
  await page.waitForLoadState("load");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.locator("#first_name").inputValue(), "Zoë");
  await page.context().close();
});

test("small screens and large text do not break a page", async () => {
  const page = await tab(browser, { viewport: { width: 320, height: 700 } });
  const begun = await order([[variants.named, 2], [variants.poster, 1]], { first_name: "W".repeat(120) });
  await page.goto(begun.links.checkout);
  await check(page, "cart-320");
  await goOn(page);
  await page.locator(".keep").first().check();
  await check(page, "attendees-320");
  await page.context().close();
});
