// Buyers and browsers that ask more of a page: large text, wide spacing, few colours, a keyboard, no script, no cookies,
// long and right-to-left names, two tabs and the way back.
import assert from "node:assert/strict";
import { createServer, request as ask } from "node:http";
import { after, before, test } from "node:test";
import { check, desktop, fits, goOn, heading, launch, order, phone, server, tab, variants } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const home = async (page, side) => {
  await page.locator(`#${side}_address1`).fill("2117 Alder Street");
  await page.locator(`#${side}_city`).fill("Seattle");
  await page.locator(`#${side}_state`).selectOption({ index: 1 });
  await page.locator(`#${side}_zipcode`).fill("98101");
};

/** Texts that lie over each other, or are cut off by the box they stand in. */
const overlaps = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  const told = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!node.textContent.trim() || box.closest(".vh, .skip, dialog:not([open]), option, details:not([open]) > :not(summary)")) continue;
    if (!box.checkVisibility({ visibilityProperty: true })) continue;
    // What hangs over the page while it scrolls is meant to.
    if (box.closest(".bar")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
    for (const rect of rects) seen.push({ rect, text: node.textContent.trim().slice(0, 30), box });
    for (let at = box; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "hidden") continue;
      const edge = at.getBoundingClientRect();
      if (rects.some((rect) => rect.right > edge.right + 1 || rect.left < edge.left - 1)) told.push(`cut off: ${node.textContent.trim().slice(0, 30)}`);
    }
  }
  for (let a = 0; a < seen.length; a += 1) {
    for (let b = a + 1; b < seen.length; b += 1) {
      if (seen[a].box === seen[b].box) continue;
      const [one, other] = [seen[a].rect, seen[b].rect];
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // Lines stand close: only what really covers something counts.
      if (across > 3 && down > Math.min(one.height, other.height) / 2) told.push(`${seen[a].text} / ${seen[b].text}`);
    }
  }
  return told;
});

const widest = async (page, name, widths = [320, 390, 1280]) => {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    await fits(page, name);
    assert.deepEqual(await overlaps(page), [], `${name} at ${width} px`);
  }
};

/** WCAG 1.4.12: what a reader may set, whatever the page says. */
const SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }";
const strains = {
  "text twice as large": (page) => page.evaluate(() => { document.documentElement.style.fontSize = "32px"; }),
  "spacing of a reader's own": (page) => page.evaluate((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [sheet];
  }, SPACING),
  "few colours": (page) => page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" }),
  "more contrast": (page) => page.emulateMedia({ contrast: "more", reducedMotion: "reduce" }),
};

for (const [strain, act] of Object.entries(strains)) {
  test(`${strain}: cart, address and payment hold`, async () => {
    const page = await tab(browser, { viewport: phone.viewport });
    await page.goto((await order([[variants.paid, 2], [variants.poster, 1]])).links.checkout);
    // A phone's width with letters twice as large is narrower than any page has to be.
    const widths = strain.startsWith("text") ? [390, 1280] : undefined;
    const look = async (name) => { await act(page); await widest(page, `${name}, ${strain}`, widths); };
    await look("cart");
    await goOn(page);
    await look("address");
    await home(page, "ship");
    await goOn(page);
    await look("delivery");
    await goOn(page);
    await look("payment");
    if (strain === "few colours") {
      // What is chosen, and what has the focus, shows without our colours.
      const radio = page.locator("input[name=method]").first();
      await radio.focus();
      const seen = await radio.evaluate((one) => {
        const card = getComputedStyle(one.closest("label"));
        return { card: card.outlineStyle, self: getComputedStyle(one).outlineStyle, dot: getComputedStyle(one).borderTopWidth };
      });
      assert.ok(seen.card !== "none" || seen.self !== "none", "the focus shows");
      const others = await page.locator("input[name=method]").last().evaluate((one) => getComputedStyle(one).borderTopWidth);
      assert.notEqual(seen.dot, others, "the choice shows");
    }
    await page.context().close();
  });
}

