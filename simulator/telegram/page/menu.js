// A small pop-up menu inside a phone, for messages and for the attach button.

import { h } from "./dom.js";
import { icon } from "./icons.js";

let shut = () => {};

// `items`: [{icon, words, act}]; `at`: {anchor} or {x, y} in the window; arrows, Home, End, Enter, Escape work.
export function openMenu(host, items, at) {
  shut();
  const before = document.activeElement;
  const entries = items.map((item) => entry(item, () => close(true)));
  const menu = h("div", { class: "menu", role: "menu" }, entries);
  const close = (back) => {
    menu.remove();
    document.removeEventListener("pointerdown", away, true);
    shut = () => {};
    if (back && before?.isConnected) before.focus({ preventScroll: true });
  };
  const away = (event) => { if (!menu.contains(event.target)) close(false); };
  menu.addEventListener("keydown", (event) => move(event, entries, () => close(true)));
  shut = () => close(false);
  host.append(menu);
  put(menu, host, at);
  document.addEventListener("pointerdown", away, true);
  entries[0]?.focus({ preventScroll: true });
}

function entry(item, close) {
  const act = () => { close(); item.act(); };
  return h("button", { type: "button", role: "menuitem", tabindex: -1, onclick: act }, icon(item.icon), h("span", {}, item.words));
}

function move(event, entries, close) {
  event.stopPropagation();
  const here = entries.indexOf(document.activeElement);
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
  if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); close(); }
  if (!(event.key in steps)) return;
  event.preventDefault();
  entries.at(steps[event.key] % entries.length).focus();
}

// Keeps the menu within its phone; positions are set through the object model, not as attributes.
function put(menu, host, at) {
  const frame = host.getBoundingClientRect();
  const from = at.anchor?.getBoundingClientRect() ?? { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const below = from.bottom + menu.offsetHeight + 8 < frame.bottom;
  const top = below ? from.bottom + 4 : from.top - menu.offsetHeight - 4;
  const margin = 8;
  const left = Math.min(from.left, frame.right - menu.offsetWidth - margin);
  menu.style.left = `${Math.max(left - frame.left, margin)}px`;
  menu.style.top = `${Math.max(top - frame.top, margin)}px`;
}
