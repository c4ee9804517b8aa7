// Draws one message (or one album) as a chat bubble; knows nothing of where it is put.

import { avatar, button, fullName, h, name, tint } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";
import { inlineKeyboard } from "./keyboards.js";
import { brief, media, mediaKind } from "./media.js";
import { rich } from "./text.js";
import { clock } from "./time.js";

const SPOKEN = 160; // characters of a message that its label repeats for those who hear the page

// `view` is how it stands among the others: {group, first, last, pending(message, data)}; `on` is what clicks do.
export function single(message, view, on) {
  const article = shell(message, view);
  const bubble = h("div", { class: bubbleClass(message) }, head(message, view, on), media(message), words(message, on));
  if (!message.text && !message.caption) bubble.append(meta(message));
  article.append(...besides(message, view), h("div", { class: "stack" }, bubble, inlineKeyboard(message, view, on), reactions(message)));
  bubble.append(moreButton(message, on));
  return article;
}

export function album(messages, view, on) {
  const [leader] = messages;
  const withWords = messages.find((one) => one.caption);
  const files = messages.every((one) => one.photo || one.video) ? "pictures" : "files";
  const grid = h("div", { class: `album ${files}`, role: "group", "aria-label": t("album") });
  const widths = spans(messages.length);
  messages.forEach((message, at) => {
    const cell = h("article", { ...identity(message), class: `message album-item span-${widths[at]}` }, media(message));
    grid.append(cell);
  });
  const bubble = h("div", { class: `bubble has-media ${withWords ? "" : "bare"}` }, head(leader, view, on), grid);
  bubble.append(withWords ? words(withWords, on) : meta(leader), moreButton(leader, on));
  return h("div", { class: `${sideClass(leader, view)} album-row` }, ...besides(leader, view), h("div", { class: "stack" }, bubble));
}

// Six columns: halves (3) for the leading rows, thirds (2) for the rest, a full one (6) above a pair.
export function spans(count) {
  if (count === 1) return [6];
  if (count === 3) return [6, 3, 3];
  const halves = { 0: 0, 1: 4, 2: 2 }[count % 3];
  return Array.from({ length: count }, (_, at) => (at < halves ? 3 : 2));
}

function identity(message) {
  return { data: { messageId: message.message_id }, tabindex: -1, "aria-label": spoken(message) };
}

function spoken(message) {
  const who = message.outgoing ? t("you") : senderName(message);
  return `${t("from", { name: who, time: clock(message.date) })}: ${brief(message).slice(0, SPOKEN)}`;
}

function shell(message, view) {
  return h("article", { ...identity(message), class: `message ${sideClass(message, view)}` });
}

function sideClass(message, view) {
  const marks = [message.outgoing ? "out" : "in", view.first && "first", view.last && "last", view.group && "in-group"];
  return `line ${marks.filter(Boolean).join(" ")}`;
}

function bubbleClass(message) {
  const kind = mediaKind(message);
  const visual = ["photo", "video", "animation", "location", "venue"].includes(kind);
  if (["sticker", "dice", "video_note"].includes(kind)) return "bubble loose";
  return `bubble ${visual ? "has-media" : ""} ${visual && !message.caption ? "bare" : ""}`;
}

function besides(message, view) {
  if (!view.group || message.outgoing) return [];
  const who = senderName(message);
  return [view.last ? avatar(who, message.from?.id, message.from?.is_bot ? "small of-bot" : "small") : h("span", { class: "avatar-gap" })];
}

export function senderName(message) {
  return fullName(message.from) || message.sender_chat?.title || "";
}

function head(message, view, on) {
  const parts = [];
  if (view.group && view.first && !message.outgoing) parts.push(name(senderName(message), `sender ${tint(message.from?.id)}`));
  const origin = message.forward_origin;
  if (origin) parts.push(h("div", { class: "forwarded" }, t("forwarded", { name: originName(origin) })));
  if (message.reply_to_message) parts.push(quote(message.reply_to_message, message.quote?.text, on));
  return parts.length ? h("div", { class: "head" }, ...parts) : null;
}

function originName(origin) {
  return fullName(origin.sender_user) || origin.sender_user_name || origin.sender_chat?.title || origin.chat?.title || "?";
}

function quote(original, chosen, on) {
  const lines = [name(senderName(original), "quote-name"), h("span", { class: "quote-words", dir: "auto" }, chosen ?? brief(original))];
  return h("button", { type: "button", class: `quote ${tint(original.from?.id)}`, onclick: () => on.goTo(original.message_id) }, ...lines);
}

function words(message, on) {
  const text = message.text ?? message.caption;
  if (!text) return mediaKind(message) ? null : h("div", { class: "text unknown" }, t("unknown"));
  const entities = message.text ? message.entities : message.caption_entities;
  const body = h("div", { class: `text ${onlyEmoji(message) ? "huge" : ""}`, dir: "auto" }, rich(text, entities, on));
  body.append(meta(message));
  return body;
}

function onlyEmoji(message) {
  return /^(\p{Extended_Pictographic}\uFE0F?){1,3}$/u.test(message.text ?? "") && !message.reply_to_message;
}

function meta(message) {
  const parts = [message.edit_date ? h("span", { class: "edited" }, t("edited")) : null, h("time", {}, clock(message.date))];
  return h("span", { class: "meta" }, ...parts, message.outgoing ? icon("checks") : null);
}

function moreButton(message, on) {
  const node = button("more", icon("down"), (event) => on.menu(message, { anchor: event.currentTarget }), t("more"));
  node.setAttribute("aria-haspopup", "menu");
  node.tabIndex = -1; // by keyboard the message itself opens it, with Enter or the menu key
  return node;
}

function reactions(message) {
  const given = (message.reactions ?? []).map((one) => one.emoji ?? one.type?.emoji).filter(Boolean);
  return given.length ? h("div", { class: "reactions" }, given.join(" ")) : null;
}

// What the group itself says: who came, who went. Null for ordinary messages.
export function serviceWords(message) {
  const names = (people) => people.map(fullName).join(", ");
  if (message.new_chat_members) return t("joined", { names: names(message.new_chat_members) });
  if (message.left_chat_member) return t("left", { names: fullName(message.left_chat_member) });
  if (message.group_chat_created || message.supergroup_chat_created) return t("created");
  if (message.new_chat_title) return t("title", { title: message.new_chat_title });
  if (message.pinned_message) return t("pinned");
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("migrated");
  return null;
}

export function serviceLine(message) {
  return h("article", { ...identity(message), class: "message service", dir: "auto" }, serviceWords(message));
}
