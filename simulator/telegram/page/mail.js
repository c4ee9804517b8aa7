// A person's mail client beside the phones: folders, the list, the mail being read, and the one being written.
//
// Stable hooks for browser tests:
//   section.mailbox[data-pane="PATH"]     the device; everything below is inside it
//   button.mail-folder[data-folder]       "inbox" and "sent"; the inbox has a .badge while something is unread
//   button.mail-row[data-mail="ID"]       one mail of the open folder, the newest first; .unseen until it was opened
//   article.letter[data-mail="ID"]        the mail being read; button.reply answers it, button.back goes to the list
//   button.write-mail, .letter-form       the sheet: input.mail-to, input.mail-about, textarea.mail-words,
//                                         input[type=file].attach, button.mail-send
//   .toast                                that it was sent, or why not

import * as api from "./api.js";
import { button, h, name } from "./dom.js";
import { toast } from "./dialogs.js";
import { icon } from "./icons.js";
import { role, t, translate } from "./i18n.js";
import { face, letter, row } from "./letter.js";
import { LetterForm } from "./letterform.js";

const PAUSE = 700; // milliseconds between two looks into the mailbox
const REST = 3000; // ... after one that failed
const FOLDERS = ["inbox", "sent"];
const NEW = "new"; // the key of the mail that answers none

export class Mailbox {
  // `pane`: {path, title, hint}; `changed`: told when the number of unread mails may be another
  constructor(pane, changed) {
    Object.assign(this, { pane, changed, folder: "inbox", mails: { inbox: [], sent: [] }, reading: null, form: null, resting: 0 });
    this.forms = new Map(); // begun and not yet sent, by the mail they answer
    this.known = null; // the mails of the last look, to tell which ones are new
    this.sign = "";
    this.build();
    this.timer = setInterval(() => this.look(), PAUSE);
    document.addEventListener("visibilitychange", this.woken = () => this.look());
    this.look();
  }

  build() {
    this.label = h("h2", { class: "owner" });
    this.address = h("p", {});
    const write = h("button", { type: "button", class: "write-mail", onclick: () => this.write() }, icon("edit"), h("span", { "data-t": "writeMail" }));
    const words = h("div", { class: "chat-words" }, h("h3", { "data-t": "mail" }), this.address);
    this.tabs = h("nav", { class: "chats", "data-t-label": "mail" });
    this.list = h("div", { class: "mail-list" });
    this.title = h("div", { class: "chat-title" }, face(this.pane.title, ""), words);
    const head = h("header", { class: "chat-head" }, this.title, this.tabs);
    this.desk = h("div", { class: "mail-desk" });
    this.screen = h("div", { class: "screen" }, h("div", { class: "mail-shelf" }, head, this.list, write), this.desk);
    this.node = h("section", { class: "mailbox", data: { pane: this.pane.path } }, this.label, h("div", { class: "device" }, this.screen));
    this.relabel();
  }

  get id() {
    return this.pane.path;
  }

  get unread() {
    return this.mails.inbox.filter((mail) => !mail.seen).length;
  }

