// Things laid over a phone: toasts, alerts, questions; and the large view of a picture.

import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

const TOAST_STAYS = 4000;

// A short word inside one phone, gone by itself.
export function toast(host, text) {
  host.querySelector(".toast")?.remove();
  const node = h("div", { class: "toast", role: "status", dir: "auto" }, text);
  host.append(node);
  setTimeout(() => node.remove(), TOAST_STAYS);
}

export function alert(host, text) {
  return layer(host, { role: "alertdialog", text, buttons: [{ words: t("ok"), value: true, main: true }] });
}

export function ask(host, { title, text, yes }) {
  const buttons = [{ words: t("cancel"), value: false }, { words: yes, value: true, main: true, className: "confirm" }];
  return layer(host, { role: "dialog", title, text, buttons });
}

// Asks for a place; answers {latitude, longitude} or false.
export async function askPlace(host, start) {
  const field = (key, value, limit) => h("input", { type: "number", name: key, step: "any", min: -limit, max: limit, value, "aria-label": t(key) });
  const latitude = field("latitude", start.latitude, 90);
  const longitude = field("longitude", start.longitude, 180);
  const fields = h("div", { class: "place-fields" }, label("latitude", latitude), label("longitude", longitude));
  const buttons = [{ words: t("cancel"), value: false }, { words: t("share"), value: true, main: true, className: "confirm" }];
  const agreed = await layer(host, { role: "dialog", title: t("sharePlace"), extra: fields, buttons });
  const good = latitude.value !== "" && longitude.value !== "" && latitude.checkValidity() && longitude.checkValidity();
  return agreed && good && { latitude: Number(latitude.value), longitude: Number(longitude.value) };
}

function label(key, input) {
  return h("label", {}, h("span", {}, t(key)), input);
}

function layer(host, { role, title = null, text = null, extra = null, buttons }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = (value) => { veil.remove(); cover(host); if (free && before?.isConnected) before.focus(); resolve(value); };
    const row = buttons.map((one) => button(`${one.main ? "main" : ""} ${one.className ?? ""}`, one.words, () => close(one.value)));
    const heading = title && h("h3", {}, title);
    const words = text && h("p", { dir: "auto" }, text);
    const box = h("div", { class: "box", role, "aria-modal": "true", "aria-label": title ?? text }, heading, words, extra, h("div", { class: "box-buttons" }, row));
    const veil = h("div", { class: "veil", onkeydown: (event) => keys(event, box, () => close(false)) }, box);
    const free = before === document.body || host.contains(before); // never take the focus from another phone
    host.append(veil);
    cover(host);
    if (free) row.at(-1).focus();
  });
}

// What lies under a dialog cannot be reached while it is open; the other phones stay alive.
function cover(host) {
  const top = [...host.querySelectorAll(":scope > .veil")].at(-1);
  for (const part of host.children) if (!part.matches(".toast")) part.inert = Boolean(top) && part !== top;
}

function keys(event, box, close) {
  event.stopPropagation();
  if (event.key === "Escape") close();
  if (event.key !== "Tab") return;
  const stops = [...box.querySelectorAll("button, input")];
  const next = stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
  event.preventDefault();
  stops.at(next % stops.length).focus();
}

export function showPicture(url, title) {
  const shut = button("picture-close", icon("close"), () => dialog.close(), t("close"));
  const dialog = h("dialog", { class: "picture", "aria-label": title }, h("img", { src: url, alt: title }), shut);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
