// Draws mails: one as a line of the list, one as it is read, and what is attached to it. Text goes in as text only.

import { avatar, button, h, name } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";
import { showPicture } from "./dialogs.js";
import { rich } from "./text.js";
import { clock, dayKey, dayName, size } from "./time.js";

const LINK = /https?:\/\/[^\s<>"'，。；：！？、（）《》「」]+/g;
const TRAILING = /[.,;:!?)\]]+$/;
const ATTRIBUTION = /(wrote|写道)\s?[:：]\s*$/;
const NO_DEEDS = { command: () => {}, link: () => false }; // links are followed by the browser, in a new tab

// The list shows the hour of today's mails and the day of older ones.
function when(mail, full = false) {
  const seconds = Date.parse(mail.date) / 1000;
  if (!Number.isFinite(seconds)) return "";
  const today = dayKey(seconds) === dayKey(Date.now() / 1000);
  if (full) return `${dayName(seconds)} ${clock(seconds)}`;
  return today ? clock(seconds) : dayName(seconds);
}

function other(mail) {
  return mail.folder === "sent" ? t("toName", { name: mail.to }) : mail.from.name;
}

// `fresh`: it has come just now; `open`: it is the one being read; `act`: what a click does.
export function row(mail, { fresh, open, act }) {
  const top = h("span", { class: "mail-top" }, name(other(mail), "mail-who"), h("time", {}, when(mail)));
  const clip = mail.files ? h("span", { class: "mail-clip", role: "img", "aria-label": t("withFiles") }, icon("attach")) : null;
  const lines = [top, h("span", { class: "mail-subject", dir: "auto" }, mail.subject || t("noSubject")), h("span", { class: "mail-last" }, h("span", { class: "mail-preview", dir: "auto" }, mail.preview), clip)];
  const marks = ["mail-row", !mail.seen && "unseen", fresh && "arriving"].filter(Boolean).join(" ");
  return h("button", { type: "button", class: marks, data: { mail: mail.id }, "aria-current": open ? "true" : null, onclick: act }, ...lines);
}

// Somebody's round sign; its colour is told by the address, so that it stays the same everywhere.
export function face(title, address) {
  return avatar(title, Array.from(address).reduce((sum, sign) => sum + sign.codePointAt(0), 0));
}

// `base`: where the pane is mounted, for the addresses of the files.
export function letter(mail, base) {
  const top = h("div", { class: "mail-top" }, name(mail.from.name, "letter-from"), h("time", {}, when(mail, true)));
  const who = h("div", { class: "letter-names" }, top, name(mail.folder === "sent" ? t("toName", { name: mail.to }) : mail.from.address, "letter-address"));
  const people = h("div", { class: "letter-people" }, face(mail.from.name, mail.from.address), who);
  const attributes = { class: "letter", data: { mail: mail.id }, tabindex: -1, "aria-label": mail.subject || t("noSubject") };
  return h("article", attributes, h("h3", { dir: "auto" }, mail.subject || t("noSubject")), people, text(mail.text), files(mail.files, base));
}

// The words and, folded away, what they quote.
export function text(words) {
  const lines = words.trimEnd().split("\n");
  const first = lines.findIndex((line, at) => line.startsWith(">") || (ATTRIBUTION.test(line) && lines.slice(at + 1).find((one) => one.trim())?.startsWith(">")));
  const said = first < 0 ? lines : lines.slice(0, first);
  const body = h("div", { class: "letter-text", dir: "auto" }, linked(said.join("\n").trim()));
  if (first < 0) return body;
  return h("div", { class: "letter-words" }, body, quoted(lines.slice(first).join("\n")));
}

export function quoted(words) {
  return h("details", { class: "quoted" }, h("summary", { "data-t-label": "quotedText", "aria-label": t("quotedText"), title: t("quotedText") }, "···"), h("div", { dir: "auto" }, linked(words)));
}

function linked(words) {
  const entities = [...words.matchAll(LINK)].map((found) => {
    const url = found[0].replace(TRAILING, "");
    return { type: "url", offset: found.index, length: url.length };
  });
  return rich(words, entities, NO_DEEDS);
}

function files(list, base) {
  if (!list.length) return null;
  return h("ul", { class: "letter-files" }, list.map((file) => h("li", {}, file.shown ? picture(file, base) : download(file, base))));
}

function picture(file, base) {
  const url = `${base}/${file.url}`;
  return button("letter-picture", h("img", { src: url, alt: file.name, draggable: "false" }), () => showPicture(url, file.name), `${t("openPhoto")}: ${file.name}`);
}

function download(file, base) {
  const dot = file.name.lastIndexOf(".");
  const badge = h("span", { class: "file-badge", "aria-hidden": "true" }, dot > 0 ? file.name.slice(dot + 1, dot + 5).toUpperCase() : icon("file"));
  const words = h("span", { class: "row-words" }, name(file.name, "row-title"), h("span", { class: "row-note" }, size(file.size)));
  return h("a", { class: "row file", href: `${base}/${file.url}`, download: file.name, "aria-label": t("download", { name: file.name }) }, badge, words);
}
