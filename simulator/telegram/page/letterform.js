// The sheet on which a mail is written: to whom, about what, the words, files, and what is quoted under an answer.

import { Attachments } from "./attachments.js";
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { quoted } from "./letter.js";
import { t, translate } from "./i18n.js";

export class LetterForm {
  // `answered`: the mail that is answered, or null; `on`: send(form) -> whether it went out, close()
  constructor(account, answered, on) {
    Object.assign(this, { answered, on });
    this.to = this.line("mail-to", "mailTo", answered?.reply.to ?? account.to, "email");
    this.subject = this.line("mail-about", "subject", answered?.reply.subject ?? "", "text");
    this.to.readOnly = this.subject.readOnly = Boolean(answered);
    this.words = h("textarea", { class: "mail-words", dir: "auto", "data-t-label": "mailText", "data-t-placeholder": "mailText" });
    this.files = new Attachments(() => this.refresh());
    this.go = h("button", { type: "button", class: "mail-send", onclick: () => this.send() }, icon("send"), h("span", { "data-t": "send" }));
    this.pick = h("input", { type: "file", class: "attach", multiple: true, tabindex: -1, "aria-hidden": "true", onchange: () => this.chosen() });
    this.build();
    this.refresh();
  }

  line(className, key, value, type) {
    const input = h("input", { class: className, type, value, spellcheck: "false", autocomplete: "off", "data-t-label": key, dir: "auto" });
    input.value = value;
    return input;
  }

  build() {
    const back = button("sign back", icon("back"), () => this.on.close());
    back.setAttribute("data-t-label", "back");
    const clip = button("sign clip", icon("attach"), () => this.pick.click());
    clip.setAttribute("data-t-label", "attach");
    const title = h("h3", { "data-t": this.answered ? "reply" : "newMail" });
    const label = (key, input) => h("label", { class: "mail-line" }, h("span", { "data-t": key }), input);
    const sheet = h("div", { class: "mail-sheet" }, label("mailTo", this.to), label("subject", this.subject), this.words, this.answered ? quoted(this.answered.reply.quotation) : null);
    this.node = h("div", { class: "letter-form" }, h("header", { class: "mail-bar" }, back, title, this.go), sheet, h("footer", { class: "mail-foot" }, clip, this.files.node), this.pick);
    this.node.addEventListener("input", () => this.refresh());
    this.words.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.send(); });
    this.words.addEventListener("paste", (event) => this.pasted(event));
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) this.on.close(); });
    translate(this.node);
  }

  chosen() {
    this.files.add(this.pick.files);
    this.pick.value = "";
    this.words.focus();
  }

  pasted(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.files.add(event.clipboardData.files);
  }

  get empty() {
    return !this.words.value.trim() && !this.files.any;
  }

  refresh() {
    this.go.disabled = this.empty || !this.to.value.trim() || Boolean(this.sending);
  }

  focus() {
    const first = this.answered || this.subject.value ? this.words : this.subject;
    first.focus({ preventScroll: true });
  }

  async send() {
    if (this.go.disabled) return;
    this.sending = true;
    this.refresh();
    const files = this.files.items.map((item) => item.file);
    const common = { text: this.words.value, files };
    const gone = await this.on.send(this.answered ? { ...common, answers: this.answered.id } : { ...common, to: this.to.value.trim(), subject: this.subject.value.trim() });
    this.sending = false;
    if (gone) this.files.take();
    else this.refresh();
  }

  relabel() {
    translate(this.node);
    this.files.draw();
  }
}
