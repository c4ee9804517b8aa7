// The body of a phone: the label above it, the chat's header with its switcher, and the screen between.

import { avatar, fullName, h, name } from "./dom.js";
import { role, t, translate } from "./i18n.js";

export class Frame {
  constructor(user, log, composer, open) {
    Object.assign(this, { user, open });
    this.title = h("div", { class: "chat-title" });
    this.tabs = h("nav", { class: "chats", "data-t-label": "chats", hidden: true });
    this.empty = h("div", { class: "empty", hidden: true });
    this.label = h("h2", { class: "owner" });
    log.append(this.empty);
    this.screen = h("div", { class: "screen" }, h("header", { class: "chat-head" }, this.title, this.tabs), log, composer);
    const language = user.language_code?.startsWith("zh") ? "zh-Hans" : user.language_code;
    const device = h("div", { class: "device", lang: language || null }, this.screen);
    this.node = h("section", { class: "phone", id: `phone-${user.id}`, data: { user: user.id } }, this.label, device);
    this.relabel();
  }

  relabel() {
    const who = fullName(this.user);
    const hint = role(this.user.role_hint);
    this.label.replaceChildren(name(who, "owner-name"), hint ? h("span", { class: "owner-role" }, hint) : "");
    this.node.setAttribute("aria-label", hint ? `${who}, ${hint}` : who);
    translate(this.node);
  }

  head(chat, chats) {
    const note = chat.typing ? t("typing") : chat.isGroup ? t("members", { n: chat.members.length }) : t("bot");
    const words = h("div", { class: "chat-words" }, h("h3", {}, name(chat.title ?? "")), h("p", { class: chat.typing ? "typing" : null }, note));
    this.title.replaceChildren(avatar(chat.title ?? "", chat.id, chat.isGroup ? "" : "of-bot"), words);
    this.drawTabs(chat, chats);
  }

  drawTabs(open, chats) {
    const sign = JSON.stringify(chats.map((chat) => [chat.id, chat.title, chat.unread, chat.id === open.id, t("unread")]));
    if (sign === this.tabsSign) return;
    this.tabsSign = sign;
    const focused = this.tabs.contains(document.activeElement) ? document.activeElement.dataset.chat : null;
    this.tabs.hidden = chats.length < 2;
    this.tabs.replaceChildren(...chats.map((chat) => this.tab(chat, chat.id === open.id)));
    if (focused) this.tabs.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
  }

  tab(chat, isOpen) {
    const count = chat.unread ? h("span", { class: "badge", "aria-label": t("unread", { n: chat.unread }) }, String(chat.unread)) : null;
    const attributes = {
      type: "button", class: "chat-tab", data: { chat: chat.id },
      "aria-current": isOpen ? "true" : null, onclick: () => this.open(chat.id),
    };
    return h("button", attributes, name(chat.title ?? ""), count);
  }

  showEmpty(empty, group) {
    this.empty.hidden = !empty;
    if (empty) this.empty.replaceChildren(h("strong", {}, t("empty")), h("span", {}, t(group ? "emptyGroup" : "emptyHint")));
  }
}
