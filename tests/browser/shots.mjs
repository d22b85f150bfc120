// Pictures of the pages, to be looked at: node shots.mjs FOLDER with CASHWRAP_URL set.
process.env.CASHWRAP_SHOTS ||= process.argv[2];
const { address, check, desktop, goOn, goods, launch, order, pass, phone, tab, variants } = await import("./lib.mjs");
const browser = await launch();
const soft = async (page, name) => { try { await check(page, name); } catch (error) { console.log("!!", error.message.slice(0, 1500)); } };
for (const [kind, device] of [["phone", phone], ["desktop", desktop]]) {
  let page = await tab(browser, device);
  let begun = await order([[variants.named, 2], [variants.poster, 1]]);
  await page.goto(begun.links.checkout);
  await soft(page, `cart-${kind}`);
  await goOn(page);
  await goOn(page);
  await soft(page, `attendees-errors-${kind}`);
  await page.locator(".keep").first().check();
  await page.locator("input[name$=_name]").nth(1).fill("Tom Okafor");
  await goOn(page);
  await soft(page, `address-${kind}`);
  await page.locator("#ship_address1").fill("2117 Alder Street");
  await page.locator("#ship_city").fill("Seattle");
  await page.locator("#ship_state").selectOption({ label: "Washington" });
  await page.locator("#ship_zipcode").fill("98101");
  await goOn(page);
  await soft(page, `delivery-${kind}`);
  await goOn(page);
  await soft(page, `payment-${kind}`);
  await goOn(page);
  await soft(page, `bank-${kind}`);
  await page.waitForURL(/simulator/);
  await page.getByRole("button", { name: /Decline/ }).click();
  await page.waitForLoadState("load");
  await soft(page, `declined-${kind}`);
  await goOn(page);
  await page.waitForURL(/simulator/);
  await page.getByRole("button", { name: /Approve/ }).click();
  await page.waitForLoadState("load");
  await soft(page, `complete-${kind}`);
  for (const [name, lines] of [["sold-out", [[variants.requested, 2], [variants.poster, 1]]], ["reserve", [[variants.reserved, 2]]]]) {
    page = await tab(browser, device);
    begun = await order(lines);
    await page.goto(begun.links.checkout);
    await soft(page, `${name}-${kind}`);
  }
  for (const name of ["password", "addon", "form", "master", "member"]) {
    page = await tab(browser, device);
    begun = await order([[variants[name], 1]]);
    await page.goto(begun.links.checkout);
    await goOn(page);
    if (name === "form") { await address(page, "bill"); await goOn(page); }
    await soft(page, `${name}-${kind}`);
  }
  page = await tab(browser, { ...device, locale: "de-DE" });
  begun = await order([[variants.named, 2]]);
  await page.goto(begun.links.checkout);
  await soft(page, `cart-de-${kind}`);
  await goOn(page);
  await pass(13 * 60 + 20);
  await page.reload();
  await page.waitForTimeout(600);
  await soft(page, `soon-de-${kind}`);
  await pass(200);
  await page.reload();
  await soft(page, `expired-de-${kind}`);
  await page.context().close();
}
await browser.close();