test("parcels with the keyboard alone", async () => {
  const page = await tab(browser, desktop);
  await page.goto((await order([[variants.named, 1], [variants.poster, 2]])).links.checkout);
  const to = async (wanted) => {
    for (let press = 0; press < 80; press += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const one = document.activeElement;
        const box = one.getBoundingClientRect();
        const ring = getComputedStyle(one).outlineStyle !== "none" || getComputedStyle(one.closest("label") ?? one).outlineStyle !== "none";
        const covered = document.querySelector(".bar")?.getBoundingClientRect().bottom > box.bottom && getComputedStyle(document.querySelector(".bar")).display !== "none" && !one.closest(".bar, .top");
        return { name: `${one.innerText ?? ""}|${one.name ?? ""}|${one.id ?? ""}|${one.getAttribute("aria-label") ?? ""}`, ring, covered, body: one === document.body };
      });
      assert.ok(at.ring || at.body, `the focus shows on ${at.name}`);
      assert.ok(!at.covered, `the bar hides ${at.name}`);
      if (at.name.includes(wanted)) return;
    }
    assert.fail(`${wanted} cannot be reached`);
  };
  const enter = async () => { await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]); };
  const list = async (name, letters) => { await to(name); await page.keyboard.type(letters); };
  await to("Continue to attendees");
  await enter();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "a new step begins at its heading");
  await to("_keep");
  await page.keyboard.press("Space");
  await to("Continue to address");
  await enter();
  await to("ship_address1");
  await page.keyboard.type("2117 Alder Street");
  await list("ship_city", "Seattle");
  await list("ship_state", "Wash");
  await list("ship_zipcode", "98101");
  await page.keyboard.press("Enter");
  await page.waitForURL(/delivery/);
  await to("Continue to payment");
  await enter();
  await to("method");
  await page.keyboard.press("ArrowDown");
  await to("Order now, pay");
  await enter();
  assert.match(await heading(page), /You are going!/);
  await page.context().close();
});

test("Enter goes on, and in the field of a code applies the code", async () => {
  for (const device of [phone, { ...phone, javaScriptEnabled: false }]) {
    const page = await tab(browser, device);
    await page.goto((await order([[variants.named, 1]])).links.checkout);
    const enter = async (field) => { await Promise.all([page.waitForNavigation(), field.press("Enter")]); };
    if (device.javaScriptEnabled !== false) {
      await page.locator("details.have summary").click();
      await page.locator("[name=code]").fill("tenoff");
      await enter(page.locator("[name=code]"));
      assert.match(await page.locator("main").innerText(), /tenoff/i);
      assert.equal(await heading(page), "Your cart");
    }
    await enter(page.locator("#last_name"));
    assert.equal(await page.locator("html").getAttribute("lang"), "en", "no other language is chosen by it");
    assert.equal(await heading(page), "Who is coming?");
    await page.context().close();
  }
});

test("another language keeps the step and what was typed", async () => {
  const page = await tab(browser, phone);
  await page.goto((await order([[variants.paid, 1], [variants.poster, 1]])).links.checkout);
  await goOn(page);
  await page.locator("#ship_address1").fill("Straße 1 \"<b>");
  await page.locator("#ship_state").selectOption({ index: 3 });
  const state = await page.locator("#ship_state").inputValue();
  await page.locator("[name=same]").uncheck();
  await page.locator("#bill_city").fill("Köln");
  for (const [button, lang] of [["DE, Deutsch", "de"], ["EN, English", "en"]]) {
    await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: button }).first().click()]);
    assert.equal(await page.locator("html").getAttribute("lang"), lang);
    assert.match(page.url(), /\/address/);
    assert.equal(await page.locator("#ship_address1").inputValue(), "Straße 1 \"<b>");
    assert.equal(await page.locator("#ship_state").inputValue(), state);
    assert.equal(await page.locator("[name=same]").isChecked(), false);
    assert.equal(await page.locator("#bill_city").inputValue(), "Köln");
  }
  await page.context().close();
});

