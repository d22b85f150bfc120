// Every screen there is, reached as a buyer reaches it. A journey goes from screen to screen in a browser's page and shows
// each to `snap(name)`; it finds what it presses by what forms send, so that it works in any language.
import { choices, goods, order, pass, underWay, variants, server } from "./lib.mjs";

const does = (value) => `.btn[name=do][value="${value}"]`;
const via = async (page, act) => { await Promise.all([page.waitForNavigation({ waitUntil: "load" }), act()]); };
const press = (page, value) => via(page, () => page.locator(does(value)).first().click());
const onward = (page) => press(page, "go");
const field = (page, name) => page.locator(`[name="${name}"]:not([type=hidden])`);

/** An address in the United States, of tickets (`bill`) or of goods (`ship`). */
const home = async (page, side) => {
  await field(page, `${side}_name`).fill("Maya Lindqvist");
  await field(page, `${side}_address1`).fill("2117 Alder Street");
  await field(page, `${side}_city`).fill("Seattle");
  await field(page, `${side}_state`).selectOption({ index: 1 });
  await field(page, `${side}_zipcode`).fill("98101");
};
const moveTo = (page, side, country) => via(page, () => field(page, `${side}_country`).selectOption(country));
const atBank = async (page, answer) => {
  if (!page.url().includes("/simulator/")) await page.waitForURL(/\/simulator\/payments\//);
  await via(page, () => page.locator(`button[name=answer][value=${answer}]`).click());
};

/** A cart of tickets and goods up to the step where it is paid. */
const toPayment = async (page, begun) => {
  await page.goto(begun.links.checkout);
  await onward(page);
  await page.locator(".keep").first().check();
  const names = page.locator("input[name$=_name]");
  for (let nth = 1; nth < await names.count(); nth += 1) await names.nth(nth).fill("Tom Okafor");
  await onward(page);
};

const special = async (page, snap, name, step = name, more = {}) => {
  const begun = await order([[variants[name], 1]], more);
  await page.goto(begun.links.checkout);
  await onward(page);
  if (name === "form") { await home(page, "bill"); await onward(page); }
  await snap(step);
  await onward(page);
  if (new URL(page.url()).pathname.endsWith(`/${step}`)) await snap(`${step}-errors`);
};

export const journeys = {
  "tickets and goods": async (page, snap) => {
    const begun = await order([[variants.named, 2], [variants.poster, 1]]);
    await page.goto(begun.links.checkout);
    await snap("cart");
    await page.locator("details.have summary").click();
    await field(page, "code").fill("nothing");
    await press(page, "code");
    await snap("cart-code-refused");
    await field(page, "code").fill("tenoff");
    await press(page, "code");
    await snap("cart-code");
    await onward(page);
    await snap("tickets");
    await onward(page);
    await snap("tickets-errors");
    await page.locator(".keep").first().check();
    await page.locator("input[name$=_name]").nth(1).fill("Tom Okafor");
    await onward(page);
    await snap("address");
    await onward(page);
    await snap("address-errors");
    await moveTo(page, "ship", "DE");
    await snap("address-de");
    await moveTo(page, "ship", "JP");
    await snap("address-jp");
    await moveTo(page, "ship", "US");
    await page.locator("[name=same]").uncheck();
    await snap("address-billing");
    await page.locator("[name=same]").check();
    await home(page, "ship");
    await onward(page);
    await snap("delivery");
    await onward(page);
    await snap("payment");
    await page.locator("input[name=method]").last().check();
    await snap("payment-other");
    await page.goto(`${page.url().split("?")[0]}?note=price.999`);
    await snap("payment-price");
    await onward(page);
    await page.waitForURL(/\/simulator\//);
    await snap("test-bank");
    await page.goto(`${server}/cart/checkout/${begun.number}/processing?note=back`);
    await snap("bank");
    await press(page, "other");
    await snap("payment-turned-back");
    await onward(page);
    await atBank(page, "no");
    await snap("payment-declined");
    await onward(page);
    await atBank(page, "yes");
    await snap("complete");
  },
  goods: async (page, snap) => {
    const begun = await goods(2);
    await page.goto(begun.link);
    await snap("goods-cart");
    await onward(page);
    await snap("goods-cart-errors");
    await field(page, "email").fill("maya.lindqvist@example.com");
    await field(page, "first_name").fill("Maya");
    await field(page, "last_name").fill("Lindqvist");
    await onward(page);
    await home(page, "ship");
    await onward(page);
    await onward(page);
    await snap("goods-payment");
    await page.locator("input[name=method]").last().check();
    await onward(page);
    await snap("complete-later");
  },
  "nothing to pay": async (page, snap) => {
    await page.goto((await order([[variants.free, 2]])).links.checkout);
    await snap("free-cart");
    await onward(page);
    await snap("complete-free");
  },
  "an empty cart": async (page, snap) => {
    await page.goto((await order([[variants.free, 1]])).links.cart);
    await via(page, () => page.locator("button[name=do][value$=':0']:not([disabled])").first().click());
    await snap("cart-empty");
  },
  "what events ask": async (page, snap) => {
    await special(page, snap, "password");
    await special(page, snap, "invite");
    await special(page, snap, "member");
    await special(page, snap, "membership");
    await special(page, snap, "form");
  },
  "what goods ask": async (page, snap) => {
    await special(page, snap, "master", "customize");
    await page.goto((await order([[variants.master, 3]])).links.checkout);
    await onward(page);
    await onward(page);
    await snap("customize-several");
    await special(page, snap, "addon");
    await special(page, snap, "group", "order_form", { order_form_id: 1 });
    const begun = await order([[variants.lecture, 1], [variants.overlapping, 1]]);
    await page.goto(begun.links.checkout);
    await onward(page);
    await snap("conflict");
  },
  "the hold": async (page, snap) => {
    let begun = await order([[variants.named, 2], [variants.poster, 1]]);
    await toPayment(page, begun);
    await pass(11 * 60);
    await page.reload();
    await snap("hold-warns");
    await pass(2 * 60 + 20);
    await page.reload();
    await page.locator("#soon[open]").waitFor();
    await snap("soon");
    await pass(60);
    await page.reload();
    await page.keyboard.press("Escape");
    await snap("hold-last-minute");
    await pass(2 * 60);
    await page.reload();
    await snap("expired");
    begun = await order([[variants.few, 3], [variants.named, 1]]);
    await page.goto(begun.links.checkout);
    await pass(15 * 60 + 1);
    const others = await order([[variants.few, 5]]);
    await page.goto(begun.links.checkout);
    await press(page, "resume");
    await snap("gone");
    await press(page, "drop");
    await snap("gone-without");
    await page.goto(`${server}/cart/checkout/${others.number}/cancel?${new URL(others.links.checkout).searchParams}`);
    await press(page, "cancel");
  },
  "sold out and too early": async (page, snap) => {
    await page.goto((await order([[variants.requested, 2], [variants.poster, 1]])).links.checkout);
    await snap("sold-out");
    await page.goto((await order([[variants.requested, 2]])).links.checkout);
    await snap("sold-out-alone");
    await via(page, () => page.locator(".way .btn").first().click());
    await snap("requested");
    await page.goto(`${page.url().split("?")[0]}/cancel`);
    await snap("requested-leave");
    await press(page, "cancel");
    await page.goto((await order([[variants.reserved, 2]])).links.checkout);
    await snap("reserve");
    await via(page, () => page.locator(".way .btn").first().click());
    await snap("reserved");
  },
  "giving up, and what is not there": async (page, snap) => {
    const begun = await order([[variants.named, 1]]);
    await page.goto(begun.links.checkout);
    await page.goto(`${server}/cart/checkout/${begun.number}/cancel`);
    await snap("cancel");
    await press(page, "cancel");
    await snap("canceled");
    await page.goto(`${server}/cart/checkout/${begun.number}0`);
    await snap("not-found");
  },
  "a payment under way": async (page, snap) => {
    const begun = await underWay();
    await page.goto(begun.links.checkout);
    await snap("processing");
  },
  "a last look, no guests, a bright colour": async (page, snap) => {
    try {
      await choices({ confirm_order: true, brand: { colour: "#ffd400" }, terms_url: "https://shop.example/terms" });
      const begun = await order([[variants.paid, 1]]);
      await page.goto(begun.links.checkout);
      await snap("bright-cart");
      await onward(page);
      await home(page, "bill");
      await onward(page);
      await snap("bright-payment");
      await page.locator("input[name=method]").last().check();
      await onward(page);
      await snap("bright-confirm");
      await onward(page);
      await snap("bright-complete");
      await choices({ confirm_order: false, enable_guest_checkout: false, brand: { colour: null }, terms_url: null });
      await page.goto((await goods()).link);
      await onward(page);
      await snap("email");
      await onward(page);
      await snap("email-errors");
      await field(page, "email").fill("nobody.known@example.com");
      await onward(page);
      await snap("register");
    } finally {
      await choices({ confirm_order: false, enable_guest_checkout: true, brand: { colour: null }, terms_url: null });
    }
  },
  "in a frame": async (page, snap) => {
    const begun = await order([[variants.paid, 2]]);
    await page.goto(`${begun.links.checkout}&embed=1`);
    await snap("embed-cart");
    await onward(page);
    await home(page, "bill");
    await onward(page);
    await snap("embed-payment");
    await onward(page);
    await snap("embed-bank");
    await page.goto(`${page.url()}&note=apart`);
    await snap("embed-meanwhile");
    const bank = page.url().replace("/processing?", "/bank?").replace("&embed=1", "") + "&apart=1";
    await page.goto(bank);
    await atBank(page, "yes");
    await snap("apart-paid");
    await page.goto(`${begun.links.checkout}&embed=1`);
    await snap("embed-complete");
  },
};
