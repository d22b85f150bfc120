// The pages work without this file. It ticks the timer, offers more time, asks again while a payment runs, guards
// against a second press, and tells the page around a frame where the order stands. It holds nothing of its own.
(() => {
  "use strict";
  const $ = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const body = document.body;

  // ---- the page around a frame ----
  const framed = window.parent !== window && body.dataset.parent;
  const facts = () => { try { return JSON.parse(body.dataset.order || "{}"); } catch { return {}; } };
  const tell = (type, data = {}, more = {}) => {
    if (!framed) return;
    const order = { ...facts(), ...more };
    window.parent.postMessage({ source: "guest-checkout", v: 1, type, order, data }, body.dataset.parent);
  };
  const began = performance.now();
  /** Seconds that the order is still held. */
  const held = () => {
    const clock = $("#clock");
    return clock && Math.max(0, Math.ceil(Number(clock.dataset.left) - (performance.now() - began) / 1000));
  };
  const changed = (field) => {
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    if (!field.options) return field.type !== "hidden" && field.value !== field.defaultValue;
    const options = [...field.options];
    return field.selectedIndex !== Math.max(0, options.findIndex((option) => option.defaultSelected));
  };
  /** The buyer wants to leave; whoever opened the frame asks once. */
  let stood;
  const leave = () => {
    stood = document.activeElement;
    const typed = Boolean($("#errors")) || all("input, select, textarea").some(changed);
    tell("close", { typed, seconds: held() });
  };
  if (framed) {
    tell("ready", { lang: document.documentElement.lang });
    const event = body.dataset.event || "step";
    tell(event);
    if (event === "resumed") tell("step");
    const height = () => tell("resize", { height: document.documentElement.scrollHeight });
    new ResizeObserver(height).observe(body);
    addEventListener("message", (event) => {
      if (event.origin !== body.dataset.parent || event.source !== window.parent) return;
      if (event.data?.source !== "guest-checkout") return;
      const at = document.activeElement;
      const to = stood?.isConnected && stood !== body ? stood : $("h1[tabindex]") || $("#main");
      if (event.data.type === "focus" && (!at || at === body)) to.focus();
      if (event.data.type === "close") leave();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !$("dialog[open], .bar details[open]")) leave();
    });
  }

  // ---- where to look first ----
  const again = () => {
    let id;
    try { id = sessionStorage.getItem("focus"); sessionStorage.removeItem("focus"); } catch { /* Nothing was kept. */ }
    const field = id && document.getElementById(id);
    field?.focus();
    return Boolean(field);
  };
  const first = $("#errors") || $("#alert[role=alert]");
  if (first) {
    first.focus();
    tell("error", { type: first.id === "errors" ? "validation" : "notice", message: $("h2", first)?.textContent || "" });
  }
  else if (!again() && $("nav .steps a")) $("h1")?.focus({ preventScroll: true });

  // ---- the timer ----
  const clock = $("#clock");
  if (clock) {
    const of = Number(clock.dataset.of);
    const dialog = $("#soon");
    const said = new Set();
    const once = (name, act) => { if (!said.has(name)) { said.add(name); act(); } };
    for (const timer of all(".timer")) {
      timer.innerHTML = "";
      const word = make("span", { className: "w", textContent: timer.dataset.for + " " });
      const time = make("b", { className: "num clock", role: "timer", ariaLabel: timer.dataset.label });
      timer.append(word, time);
    }
    const offers = Number(clock.dataset.left);
    const tick = () => {
      const left = held();
      const text = left >= 60 ? Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0") : $(".timer")?.dataset.one;
      for (const time of all(".clock")) if (time.textContent !== text) time.textContent = text;
      for (const ring of all(".hold .left")) ring.setAttribute("stroke-dasharray", (53.4 * Math.min(left, of) / of).toFixed(1) + " 53.4");
      for (const button of all(".more")) button.hidden = left > 300 || left === 0;
      if (left <= 300) for (const part of all(".bar, .side .hold")) part.classList.add("is-warn");
      if (left <= 300 && left > 120) once("five", () => { if (offers > 300) $("#live").textContent = $("#live").dataset.five; });
      if (left <= 120 && left > 0) once("two", () => {
        $("#live").textContent = $("#live").dataset.two;
        tell("expiring", { seconds: left });
        if (dialog && !dialog.open) dialog.showModal();
      });
      if (left <= 60 && left > 0) once("one", () => { $("#now").textContent = $("#now").dataset.one; });
      if (left === 0) {
        once("over", () => {
          dialog?.close();
          $("#now").textContent = $("#now").dataset.over;
          for (const timer of all(".timer")) timer.textContent = timer.dataset.over;
          tell("expired", {}, { state: "expired", expires_at: null });
        });
        return;
      }
      setTimeout(tick, 250);
    };
    tick();
    $("#nearly")?.addEventListener("click", () => dialog.close());
  }

  // ---- a second press does nothing ----
  for (const form of all("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      const button = event.submitter;
      if (!button?.classList.contains("btn")) return;
      button.style.minWidth = button.offsetWidth + "px";
      button.setAttribute("aria-busy", "true");
      const text = $("span", button) || button;
      if (form.dataset.busy) setTimeout(() => { text.textContent = form.dataset.busy; }, 400);
    });
  }
  // Back from the cache of the browser: what it shows may be old, and its buttons are still pressed.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ---- small conveniences ----
  for (const select of all("select[data-redraw]")) {
    const button = select.parentElement.querySelector(".redraw");
    button.hidden = true;
    // Typing walks through the list letter by letter: only when it is over the fields are drawn anew.
    let pending;
    const later = () => {
      clearTimeout(pending);
      pending = setTimeout(() => {
        try { sessionStorage.setItem("focus", select.id); } catch { /* Then the heading has the focus. */ }
        select.form.requestSubmit(button);
      }, 700);
    };
    select.addEventListener("change", later);
    select.addEventListener("keydown", () => { if (pending) later(); });
  }
  for (const button of all("[data-step]")) {
    const input = $("input", button.parentElement);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      input.value = Math.max(0, (Number(input.value) || 0) + Number(button.dataset.step));
    });
  }
  for (const radio of all("input[data-button]")) {
    radio.addEventListener("change", () => { $(".go .btn span").textContent = radio.dataset.button; });
  }
  // What stands under the button follows the choice; so does the price sheet, where there is one for each choice.
  for (const radio of all("input[data-note]")) {
    radio.addEventListener("change", () => {
      $(".go .said").textContent = radio.dataset.note;
      const sheet = all("template[data-sheet]").find((one) => one.dataset.sheet === radio.value);
      if (!sheet) return;
      for (const sum of all(".sum")) sum.replaceWith($(".sum", sheet.content).cloneNode(true));
      for (const total of all(".go .note .num, .bar summary .num")) total.textContent = sheet.dataset.total;
    });
  }
  for (const keep of all(".keep[name^=ticket]")) {
    keep.addEventListener("change", () => {
      if (keep.checked) all(".keep[name^=ticket]").forEach((other) => { other.checked = other === keep; });
    });
  }
  for (const input of all("input[aria-invalid], select[aria-invalid], textarea[aria-invalid]")) {
    input.addEventListener("change", () => { if (input.value.trim()) input.removeAttribute("aria-invalid"); });
  }
  for (const input of all("input[data-show]")) {
    const button = make("button", { type: "button", className: "link", textContent: input.dataset.show, ariaPressed: "false" });
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.ariaPressed = String(!shown);
    });
    input.after(button);
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") all(".bar details[open]").forEach((sheet) => { sheet.open = false; });
    // Enter in a field with a button of its own presses that one.
    const own = event.key === "Enter" && event.target.closest?.(".with")?.querySelector("button");
    if (own && event.target !== own) { event.preventDefault(); own.click(); }
  });

  // ---- to the bank, and while a payment runs ----
  const goes = $("a[data-goes]");
  if (goes) setTimeout(() => location.assign(goes.href), 1200);
  // The bank's page stands in a tab of its own beside a frame.
  const apart = $("a[data-apart]");
  apart?.addEventListener("click", () => setTimeout(() => location.assign(apart.dataset.apart), 300));
  const polls = $("a[data-poll]");
  if (polls) {
    let wait = 1000;
    let next;
    const again = async () => {
      clearTimeout(next);
      try {
        const answer = await (await fetch(polls.dataset.poll, { cache: "no-store" })).json();
        if (!answer.waits) { location.replace(answer.to); return; }
      } catch { /* Without a network the button is still there. */ }
      wait = Math.min(5000, wait * 1.5);
      next = setTimeout(again, wait);
    };
    next = setTimeout(again, wait);
    // Back from the bank's tab: no waiting.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { wait = 1000; again(); } });
  }
})();