test("two tabs and the way back lose nothing and send nothing twice", async () => {
  const one = await tab(browser, phone);
  const begun = await order([[variants.paid, 1], [variants.poster, 1]]);
  await one.goto(begun.links.checkout);
  const other = await one.context().newPage();
  await other.goto(begun.links.checkout);
  await goOn(other);
  await home(other, "ship");
  await goOn(other);
  assert.match(other.url(), /delivery/);
  // The first tab still shows the cart: what it sends counts, and it goes on where the order stands.
  await one.locator("#first_name").fill("Augusta");
  await goOn(one);
  assert.match(one.url(), /delivery/);
  await other.reload();
  await goOn(other);
  await other.goBack();
  assert.match(await heading(other), /How should it get there/);
  await goOn(other);
  assert.match(await heading(other), /How would you like to pay/);
  await other.getByText("Check", { exact: true }).click();
  await goOn(other);
  assert.match(await heading(other), /Augusta/);
  // An old page of a paid order orders nothing more.
  await goOn(one);
  assert.match(await heading(one), /Augusta/);
  await other.goBack();
  await other.waitForLoadState("load");
  assert.match(await heading(other), /Augusta/, "back leads to the order, not to a form");
  await one.context().close();
});

test("cookies off: addresses carry the order through", async () => {
  // A browser that keeps nothing, by a way that lets nothing through.
  const without = createServer((request, answer) => {
    const { cookie, host, ...headers } = request.headers;
    assert.equal(cookie, undefined);
    const on = ask(server + request.url, { method: request.method, headers: { ...headers, host: new URL(server).host } }, (got) => {
      const { "set-cookie": kept, ...rest } = got.headers;
      answer.writeHead(got.statusCode, rest);
      got.pipe(answer);
    });
    request.pipe(on);
  });
  await new Promise((ready) => without.listen(0, "127.0.0.1", ready));
  const here = `http://127.0.0.1:${without.address().port}`;
  const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage();
  try {
    await page.goto((await order([[variants.paid, 1]])).links.checkout.replace(server, here));
    await goOn(page);
    await home(page, "bill");
    await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "DE, Deutsch" }).first().click()]);
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    assert.equal(await page.locator("#bill_city").inputValue(), "Seattle");
    await goOn(page);
    assert.equal(await page.locator("html").getAttribute("lang"), "de", "the language goes along");
    await goOn(page);
    await page.waitForURL(/simulator/);
    await page.locator("button[name=answer][value=yes]").click();
    await page.waitForURL(/\/cart\/checkout\//);
    assert.match(await heading(page), /Sie sind dabei!/);
    assert.deepEqual(await page.context().cookies(), []);
  } finally {
    await page.context().close();
    without.close();
  }
});

