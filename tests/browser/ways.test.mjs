// Doors in dead ends, in a real browser: the timer, expiry and resume, the wait list, two languages, and the popup on a
// page of another origin.
import assert from "node:assert/strict";
import { createServer } from "node:http";
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

for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  test(`sold out to the wait list, too early to a reservation, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    let begun = await order([[variants.requested, 1]]);
    await page.goto(begun.links.checkout);
    await check(page, `sold-out-${kind}`);
    await goOn(page);
    assert.match(await heading(page), /You are number \d+ on the wait list/);
    await check(page, `requested-${kind}`);
    begun = await order([[variants.reserved, 1]]);
    await page.goto(begun.links.checkout);
    await check(page, `reserve-${kind}`);
    await goOn(page);
    assert.match(await heading(page), /Reserved for you\. Sales begin/);
    await check(page, `reserved-${kind}`);
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

test("the popup on a page of another origin", async () => {
  const begun = await order([[variants.free, 1]]);
  const shop = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<!doctype html><title>Shop</title><script src="${server}/embed.js"></script><button id="buy">Buy</button><script>
      window.told = [];
      document.getElementById("buy").onclick = () => GuestCheckout.open({ url: ${JSON.stringify(begun.links.checkout)}, onEvent: (event) => told.push(event) });
    </script>`);
  });
  await new Promise((ready) => shop.listen(0, "localhost", ready));
  const page = await (await browser.newContext({ ...desktop, locale: "en-GB" })).newPage();
  try {
    await page.goto(`http://localhost:${shop.address().port}/`);
    await page.locator("#buy").click();
    const frame = page.frameLocator("iframe");
    await frame.getByText("Your cart").waitFor();
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies, [], "a frame leaves no cookies");
    await frame.locator(".go .btn[value=go]").click();
    await frame.getByText("You are going!").waitFor();
    const told = await page.evaluate(() => window.told);
    const types = [...new Set(told.map((event) => event.type))];
    for (const type of ["ready", "step", "resize", "complete"]) assert.ok(types.includes(type), `${type} among ${types}`);
    const last = told.filter((event) => event.type === "complete").at(-1);
    assert.deepEqual(Object.keys(last.order).sort(), ["checkout_steps", "expires_at", "number", "state"]);
    assert.equal(last.order.state, "complete");
    assert.ok(!JSON.stringify(told).includes("maya"), "nothing about the buyer");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Close" }).click();
    assert.equal(await page.locator("iframe").count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), "buy", "the focus is back");
  } finally {
    shop.close();
    await page.context().close();
  }
});
