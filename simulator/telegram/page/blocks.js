// Lays a chat's messages out as a list of blocks: days, service lines, albums and single bubbles.

import { album, serviceLine, serviceWords, single } from "./bubble.js";
import { h } from "./dom.js";
import { currentLanguage } from "./i18n.js";
import { dayKey, dayName } from "./time.js";

const RUN_GAP = 300; // seconds after which the same sender begins a new run of bubbles

// Each block: {key, sign, draw()}; a block whose sign has not changed keeps its element.
export function blocks(messages, view, on) {
  const units = gather(messages);
  const out = [];
  units.forEach((unit, at) => {
    const [message] = unit.messages;
    const before = units[at - 1]?.messages.at(-1);
    if (!before || dayKey(before.date) !== dayKey(message.date)) out.push(dayBlock(message.date));
    const stand = { ...view, first: !joins(units[at - 1], unit), last: !joins(unit, units[at + 1]) };
    out.push(messageBlock(unit, stand, on));
  });
  return out;
}

function gather(messages) {
  const units = [];
  for (const message of messages) {
    const open = units.at(-1);
    const group = message.media_group_id;
    if (group && open?.group === group) open.messages.push(message);
    else units.push({ group, messages: [message], service: serviceWords(message) !== null });
  }
  return units;
}

function joins(above, below) {
  if (!above || !below || above.service || below.service) return false;
  const [a, b] = [above.messages.at(-1), below.messages[0]];
  const sameSender = (a.from?.id ?? a.sender_chat?.id) === (b.from?.id ?? b.sender_chat?.id);
  return sameSender && b.date - a.date < RUN_GAP && dayKey(a.date) === dayKey(b.date);
}

function dayBlock(seconds) {
  const words = dayName(seconds);
  return { key: `day:${dayKey(seconds)}`, sign: words, draw: () => h("div", { class: "day" }, h("span", {}, words)) };
}

function messageBlock(unit, view, on) {
  const { messages } = unit;
  const busy = messages.map((message) => busyKeys(message, view)).join();
  const sign = JSON.stringify([messages, view.first, view.last, busy, currentLanguage()]);
  const key = `message:${messages[0].message_id}`;
  return { key, sign, draw: () => draw(unit, view, on), edited: messages.map((one) => one.edit_date ?? 0).join() };
}

function busyKeys(message, view) {
  const keys = message.reply_markup?.inline_keyboard?.flat() ?? [];
  return keys.map((key) => (view.pending(message, key.callback_data) ? "1" : "0")).join("");
}

function draw(unit, view, on) {
  const { messages } = unit;
  if (unit.service) return serviceLine(messages[0]);
  return messages.length > 1 ? album(messages, view, on) : single(messages[0], view, on);
}
