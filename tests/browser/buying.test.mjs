// From the cart to the confirmation in a real browser: tickets and goods, on a phone and on a desktop, with the bank
// between; every page is looked at by axe on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, desktop, goOn, goods, heading, launch, order, phone, tab, variants, weigh } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  test(`two tickets and a poster, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    const begun = await order([[variants.named, 2], [variants.poster, 1]]);
    await page.goto(begun.links.checkout);
    assert.ok(!page.url().includes("guest_token"), "the secret is out of the address bar");
    assert.equal(await heading(page), "Your cart");
    await check(page, `cart-${kind}`);
    const weight = await weigh(page);
    assert.ok(weight > 1000 && weight < 60 * 1024);
    await goOn(page);
    await goOn(page);
    assert.match(await page.title(), /^2 to mend: Who is coming\?/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "errors", "the summary has the focus");
    await check(page, `attendees-errors-${kind}`);
    await page.locator(".keep").first().check();
    await page.locator("input[name$=_name]").nth(1).fill("Tom Okafor");
    await goOn(page);
    await check(page, `address-${kind}`);
    await page.locator("#ship_address1").fill("2117 Alder Street");
    await Promise.all([page.waitForNavigation(), page.locator("#ship_country").selectOption("JP")]);
    assert.equal(await page.locator("#ship_address1").inputValue(), "2117 Alder Street");
    await page.getByText("Prefecture").first().waitFor();
    await Promise.all([page.waitForNavigation(), page.locator("#ship_country").selectOption("US")]);
    await page.locator("#ship_city").fill("Seattle");
    await page.locator("#ship_state").selectOption({ label: "Washington" });
    await page.locator("#ship_zipcode").fill("98101");
    await goOn(page);
    await check(page, `delivery-${kind}`);
    await goOn(page);
    await check(page, `payment-${kind}`);
    assert.match(await page.locator(".go .btn").innerText(), /^Pay \$\d+\.\d\d$/);
    await page.getByText("Check", { exact: true }).click();
    assert.match(await page.locator(".go .btn").innerText(), /^Order now, pay \$\d+\.\d\d by Check$/);
    await page.getByText("Credit Card").click();
    await goOn(page);
    await page.waitForURL(/simulator\/payments/);
    await page.getByRole("button", { name: "Decline it" }).click();
    await page.waitForURL(/\/payment$/);
    await page.getByText("Your payment was declined").waitFor();
    await check(page, `declined-${kind}`);
    await goOn(page);
    await page.waitForURL(/simulator\/payments/);
    await page.getByRole("button", { name: "Approve the payment" }).click();
    await page.waitForURL(new RegExp(`${begun.number}$`));
    assert.equal((await heading(page)).replace(/\s+/g, " "), "Thank you, Maya. You are going!");
    assert.equal(await page.locator(".ticket").count(), 2);
    await check(page, `complete-${kind}`);
    await page.goBack();
    await page.waitForURL(new RegExp(`${begun.number}$|simulator`));
    await page.context().close();
  });

  test(`goods begun in another API, on a ${kind}`, async () => {
    const page = await tab(browser, device);
    const begun = await goods();
    await page.goto(begun.link);
    await page.locator("#email").fill("maya.lindqvist@example.com");
    await page.locator("#first_name").fill("Maya");
    await page.locator("#last_name").fill("Lindqvist");
    await page.getByRole("button", { name: /^One more/ }).click();
    await page.waitForLoadState("load");
    assert.equal(await page.locator(".lines output").innerText(), "2");
    assert.equal(await page.locator("#first_name").inputValue(), "Maya", "typed before, and kept");
    await goOn(page);
    await page.locator("#ship_address1").fill("2117 Alder Street");
    await page.locator("#ship_city").fill("Seattle");
    await page.locator("#ship_state").selectOption({ label: "Washington" });
    await page.locator("#ship_zipcode").fill("98101");
    await goOn(page);
    await goOn(page);
    await page.getByText("Check", { exact: true }).click();
    await goOn(page);
    assert.match(await heading(page), /Your order is on its way to you/);
    await check(page, `goods-${kind}`);
    await page.context().close();
  });
}

test("without a script", async () => {
  const page = await tab(browser, { ...phone, javaScriptEnabled: false });
  const begun = await order([[variants.named, 1]]);
  await page.goto(begun.links.checkout);
  await page.getByText("Held until").first().waitFor();
  await page.locator(".go .btn").click();
  await page.locator("input[name$=_name]").fill("Tom Okafor");
  await page.locator(".go .btn").click();
  await page.locator("#bill_country").selectOption("DE");
  await page.getByRole("button", { name: "Show the fields of this country" }).click();
  await page.locator("#bill_address1").fill("Unter den Linden 1");
  await page.locator("#bill_zipcode").fill("10117");
  await page.locator("#bill_city").fill("Berlin");
  await page.locator(".go .btn").click();
  await page.locator(".go .btn").click();
  await page.getByRole("link", { name: "Continue to the bank" }).click();
  await page.getByRole("button", { name: "Approve the payment" }).click();
  assert.match(await heading(page), /You are going!/);
  await page.context().close();
});

test("with the keyboard alone", async () => {
  const page = await tab(browser, desktop);
  const begun = await order([[variants.named, 1]]);
  await page.goto(begun.links.checkout);
  /** Tab by tab to what has this text or name; no trap on the way. */
  const to = async (wanted) => {
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const one = document.activeElement;
        return `${one.innerText ?? ""}|${one.name ?? ""}|${one.id ?? ""}`;
      });
      if (at.includes(wanted)) return;
    }
    assert.fail(`${wanted} cannot be reached`);
  };
  const enter = async () => { await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]); };
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement.className), /skip/, "first the way past the header");
  await to("Continue to attendees");
  await enter();
  await to("_keep");
  await page.keyboard.press("Space");
  await to("Continue to address");
  await enter();
  for (const [field, text] of [["bill_address1", "2117 Alder Street"], ["bill_city", "Seattle"]]) {
    await to(field);
    await page.keyboard.type(text);
  }
  await to("bill_state");
  await page.keyboard.press("ArrowDown");
  await to("bill_zipcode");
  await page.keyboard.type("98101");
  await to("Continue to payment");
  await enter();
  await to("method");
  await page.keyboard.press("ArrowDown");
  await to("Order now, pay");
  await enter();
  assert.match(await heading(page), /You are going!/);
  await page.context().close();
});
