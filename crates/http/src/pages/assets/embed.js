// Opens a checkout in a dialog on a shop's own page: GuestCheckout.open({ url, onEvent }). The buyer's data stay in the
// frame; the shop's page is told how the order stands, and nothing else.
(() => {
  "use strict";
  const style = `dialog.guest-checkout{position:fixed;inset:0;margin:auto;padding:0;border:0;inline-size:min(30rem,100vw);block-size:min(52rem,100dvh);max-inline-size:100vw;max-block-size:100dvh;border-radius:16px;overflow:hidden;background:Canvas;color:CanvasText;box-shadow:0 24px 64px rgb(0 0 0/.3)}dialog.guest-checkout::backdrop{background:rgb(23 25 28/.5)}dialog.guest-checkout>div{display:flex;flex-direction:column;block-size:100%}dialog.guest-checkout button{align-self:flex-end;min-block-size:44px;min-inline-size:44px;margin:4px;border:0;background:none;color:inherit;font:600 15px system-ui,sans-serif;cursor:pointer}dialog.guest-checkout iframe{flex:1;border:0;inline-size:100%}@media(max-width:32rem){dialog.guest-checkout{inline-size:100vw;block-size:100dvh;border-radius:0}}`;
  const german = () => (document.documentElement.lang || navigator.language || "").toLowerCase().startsWith("de");
  const words = () => german()
    ? { close: "Schließen", title: "Kasse", ask: "Kasse verlassen? Was reserviert ist, bleibt es, bis die Zeit abläuft." }
    : { close: "Close", title: "Checkout", ask: "Leave checkout? What is held stays held until its time is over." };
  const over = ["complete", "requested", "reserved", "close"];

  const open = ({ url, onEvent = () => {} }) => {
    const target = new URL(url, location.href);
    target.searchParams.set("embed", "1");
    target.searchParams.set("parent", location.origin);
    const said = words();
    const before = document.activeElement;
    const sheet = document.createElement("style");
    sheet.textContent = style;
    const dialog = document.createElement("dialog");
    dialog.className = "guest-checkout";
    dialog.setAttribute("aria-label", said.title);
    const inside = document.createElement("div");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = said.close;
    const frame = document.createElement("iframe");
    frame.title = said.title;
    frame.allow = "payment";
    frame.src = target.href;
    inside.append(button, frame);
    dialog.append(inside);
    document.body.append(sheet, dialog);

    let state = "ready";
    const listen = (event) => {
      if (event.origin !== target.origin || event.source !== frame.contentWindow) return;
      if (event.data?.source !== "guest-checkout" || event.data.v !== 1) return;
      if (event.data.type === "close") { close(); return; }
      state = event.data.type === "resize" || event.data.type === "expiring" ? state : event.data.type;
      onEvent(event.data);
    };
    const shut = () => {
      removeEventListener("message", listen);
      dialog.close();
      dialog.remove();
      sheet.remove();
      before?.focus?.();
      onEvent({ source: "guest-checkout", v: 1, type: "close", order: {}, data: {} });
    };
    const close = () => { if (over.includes(state) || state === "ready" || confirm(said.ask)) shut(); };
    addEventListener("message", listen);
    button.addEventListener("click", close);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    dialog.showModal();
    frame.addEventListener("load", () => {
      frame.contentWindow.postMessage({ source: "guest-checkout", v: 1, type: "focus" }, target.origin);
    });
    return { close: shut };
  };
  window.GuestCheckout = Object.freeze({ open });
})();
