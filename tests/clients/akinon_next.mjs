#!/usr/bin/env node
// Drives a running server with the request code of the published storefront package `@akinon/next` (version 1.24.0),
// unpatched: its proxy (`api/client.ts`), its addresses (`data/urls.ts`) and its relay of the provider's cancel page.
//
//     CASHWRAP_URL=http://127.0.0.1:8080 node tests/clients/akinon_next.mjs
//
// It prints what it did and exits with 1 if an answer was not what the storefront needs, with 2 if the package cannot be
// installed. The package is source for a Next application, so two small stand-ins take the place of what such an
// application brings: its settings, and of Next only the two answers that are used (`NextResponse.json` and `.next`).
// The package and the bundler go into a folder of their own: below `CASHWRAP_CLIENTS` if that is set, where the next run
// finds them, else one that is thrown away.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PACKAGE = '@akinon/next@1.24.0';
const BESIDE = ['esbuild@0.25.12', 'currency-symbol-map@5.1.0'];
const server = process.env.CASHWRAP_URL;
const kept = process.env.CASHWRAP_CLIENTS;
const home = kept ? resolve(kept, 'akinon_next') : mkdtempSync(join(tmpdir(), 'akinon-next-'));

function check(what, holds, seen) {
  console.log(`${holds ? 'ok    ' : 'WRONG '}${what}`);
  if (!holds) {
    console.log(JSON.stringify(seen, null, 2));
    process.exit(1);
  }
}

/** Everything but the package's dependencies: telemetry, redux and redis are not part of the code that runs here. */
function install() {
  const place = join(home, 'node_modules', '@akinon', 'next');
  if (existsSync(place) && existsSync(join(home, 'node_modules', 'esbuild'))) return;
  console.log(`installing ${[PACKAGE, ...BESIDE].join(', ')} into ${home}`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"private": true}');
  const run = (command, ...words) => execFileSync(command, words, { cwd: home, stdio: 'pipe' }).toString().trim();
  try {
    run('npm', 'install', '--no-audit', '--no-fund', '--silent', ...BESIDE);
    const packed = run('npm', 'pack', '--silent', PACKAGE).split('\n').at(-1);
    mkdirSync(place, { recursive: true });
    run('tar', 'xzf', packed, '-C', place, '--strip-components=1');
  } catch (error) {
    console.log(`The package cannot be installed, so nothing was tried:\n${error.stderr ?? error}`);
    process.exit(2);
  }
}

/** The package's own code as one module that Node can load. */
async function storefront() {
  const stand = (name, text) => {
    const path = join(home, name);
    writeFileSync(path, text);
    return path;
  };
  const settings = stand('settings.js', `export default {
    commerceUrl: process.env.CASHWRAP_URL,
    localization: {
      defaultLocaleValue: 'en', localeUrlStrategy: 'hide-default-locale',
      locales: [
        { label: 'EN', value: 'en', apiValue: 'en-us', rtl: false },
        { label: 'TR', value: 'tr', apiValue: 'tr-tr', rtl: false },
      ],
      currencies: [{ label: 'TRY', code: 'try' }], defaultCurrencyCode: 'try',
    },
    redis: { defaultExpirationTime: 60 },
  };`);
  const next = stand('next-server.js', `export class NextResponse extends Response {
    static json(body, init) { return Response.json(body, init); }
    static next() { return new Response(null, { headers: { 'x-middleware-next': '1' } }); }
  }`);
  const entry = stand('entry.js', `
    export * as proxy from '@akinon/next/api/client.ts';
    export { basket, checkout } from '@akinon/next/data/urls.ts';
    export { buildClientRequestUrl } from '@akinon/next/utils/index.ts';
    export { default as withCheckoutProvider } from '@akinon/next/middlewares/checkout-provider.ts';
  `);
  const { build } = await import(pathToFileURL(join(home, 'node_modules/esbuild/lib/main.js')).href);
  const outfile = join(home, 'storefront.mjs');
  await build({
    entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error',
    alias: { settings, 'next/server': next },
  });
  return import(pathToFileURL(outfile).href);
}

/** A browser at the storefront: it knows the storefront's addresses and keeps cookies, and nothing of the server. */
class Browser {
  constructor(shop) {
    this.shop = shop;
    this.cookies = new Map();
  }

  cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(method, path, options, body) {
    const url = new URL(this.shop.buildClientRequestUrl(path, options), 'https://storefront.example');
    const headers = {
      cookie: this.cookie(), 'content-type': 'application/json', 'accept-language': 'en-us', 'x-currency': 'try',
    };
    if (this.cookies.has('csrftoken')) headers['x-csrftoken'] = this.cookies.get('csrftoken');
    const request = new Request(url, { method, headers, body: body && JSON.stringify(body) });
    const slug = url.pathname.replace('/api/client/', '').split('/').filter(Boolean);
    const answer = await this.shop.proxy[method](request, { params: { slug } });
    for (const cookie of (answer.headers.get('set-cookie') ?? '').split(/,(?=\s*\w+=)/)) {
      const [pair] = cookie.trim().split(';');
      if (pair.includes('=')) this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return { status: answer.status, body: await answer.json() };
  }
}

const JSON_BODY = { contentType: 'application/json' };
const FORM = { useFormData: true };

async function drive(shop) {
  const browser = new Browser(shop);
  const { basket, checkout } = shop;

  const token = await browser.ask('GET', '/csrf_token/', JSON_BODY);
  check('a CSRF token, and its cookie', token.body.csrf_token?.length >= 32 && browser.cookies.has('csrftoken'), token);
  const added = await browser.ask('POST', basket.getBasket, JSON_BODY, { product: 1, quantity: 2, attributes: {} });
  check('a product goes into the basket', added.status === 200 && added.body.basket?.basketitem_set?.length === 1, added);
  check('the session has its two cookies', browser.cookies.has('osessionid') && browser.cookies.has('sessionid'), [...browser.cookies.keys()]);
  const changed = await browser.ask('PUT', basket.getBasket, JSON_BODY, { product: 1, quantity: 3, attributes: {} });
  check('its quantity is set', changed.status === 200 && changed.body.basket?.total_quantity === 3, changed);
  const refused = await browser.ask('PATCH', basket.getBasket, JSON_BODY, { voucher_code: 'NO-SUCH-CODE' });
  check('an unknown voucher is refused', refused.status === 400, refused);
  const shown = await browser.ask('GET', basket.getBasket, JSON_BODY);
  const { pk, total_amount } = shown.body.basket;
  check(`basket ${pk} costs ${total_amount}`, shown.status === 200 && total_amount === '599.70', shown);

  const providers = await browser.ask('GET', checkout.getCheckoutProviders, JSON_BODY);
  check('the providers are listed', providers.status === 200 && providers.body.some((one) => one.slug === 'akifast'), providers);
  const index = await browser.ask('GET', checkout.getCheckoutProvidersIndex, JSON_BODY);
  check('the index page opens', index.status === 200 && Array.isArray(index.body.context_list), index);
  const { pk: provider } = providers.body.find((one) => one.slug === 'akifast');
  const selected = await browser.ask('POST', checkout.setCheckoutProvider, FORM, { checkout_provider: `${provider}` });
  const redirect = selected.body.context_list?.find((one) => one.page_context?.redirect_url)?.page_context.redirect_url;
  check('a chosen provider, sent as a form, brings a page to go to', Boolean(redirect), selected);
  const now = await browser.ask('GET', checkout.fetchCheckout, JSON_BODY);
  check('the pre-order delivers to the customer', now.body.pre_order?.delivery_option?.delivery_option_type === 'customer', now);

  const sessions = await (await fetch(`${server}/simulator/sim/sessions?basket_id=${pk}`)).json();
  const run = await fetch(`${server}/simulator/sim/${sessions[0].session_token}/run`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ scenario: 'happy' }),
  });
  const transcript = await run.json();
  check('the provider is paid and keeps the money', transcript.money?.state === 'kept', transcript);
  const signed = transcript.browser_goes_to.split('/').filter(Boolean).at(-1);
  const done = await browser.ask('GET', checkout.fetchCheckoutResult(signed), JSON_BODY);
  check(`order ${done.body.order?.number} is complete`, done.status === 200 && done.body.order?.status?.value === '400', done);

  process.env.NEXT_PUBLIC_URL = 'https://storefront.example';
  const relay = shop.withCheckoutProvider(() => Response.json({ passed: 'on' }));
  const url = Object.assign(new URL('https://storefront.example/orders/checkout-provider-cancel'), {
    clone() {
      return new URL(this.href);
    },
  });
  const cancel = await relay({
    nextUrl: url,
    headers: new Headers({ cookie: browser.cookie() }),
    middlewareParams: { rewrites: { locale: 'en' } },
  });
  check('cancelling leads to the basket', cancel.status === 302 && new URL(cancel.headers.get('location')).pathname === '/basket/', { status: cancel.status, to: cancel.headers.get('location') });
}

if (!server) {
  console.log('CASHWRAP_URL is not set: which server?');
  process.exit(1);
}
install();
try {
  await drive(await storefront());
} finally {
  if (!kept) rmSync(home, { recursive: true, force: true });
}
