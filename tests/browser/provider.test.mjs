// A checkout that a provider leads, in a browser: its hosted page, the order's page behind its signed link, the basket
// after leaving. The pages of the stand-in are looked at with the same eyes as ours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, desktop, heading, launch, phone, server, tab, weigh } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const answered = async (answer) => {
  const text = await answer.text();
  assert.ok(answer.ok(), `${answer.url()}: ${answer.status()} ${text}`);
  return JSON.parse(text);
};

/** A tab with a basket in it, at the provider's page. Requests share the tab's cookies, as a storefront's do. */
const atProvider = async (device, things) => {
  const page = await tab(browser, device);
  const { csrf_token } = await answered(await page.request.get(`${server}/csrf_token/`));
  const post = async (path, data) => answered(await page.request.post(server + path, { data, headers: { "X-CSRFToken": csrf_token } }));
  let basket;
  for (const [product, quantity] of things) ({ basket } = await post("/baskets/basket/", { product, quantity }));
  const at = (name) => `/orders/checkout-provider/?page=CheckoutProvider${name}Page`;
  await post(at("Index"), { basket_id: basket.pk });
  const { redirect_url } = await post(at("Selection"), { basket_id: basket.pk, checkout_provider: 1 });
  await page.goto(redirect_url);
  return page;
};

const press = async (page, name) => {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForLoadState("load");
};

for (const [kind, device] of [["phone", phone], ["desktop", desktop], ["without-script", { ...phone, javaScriptEnabled: false }]]) {
  const looked = kind === "without-script" ? async () => {} : check;

  test(`a checkout at the provider's page, ${kind}`, async () => {
    const page = await atProvider(device, [[1, 2], [2, 1]]);
    assert.equal(await heading(page), "Where should it go?");
    await looked(page, `provider-address-${kind}`);
    await page.getByLabel("Country code").fill("DE");
    await press(page, "Continue");
    assert.equal(await page.getByRole("alert").count(), 1, "the shop delivers to Turkey only");
    await page.getByLabel("Country code").fill("TR");
    await press(page, "Continue");
    assert.equal(await heading(page), "How should it travel?");
    await looked(page, `provider-shipping-${kind}`);
    await page.getByLabel(/49\.90/).check();
    await press(page, "Continue");
    assert.equal(await heading(page), "Pay");
    await looked(page, `provider-pay-${kind}`);
    await press(page, "Pay");
    assert.match(await page.getByRole("alert").innerText(), /You must accept agreement to continue\./);
    await looked(page, `provider-refused-${kind}`);
    await page.getByRole("checkbox").check();
    await page.getByLabel("Installments").selectOption("6");
    await press(page, "Pay");
    await page.waitForURL(/\/orders\/checkout-provider-completed\//);
    assert.equal(await heading(page), "Thank you for your order");
    // 2 × 199.90 + 459.00, delivery 49.90, interest of 4.5 %.
    const text = await page.locator("main").innerText();
    for (const part of ["₺399.80", "₺459.00", "₺49.90", "₺38.65", "₺947.35", "Ayşe Yılmaz", "34710 Kadıköy"]) {
      assert.ok(text.includes(part), `${part} is not in:\n${text}`);
    }
    await looked(page, `provider-completed-${kind}`);
    if (kind !== "without-script") await weigh(page);
    // A link that was changed opens nothing.
    const changed = await page.request.get(page.url().replace(/:([^:/]+)\/$/, ":forged/"));
    assert.equal(changed.status(), 404);
    await page.context().close();
  });
}

test("an agreement is shown in a frame that can do nothing", async () => {
  const page = await atProvider(phone, [[1, 1]]);
  await press(page, "Continue");
  await press(page, "Continue");
  await page.goto(await page.locator("a[href*='/agreements/']").first().getAttribute("href"));
  const frame = page.locator("iframe");
  // Nothing runs in there, axe neither; so the text is read from outside.
  assert.equal(await frame.getAttribute("sandbox"), "");
  assert.match(await frame.getAttribute("srcdoc"), /Pamuklu Tişört/);
  await page.context().close();
});

test("who leaves the provider stands at the basket, and finds it as it was", async () => {
  const page = await atProvider(phone, [[1, 2]]);
  await press(page, "Cancel and go back to the shop");
  await page.waitForURL(/\/basket\/$/);
  assert.match(await page.locator("main").innerText(), /2 × Pamuklu Tişört\s*₺399\.80/);
  await check(page, "provider-left-phone");
  await page.context().close();
});
