// The two keyboards of a bot: the one under a message and the one under the text box.

import { h } from "./dom.js";
import { icon } from "./icons.js";

export function inlineKeyboard(message, view, on) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h("div", { class: "inline-keyboard" }, rows.map((row) => keyRow(row, (key) => inlineKey(message, key, view, on))));
}

function keyRow(row, draw) {
  return h("div", { class: "key-row" }, row.map(draw));
}

function inlineKey(message, key, view, on) {
  const busy = key.callback_data !== undefined && view.pending(message, key.callback_data);
  const leaves = key.url ? icon("link") : key.copy_text ? icon("copy") : null;
  const attributes = {
    type: "button", class: `inline ${key.style ?? ""}`, "aria-busy": busy ? "true" : null,
    data: { data: key.callback_data ?? "" }, onclick: () => on.inline(message, key),
  };
  return h("button", attributes, h("span", { dir: "auto" }, key.text), leaves);
}

// A key may be a bare string or an object; those with a request ask the person before they tell anything.
export function replyKeyboard(markup, onKey) {
  const draw = (key) => {
    const text = typeof key === "string" ? key : key.text;
    const sign = key.request_contact ? icon("person") : key.request_location ? icon("pin") : null;
    const attributes = { type: "button", class: `reply-key ${key.style ?? ""}`, onclick: () => onKey(typeof key === "string" ? { text } : key) };
    return h("button", attributes, sign, h("span", { dir: "auto" }, text));
  };
  return (markup?.keyboard ?? []).map((row) => keyRow(row, draw));
}
