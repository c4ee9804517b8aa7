// The foot of a chat: text box, attachments, reply and edit bars, Start, and the bot's reply keyboard.

import { Attachments } from "./attachments.js";
import { senderName } from "./bubble.js";
import { button, h, name } from "./dom.js";
import { icon } from "./icons.js";
import { t, translate } from "./i18n.js";
import { replyKeyboard } from "./keyboards.js";
import { brief } from "./media.js";
import { openMenu } from "./menu.js";

const TALLEST = 132;

export class Composer {
  // `on`: send(text, replyTo), save(id, text), upload(run, caption, replyTo), key(key), place(), contact(), editLast(), host()
  constructor(on) {
    this.on = on;
    this.mode = null; // {kind: "reply" | "edit", message}
    this.keysOpen = false;
    this.build();
  }

  build() {
    this.files = new Attachments(() => this.refresh());
    this.bar = h("div", { class: "mode-bar", hidden: true });
    this.box = h("textarea", { class: "composer", rows: 1, dir: "auto", "data-t-label": "write", enterkeyhint: "send" });
    this.start = h("button", { type: "button", class: "start", "data-t": "start", hidden: true, onclick: () => this.on.send("/start") });
    this.clip = this.sign("clip", "attach", "attach", () => this.attachMenu());
    this.clip.setAttribute("aria-haspopup", "menu");
    this.keysButton = this.sign("keys-toggle", "keys", "keys", () => this.toggleKeys());
    this.go = this.sign("send", "send", "send", () => this.submit());
    this.pick = this.picker("attach", false);
    this.pickFile = this.picker("attach-file", true);
    this.keysPanel = h("div", { class: "reply-keyboard", role: "group", "data-t-label": "keys", hidden: true });
    const row = h("div", { class: "compose-row" }, this.clip, this.box, this.keysButton, this.go, this.pick, this.pickFile);
    this.node = h("footer", { class: "foot" }, this.start, this.bar, this.files.node, row, this.keysPanel);
    this.listen();
    this.refresh();
  }

  sign(className, drawing, key, act) {
    return h("button", { type: "button", class: `sign ${className}`, "data-t-label": key, onclick: act }, icon(drawing));
  }

  picker(className, asFile) {
    const chosen = () => { this.files.add(input.files, asFile); input.value = ""; this.box.focus(); };
    const input = h("input", { type: "file", class: className, multiple: true, tabindex: -1, "aria-hidden": "true", onchange: chosen });
    return input;
  }

  listen() {
    this.box.addEventListener("input", () => this.refresh());
    this.box.addEventListener("keydown", (event) => this.typed(event));
    this.box.addEventListener("paste", (event) => this.taken(event, event.clipboardData));
  }

  taken(event, transfer) {
    if (!transfer?.files.length) return;
    event.preventDefault();
    this.files.add(transfer.files);
    this.box.focus();
  }

  typed(event) {
    const composing = event.isComposing || event.keyCode === 229; // an input method is still choosing characters
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") this.setMode(null);
    else if (event.key === "ArrowUp" && !this.box.value && !this.mode) {
      if (this.on.editLast()) event.preventDefault();
    }
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text && !this.files.any) return;
    const mode = this.mode;
    const replyTo = mode?.kind === "reply" ? mode.message.message_id : null;
    const runs = mode?.kind === "edit" ? [] : this.files.take();
    this.setMode(null);
    this.setText("");
    const done = await this.deliver(mode, text, replyTo, runs);
    if (!done && !this.box.value) this.setText(text);
  }

  async deliver(mode, text, replyTo, runs) {
    if (mode?.kind === "edit") return this.on.save(mode.message.message_id, text);
    if (!runs.length) return this.on.send(text, replyTo);
    let done = true;
    for (const [at, run] of runs.entries()) done = (await this.on.upload(run, at === 0 ? text : "", replyTo)) && done;
    return done;
  }

  setText(text) {
    this.box.value = text;
    this.refresh();
  }

  setMode(mode, focus = true) {
    if (this.mode?.kind === "edit" && mode?.kind !== "edit") this.box.value = "";
    this.mode = mode;
    if (mode?.kind === "edit") this.box.value = mode.message.text ?? "";
    this.drawBar();
    this.refresh();
    if (mode && focus) this.box.focus();
  }

  drawBar() {
    this.bar.hidden = !this.mode;
    if (!this.mode) return;
    const { kind, message } = this.mode;
    const title = kind === "edit" ? t("editing") : t("replying", { name: message.outgoing ? t("you") : senderName(message) });
    const lines = h("span", { class: "mode-words" }, name(title, "mode-title"), h("span", { dir: "auto" }, brief(message)));
    const off = button("sign cancel", icon("close"), () => { this.setMode(null); this.box.focus(); }, t("cancel"));
    this.bar.replaceChildren(icon(kind), lines, off);
  }

  refresh() {
    const editing = this.mode?.kind === "edit";
    this.go.disabled = !this.box.value.trim() && !this.files.any;
    this.go.setAttribute("aria-label", t(editing ? "save" : "send"));
    this.clip.disabled = editing;
    const hint = this.keyboard?.input_field_placeholder ?? this.mode?.hint;
    this.box.placeholder = this.files.any ? t("caption") : hint || t("write");
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, TALLEST)}px`;
  }

  attachMenu() {
    const items = [
      { icon: "picture", words: t("attachAny"), act: () => this.pick.click() },
      { icon: "file", words: t("attachFile"), act: () => this.pickFile.click() },
      { icon: "pin", words: t("attachPlace"), act: () => this.on.place() },
      { icon: "person", words: t("attachContact"), act: () => this.on.contact() },
    ];
    openMenu(this.on.host(), items, { anchor: this.clip });
  }

  // The chat's current reply keyboard; a new one opens by itself, as on a telephone.
  setKeyboard(markup) {
    const same = JSON.stringify(markup ?? null) === JSON.stringify(this.keyboard ?? null);
    this.keyboard = markup;
    if (!same) {
      this.keysOpen = Boolean(markup?.keyboard?.length);
      this.keysPanel.replaceChildren(...replyKeyboard(markup, (key) => this.pressed(key)));
    }
    this.showKeys();
    this.refresh();
  }

  pressed(key) {
    if (this.keyboard?.one_time_keyboard) this.keysOpen = false;
    this.showKeys();
    this.on.key(key);
    if (!this.keysOpen) this.box.focus({ preventScroll: true });
  }

  toggleKeys() {
    this.keysOpen = !this.keysOpen;
    this.showKeys();
  }

  showKeys() {
    const has = Boolean(this.keyboard?.keyboard?.length);
    this.keysButton.hidden = !has;
    this.keysPanel.hidden = !has || !this.keysOpen;
    this.keysButton.setAttribute("aria-expanded", String(has && this.keysOpen));
  }

  relabel() {
    translate(this.node);
    this.drawBar();
    this.refresh();
  }
}
