// The scrolling list of one chat: keeps elements that did not change, keeps the place, keeps the focus.

import { blocks } from "./blocks.js";
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

const NEAR = 40; // pixels from the end that still count as being at the end
const LONG_PRESS = 500; // milliseconds
const TREMBLE = 8; // pixels a finger may move and still be pressing

export class Log {
  constructor(on) {
    this.on = on;
    this.known = new Map();
    this.missed = 0;
    this.atEnd = true;
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "data-t-label": "log" });
    this.badge = h("span", { class: "badge" });
    this.chip = button("to-bottom", icon("down"), () => this.toEnd(true));
    this.chip.append(this.badge);
    this.node = h("div", { class: "log-frame" }, this.list, this.chip);
    this.listen();
  }

  listen() {
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.keys(event));
    this.list.addEventListener("contextmenu", (event) => this.pointed(event));
    this.list.addEventListener("focusin", (event) => this.rove(event.target.closest("article")));
    this.list.addEventListener("pointerdown", (event) => this.hold(event));
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.list);
  }

  // Shows these messages; `fresh` is how many incoming ones are new since the last showing.
  show(messages, view, { jump = false, fresh = 0, own = false } = {}) {
    this.messages = messages;
    const stay = this.atEnd || jump || own;
    const focus = this.focusPlace();
    this.reconcile(blocks(messages, view, this.on), jump);
    this.refocus(focus);
    this.rove(this.list.querySelector('article[tabindex="0"]') ?? [...this.list.querySelectorAll("article")].at(-1));
    if (stay) this.toEnd();
    else this.missed += fresh;
    this.showChip();
  }

  reconcile(wanted, calm) {
    const next = new Map();
    for (const block of wanted) {
      const old = this.known.get(block.key);
      const node = old?.sign === block.sign ? old.node : block.draw();
      if (!old && !calm) node.classList.add("arriving");
      if (old && old.edited !== block.edited) node.classList.add("changed");
      next.set(block.key, { sign: block.sign, edited: block.edited, node });
    }
    for (const [key, old] of this.known) if (next.get(key)?.node !== old.node) old.node.remove();
    let place = this.list.firstChild;
    for (const { node } of next.values()) {
      if (node === place) place = place.nextSibling;
      else this.list.insertBefore(node, place);
    }
    this.known = next;
  }

  focusPlace() {
    const here = document.activeElement;
    if (!this.list.contains(here)) return null;
    const article = here.closest("article");
    const kin = article ? [...article.querySelectorAll("button, a")] : [];
    return article && { id: article.dataset.messageId, key: here.dataset.data, at: kin.indexOf(here), node: here };
  }

  // When a card is redrawn under a person's finger, the focus goes to the same button or to the card itself.
  refocus(place) {
    if (!place || place.node.isConnected) return;
    const article = this.find(place.id);
    const keys = [...(article?.querySelectorAll("button.inline") ?? [])];
    const same = place.at >= 0 && keys.find((key) => key.dataset.data === place.key);
    (same || article)?.focus({ preventScroll: true });
  }

  find(id) {
    return this.list.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);
  }

  goTo(id) {
    const article = this.find(id);
    article?.scrollIntoView({ block: "center", behavior: "smooth" });
    article?.focus({ preventScroll: true });
  }

  rove(article) {
    if (!article) return;
    this.list.querySelectorAll('article[tabindex="0"]').forEach((other) => { other.tabIndex = -1; });
    article.tabIndex = 0;
  }

  keys(event) {
    const article = event.target.closest("article");
    const onArticle = event.target === article;
    if (!article) return;
    const wantsMenu = event.key === "ContextMenu" || (event.shiftKey && event.key === "F10") || (onArticle && event.key === "Enter");
    if (wantsMenu) {
      event.preventDefault();
      this.openMenu(article, { anchor: article });
    }
    if (onArticle) this.walk(event, article);
  }

  walk(event, article) {
    const all = [...this.list.querySelectorAll("article")];
    const here = all.indexOf(article);
    const next = { ArrowUp: all[here - 1], ArrowDown: all[here + 1], Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  pointed(event) {
    const article = event.target.closest("article");
    if (!article || event.target.closest("a")) return;
    event.preventDefault();
    this.openMenu(article, { x: event.clientX, y: event.clientY });
  }

  // Some touch browsers send no contextmenu event: a long press is measured here.
  hold(event) {
    const article = event.target.closest("article");
    if (event.pointerType !== "touch" || !article || event.target.closest("button, a")) return;
    const timer = setTimeout(() => this.openMenu(article, { x: event.clientX, y: event.clientY }), LONG_PRESS);
    const away = (move) => Math.hypot(move.clientX - event.clientX, move.clientY - event.clientY) > TREMBLE;
    const ears = new AbortController();
    const stop = (end) => {
      if (end.type === "pointermove" && !away(end)) return;
      clearTimeout(timer);
      ears.abort();
    };
    for (const kind of ["pointerup", "pointercancel", "pointermove"]) addEventListener(kind, stop, { signal: ears.signal, passive: true });
  }

  openMenu(article, at) {
    const message = this.messages.find((one) => String(one.message_id) === article.dataset.messageId);
    if (message) this.on.menu(message, at);
  }

  scrolled() {
    this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
    if (this.atEnd) this.missed = 0;
    this.showChip();
  }

  toEnd(smooth = false) {
    this.list.scrollTo({ top: this.list.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  showChip() {
    this.chip.hidden = this.atEnd;
    this.badge.textContent = this.missed || "";
    this.badge.hidden = !this.missed;
    const words = this.missed ? `${t("toBottom")}, ${t("unread", { n: this.missed })}` : t("toBottom");
    this.chip.setAttribute("aria-label", words);
    this.chip.title = words;
  }
}
