// Opens a checkout in a dialog on a shop's own page: GuestCheckout.open({ url, onEvent }). The buyer's data stay in the
// frame; the shop's page is told how the order stands, and nothing else. One dialog at a time; leaving asks once.
(() => {
  "use strict";
  const BOX = "guest-checkout";
  const STYLE = `
    html:has(.${BOX}[open]) { overflow: hidden }
    .${BOX}, .${BOX} dialog { color-scheme: light dark; padding: 0; border: 0; background: Canvas; color: CanvasText;
      font: 16px/1.5 system-ui, sans-serif; box-shadow: 0 24px 64px rgb(0 0 0/.3) }
    .${BOX} { position: fixed; inset: 0; margin: auto; inline-size: min(30rem, 100vw); block-size: min(52rem, 100dvh);
      max-inline-size: none; max-block-size: none; border-radius: 16px; overflow: hidden }
    .${BOX}::backdrop, .${BOX} dialog::backdrop { background: rgb(23 25 28/.5) }
    .${BOX} > div { display: flex; flex-direction: column; block-size: 100% }
    .${BOX} > div > button { align-self: flex-end; min-inline-size: 44px; margin: 4px; background: none; border-color: transparent }
    .${BOX} iframe { flex: 1; border: 0; inline-size: 100% }
    .${BOX} button { min-block-size: 44px; padding: 0 14px; border: 1px solid GrayText; border-radius: 10px; background: none;
      color: inherit; font: 600 15px system-ui, sans-serif; cursor: pointer }
    .${BOX} button:focus-visible { outline: 2px solid; outline-offset: 2px }
    .${BOX} dialog { margin: auto; inline-size: min(24rem, calc(100vw - 32px)); border-radius: 16px }
    .${BOX} dialog[open] { display: grid; gap: 12px; padding: 24px; box-sizing: border-box }
    .${BOX} :is(h2, p) { margin: 0; font-size: 16px; font-weight: 400 }
    .${BOX} h2 { font-size: 18px; font-weight: 650 }
    .${BOX} .acts { display: grid; gap: 8px; padding-block-start: 4px }
    .${BOX} .acts button:first-child { border-color: CanvasText; background: CanvasText; color: Canvas }
    @media (max-width: 32rem) { .${BOX} { inline-size: 100vw; block-size: 100dvh; border-radius: 0 } }`;
  const WORDS = {
    en: {
      close: "Close", title: "Checkout", ask: "Leave checkout?", stay: "Stay", leave: "Leave",
      tickets: "Your tickets stay held for {time}.", order: "Your order stays held for {time}.",
      processing: "Your payment goes on. You get an e-mail either way.",
      typed: "What you typed on this page is not saved yet.", kept: "Your order stays as it is.",
    },
    de: {
      close: "Schließen", title: "Kasse", ask: "Kasse verlassen?", stay: "Bleiben", leave: "Verlassen",
      tickets: "Ihre Karten bleiben noch {time} Minuten reserviert.",
      order: "Ihre Bestellung bleibt noch {time} Minuten reserviert.",
      processing: "Ihre Zahlung läuft weiter. Sie bekommen in jedem Fall eine E-Mail.",
      typed: "Was Sie auf dieser Seite eingegeben haben, ist noch nicht gespeichert.",
      kept: "Ihre Bestellung bleibt, wie sie ist.",
    },
  };
  /** Nothing is lost by leaving an order that stands like this. */
  const CALM = [undefined, "cart", "expired", "complete", "requested", "reserved", "canceled"];
  /** How long a page is waited for, in milliseconds: its answer to a wish to leave, its first word after loading. */
  const ANSWER = 400;
  const SILENCE = 3000;

  const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

  const style = () => {
    try {
      // Allowed where a shop's policy allows no styles in its text.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    } catch {
      document.head.append(make("style", STYLE));
    }
  };
  let styled = false;
  /** The dialog that is open. */
  let current;

  const addressOf = (url) => {
    let target;
    try { target = new URL(url, location.href); } catch { /* Told below. */ }
    if (!url || !/^https?:$/.test(target?.protocol)) {
      throw new TypeError(`GuestCheckout.open: "${String(url)}" is not the address of a checkout`);
    }
    target.searchParams.set("embed", "1");
    target.searchParams.set("parent", location.origin);
    return target;
  };

  /** The question before leaving; dismissed, the buyer stays. */
  const question = (words, text, leaves) => {
    const box = make("dialog", "", { role: "alertdialog" });
    const [stay, leave] = [make("button", words.stay, { type: "button" }), make("button", words.leave, { type: "button" })];
    const acts = make("div", "", { className: "acts" });
    box.setAttribute("aria-labelledby", `${BOX}-ask`);
    box.setAttribute("aria-describedby", `${BOX}-held`);
    acts.append(stay, leave);
    box.append(make("h2", words.ask, { id: `${BOX}-ask` }), make("p", text, { id: `${BOX}-held` }), acts);
    stay.addEventListener("click", () => box.close());
    leave.addEventListener("click", () => { box.close(); leaves(); });
    box.addEventListener("close", () => box.remove());
    return box;
  };

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  /** What leaving means: `typed` and `seconds` as the page said them; without its answer the order's own time counts. */
  const meaning = (words, order, { typed, seconds = (Date.parse(order.expires_at) - Date.now()) / 1000 }) => {
    if (order.state === "processing") return words.processing;
    const tickets = order.checkout_steps?.includes("tickets") ? words.tickets : words.order;
    const held = seconds > 0 ? tickets.replace("{time}", clock(Math.floor(seconds))) : "";
    return [held, typed ? words.typed : ""].filter(Boolean).join(" ") || words.kept;
  };

  const show = (target, onEvent) => {
    let order = {};
    let pages = 0;
    let early = false;
    let silence;
    let answer;
    let asked;
    let words = WORDS[/^de/i.test(document.documentElement.lang || navigator.language) ? "de" : "en"];
    const before = document.activeElement;
    const dialog = make("dialog", "", { className: BOX });
    const button = make("button", "", { type: "button" });
    const frame = make("iframe", "", { allow: "payment", src: target.href });
    const inside = make("div", "");
    const speak = (lang) => {
      words = WORDS[lang] ?? words;
      dialog.lang = words === WORDS.de ? "de" : "en";
      dialog.setAttribute("aria-label", words.title);
      [button.textContent, frame.title] = [words.close, words.title];
    };
    const say = (type) => frame.contentWindow?.postMessage({ source: BOX, v: 1, type }, target.origin);
    const tell = (type, data = {}) => onEvent?.({ source: BOX, v: 1, type, order, data });

    const shut = () => {
      if (current?.dialog !== dialog) return;
      current = undefined;
      removeEventListener("message", listen);
      clearTimeout(silence);
      clearTimeout(answer);
      dialog.close();
      dialog.remove();
      before?.focus?.();
      tell("close");
    };
    /** Whoever stays is where they were. */
    const back = (inFrame) => {
      if (!inFrame) { button.focus(); return; }
      frame.focus();
      say("focus");
    };
    const decide = (data) => {
      clearTimeout(answer);
      answer = undefined;
      if (asked?.open) return;
      if (!data.typed && CALM.includes(order.state)) { shut(); return; }
      const inFrame = document.activeElement === frame;
      asked = question(words, meaning(words, order, data), shut);
      asked.addEventListener("close", () => { if (current?.dialog === dialog) back(inFrame); });
      dialog.append(asked);
      asked.showModal();
    };
    /** The page in the frame knows what was typed; one that does not answer is left by what is known of the order. */
    const leave = () => {
      if (answer || asked?.open) return;
      answer = setTimeout(() => decide({}), pages ? ANSWER : 0);
      say("close");
    };
    const listen = (event) => {
      if (event.origin !== target.origin || event.source !== frame.contentWindow) return;
      if (event.data?.source !== BOX || event.data.v !== 1) return;
      const { type, data = {} } = event.data;
      order = event.data.order ?? order;
      if (type === "close") {
        // Without a word about what was typed it is the page of a cancelled order: given up in here, or long before.
        if ("typed" in data) decide(data);
        else if (pages > 1) shut();
        return;
      }
      if (type === "ready") {
        pages += 1;
        early = !silence;
        clearTimeout(silence);
        silence = undefined;
        speak(data.lang);
      }
      onEvent?.(event.data);
    };

    addEventListener("message", listen);
    button.addEventListener("click", leave);
    // By the key itself: a browser asks only once whether a dialog minds being closed.
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || asked?.open) return;
      event.preventDefault();
      leave();
    });
    dialog.addEventListener("cancel", (event) => {
      if (event.target !== dialog) return;
      event.preventDefault();
      leave();
    });
    dialog.addEventListener("close", (event) => { if (event.target === dialog) shut(); });
    frame.addEventListener("load", () => {
      if (pages < 2) say("focus");
      clearTimeout(silence);
      // Its first word may come before the browser says that it is there.
      silence = early ? undefined : setTimeout(() => {
        tell("error", { type: "unavailable", message: "The checkout does not answer." });
      }, SILENCE);
      early = false;
    });
    speak();
    inside.append(button, frame);
    dialog.append(inside);
    document.body.append(dialog);
    dialog.showModal();
    return { dialog, shut, focus: () => back(true) };
  };

  const open = ({ url, onEvent } = {}) => {
    const target = addressOf(url);
    if (current) { current.focus?.(); return current.handle; }
    if (!styled) { style(); styled = true; }
    // Before there is a body there is nothing to stand in.
    const mine = { handle: { close: () => { if (current === mine) current = undefined; } } };
    const begin = () => {
      if (current !== mine) return;
      Object.assign(mine, show(target, onEvent));
      mine.handle.close = mine.shut;
    };
    current = mine;
    if (document.body) begin(); else addEventListener("DOMContentLoaded", begin, { once: true });
    return mine.handle;
  };
  window.GuestCheckout = Object.freeze({ open });
})();