for (const [language, locale, thanks] of [["English", "en-GB", /You are going!/], ["German", "de-DE", /Sie sind dabei!/]]) {
  test(`without a script from the cart to the tickets, in ${language}`, async () => {
    const page = await tab(browser, { ...phone, locale, javaScriptEnabled: false });
    await page.goto((await order([[variants.named, 2], [variants.poster, 1]])).links.checkout);
    const does = (value) => page.locator(`[name=do][value="${value}"]`).first();
    const press = async (button) => { await Promise.all([page.waitForNavigation(), button.click()]); };
    await press(page.locator(".lines .qty").last().getByRole("button").last());
    assert.equal(await page.locator(".lines output").last().innerText(), "2");
    await goOn(page);
    await goOn(page);
    await page.locator("#errors").waitFor();
    await page.locator("input[name$=_name]").nth(0).fill("Maya Lindqvist");
    await page.locator("input[name$=_name]").nth(1).fill("Tom Okafor");
    await goOn(page);
    await page.locator("#ship_country").selectOption("DE");
    await press(does("redraw"));
    await page.locator("#ship_address1").fill("Unter den Linden 1");
    await page.locator("#ship_zipcode").fill("10117");
    await page.locator("#ship_city").fill("Berlin");
    await goOn(page);
    await goOn(page);
    await goOn(page);
    await press(page.getByRole("link", { name: /Continue to the bank|Weiter zur Bank/ }));
    await press(page.locator("button[name=answer][value=no]"));
    await page.locator("#alert").waitFor();
    await goOn(page);
    await press(page.getByRole("link", { name: /Continue to the bank|Weiter zur Bank/ }));
    await press(page.locator("button[name=answer][value=yes]"));
    assert.match(await heading(page), thanks);
    assert.equal(await page.locator(".ticket").count(), 2);
    await page.context().close();
  });
}

test("an Arabic name and address from the cart to the ticket", async () => {
  const page = await tab(browser, phone);
  const name = "محمد عبد الرحمن الخوارزمي";
  await page.goto((await order([[variants.named, 1], [variants.poster, 1]])).links.checkout);
  await page.locator("#first_name").fill("محمد");
  await page.locator("#last_name").fill("الخوارزمي");
  await goOn(page);
  await page.locator("input[name$=_name]").first().fill(name);
  await goOn(page);
  await home(page, "ship");
  await page.locator("#ship_name").fill(name);
  await page.locator("#ship_address1").fill("شارع الملك فهد 12");
  await goOn(page);
  await widest(page, "delivery, Arabic");
  await goOn(page);
  await widest(page, "payment, Arabic");
  await page.setViewportSize(phone.viewport);
  await check(page, "arabic-payment");
  await page.locator("input[name=method]").last().check();
  await goOn(page);
  assert.ok((await page.locator("main").innerText()).includes(name));
  await widest(page, "complete, Arabic");
  await page.setViewportSize(phone.viewport);
  await check(page, "arabic-complete");
  await page.context().close();
});

test("ten thousand letters in every field break no page", async () => {
  const page = await tab(browser, { viewport: phone.viewport });
  const begun = await order([[variants.named, 1], [variants.poster, 1]]);
  await page.goto(begun.links.checkout);
  /** Fills every line of text there is, sends it, and looks at what comes back. */
  const flood = async (name) => {
    for (const field of await page.locator("form input:is([type=text], [type=tel], :not([type])):visible, form textarea:visible").all()) {
      await field.evaluate((one) => { one.value = "W".repeat(10_000); });
    }
    await Promise.all([page.waitForNavigation(), page.locator(".go .btn[value=go]").click()]);
    assert.ok((await page.locator("#errors li").count()) >= 1, `${name}: it says what is too long`);
    await widest(page, `${name}, ten thousand letters`);
  };
  await page.locator("details.have summary").click();
  await flood("cart");
  await page.goto(begun.links.cart);
  await goOn(page);
  await flood("attendees");
  await page.locator(".keep").first().check();
  await goOn(page);
  await flood("address");
  // The longest that is taken, all the way to the end.
  const longest = "W".repeat(100);
  for (const field of ["name", "address1", "address2", "city"]) {
    const line = page.locator(`#ship_${field}`);
    if (await line.count()) await line.fill(longest);
  }
  await page.locator("#ship_state").selectOption({ index: 1 });
  await page.locator("#ship_zipcode").fill("98101");
  const tel = page.locator("#ship_phone");
  if (await tel.count()) await tel.fill("");
  await goOn(page);
  assert.match(page.url(), /delivery/);
  await widest(page, "delivery, long");
  await goOn(page);
  await widest(page, "payment, long");
  await page.locator("input[name=method]").last().check();
  await goOn(page);
  await widest(page, "complete, long");
  await page.context().close();
});
