// Turns a message's text and its entities into nodes; offsets count UTF-16 units, as JavaScript itself does.

import { h } from "./dom.js";
import { t } from "./i18n.js";

const PLAIN = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

// `on` says what a click does: on.command("/help"), on.link(url) -> true when the page itself dealt with it.
export function rich(text, entities, on) {
  const into = document.createDocumentFragment();
  const known = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  weave(into, text, 0, text.length, known, on);
  return into;
}

function weave(into, text, from, to, entities, on) {
  let at = from;
  for (let i = 0; i < entities.length;) {
    const entity = entities[i++];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    const inner = [];
    while (i < entities.length && entities[i].offset < end) inner.push(entities[i++]);
    if (end <= start) continue;
    into.append(text.slice(at, start));
    const node = wrap(entity, text.slice(start, end), on);
    weave(node, text, start, end, inner, on);
    into.append(node);
    at = end;
  }
  into.append(text.slice(at, to));
}

function wrap(entity, words, on) {
  switch (entity.type) {
    case "pre": return h("pre", { "data-language": entity.language });
    case "text_link": return link(entity.url, on, entity.url);
    case "url": return link(SAFE_LINK.test(words) ? words : `https://${words}`, on);
    case "email": return link(`mailto:${words}`, on);
    case "phone_number": return link(`tel:${words.replace(/[^+\d]/g, "")}`, on);
    case "bot_command": return h("button", { type: "button", class: "command", onclick: () => on.command(words) });
    case "spoiler": return spoiler();
    default: return h(PLAIN[entity.type] ?? "span", { class: `entity-${entity.type}` });
  }
}

function link(url, on, title = null) {
  if (!SAFE_LINK.test(url)) return h("span", { class: "entity-link" });
  const open = (event) => { if (on.link(url)) event.preventDefault(); };
  return h("a", { href: url, title, target: "_blank", rel: "noopener noreferrer", onclick: open });
}

function spoiler() {
  const show = () => { node.classList.add("shown"); node.removeAttribute("role"); node.removeAttribute("aria-label"); };
  const keys = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } };
  const node = h("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": t("spoiler"), onclick: show, onkeydown: keys });
  return node;
}