  close() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.woken);
    this.node.remove();
  }

  // Asks for the mails there are; a look that fails is made good by the next one.
  async look() {
    if (document.hidden || this.looking || Date.now() < this.resting) return;
    this.looking = true;
    try {
      this.take(await api.mailbox(this.pane.path));
    } catch {
      this.resting = Date.now() + REST; // the page's head tells already that the simulator is away
    }
    this.looking = false;
  }

  take({ account, inbox, sent }) {
    const sign = JSON.stringify([account, inbox, sent]);
    if (sign === this.sign) return;
    const known = this.known;
    Object.assign(this, { sign, account, mails: { inbox, sent } });
    this.known = new Set([...inbox, ...sent].map(key));
    this.fresh = known ? new Set([...this.known].filter((one) => !known.has(one))) : new Set();
    this.address.textContent = account.address;
    this.title.firstChild.replaceWith(face(this.pane.title, account.address));
    this.drawShelf();
    this.fresh = new Set();
    this.changed();
  }

  // The list

  open(folder) {
    this.folder = folder;
    this.drawShelf();
  }

  drawShelf() {
    const focused = this.screen.contains(document.activeElement) ? document.activeElement : null;
    this.tabs.replaceChildren(...FOLDERS.map((folder) => this.tab(folder)));
    const mails = this.mails[this.folder];
    this.list.replaceChildren(...(mails.length ? mails.map((mail) => this.row(mail)) : [this.nothing()]));
    if (focused?.matches(".mail-row")) this.list.querySelector(`[data-mail="${focused.dataset.mail}"]`)?.focus({ preventScroll: true });
    if (focused?.matches(".mail-folder")) this.tabs.querySelector(`[data-folder="${focused.dataset.folder}"]`)?.focus();
  }

  tab(folder) {
    const count = folder === "inbox" && this.unread ? h("span", { class: "badge", "aria-label": t("unread", { n: this.unread }) }, String(this.unread)) : null;
    const attributes = { type: "button", class: "chat-tab mail-folder", data: { folder }, "aria-current": folder === this.folder ? "true" : null };
    return h("button", { ...attributes, onclick: () => this.open(folder) }, t(folder), count);
  }

  row(mail) {
    const open = this.reading && key(this.reading) === key(mail);
    return row(mail, { fresh: this.fresh?.has(key(mail)), open, act: () => this.read(mail) });
  }

  nothing() {
    const hint = this.folder === "inbox" && !this.mails.sent.length ? h("span", {}, t("noMailHint")) : null;
    return h("p", { class: "mail-nothing" }, h("strong", {}, t("noMail")), hint);
  }

  // Reading

  async read(mail) {
    let whole;
    try {
      whole = await api.letter(this.pane.path, mail.folder, mail.id);
      if (!mail.seen) await api.seen(this.pane.path, mail.folder, mail.id);
    } catch (error) {
      toast(this.screen, t("failed", { why: error.message }));
      return;
    }
    this.reading = whole;
    this.form = null;
    this.drawDesk();
    this.desk.querySelector(".letter")?.focus({ preventScroll: true });
    await this.look();
    this.drawShelf();
  }

  // Back from the sheet to the mail it answers, from a mail to the list; what was begun is kept.
  back() {
    const was = this.reading;
    if (this.form) this.form = null;
    else this.reading = null;
    this.drawDesk();
    this.drawShelf();
    const row = was && !this.reading ? this.list.querySelector(`[data-mail="${was.id}"]`) : null;
    (this.reading ? this.desk.querySelector("button.reply") : (row ?? this.screen.querySelector(".write-mail")))?.focus({ preventScroll: true });
  }

  // Writing

  write(answered = null) {
    if (!this.account) return; // not looked yet
    const which = answered?.id ?? NEW;
    if (!answered) this.reading = null;
    if (!this.forms.has(which)) {
      const deeds = { send: (mail) => this.send(which, mail), close: () => this.back() };
      this.forms.set(which, new LetterForm(this.account, answered, deeds));
    }
    this.form = this.forms.get(which);
    this.drawDesk();
    this.drawShelf();
    this.form.focus();
  }

  async send(which, mail) {
    try {
      await api.mail(this.pane.path, mail);
    } catch (error) {
      toast(this.screen, t("failed", { why: error.message }));
      return false;
    }
    const form = this.forms.get(which);
    this.forms.delete(which);
    if (this.form === form) this.back();
    toast(this.screen, t("mailSent"));
    await this.look();
    return true;
  }

  drawDesk() {
    this.screen.dataset.view = this.form ? "form" : this.reading ? "letter" : "list";
    if (this.form) this.desk.replaceChildren(this.form.node);
    else if (this.reading) this.desk.replaceChildren(this.bar(), letter(this.reading, this.pane.path));
    else this.desk.replaceChildren(h("p", { class: "mail-nothing" }, t("chooseMail")));
  }

  bar() {
    const back = button("sign back", icon("back"), () => this.back(), t("back"));
    const reply = this.reading.reply ? h("button", { type: "button", class: "reply", onclick: () => this.write(this.reading) }, icon("reply"), h("span", {}, t("reply"))) : null;
    return h("header", { class: "mail-bar" }, back, h("span", { class: "mail-gap" }), reply);
  }

  relabel() {
    const hint = role(this.pane.hint);
    const words = hint ? t("byMail", { role: hint }) : t("mail");
    this.label.replaceChildren(name(this.pane.title, "owner-name"), h("span", { class: "owner-role" }, words));
    this.node.setAttribute("aria-label", `${this.pane.title}, ${words}`);
    translate(this.node);
    for (const form of this.forms.values()) form.relabel();
    this.drawShelf();
    this.drawDesk();
  }
}

function key(mail) {
  return `${mail.folder}/${mail.id}`;
}
