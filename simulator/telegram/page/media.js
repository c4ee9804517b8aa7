// Draws what a message carries besides words: pictures, files, voice, places, people.

import { avatar, button, fullName, h, name } from "./dom.js";
import { icon, pinMap, waveform } from "./icons.js";
import { t } from "./i18n.js";
import { showPicture } from "./dialogs.js";
import { duration, size } from "./time.js";

const DRAWERS = {
  photo, animation: moving, video: moving, video_note: moving, voice, audio, sticker, venue, location, contact, document: file,
  dice: (message) => h("div", { class: "big-sign" }, `${message.dice.emoji} ${message.dice.value}`),
};

// The first kind present wins: a venue also has a location, an animation also has a document.
export function media(message) {
  const kind = mediaKind(message);
  return kind ? DRAWERS[kind](message) : null;
}

export function mediaKind(message) {
  return Object.keys(DRAWERS).find((kind) => hasContent(message[kind])) ?? null;
}

function hasContent(part) {
  return Array.isArray(part) ? part.length > 0 : Boolean(part);
}

function fileUrl(message, part) {
  return part ? (message._file_urls?.[part.file_id] ?? null) : null;
}

function photo(message) {
  const largest = message.photo.reduce((best, one) => (one.width * one.height > best.width * best.height ? one : best));
  const url = fileUrl(message, largest);
  if (!url) return h("div", { class: "photo no-picture", role: "img", "aria-label": t("photo") }, icon("picture"));
  const title = message.caption || t("photo");
  const picture = h("img", { src: url, alt: title, width: largest.width, height: largest.height, draggable: "false" });
  const frame = button("photo", picture, () => showPicture(url, title), t("openPhoto"));
  picture.addEventListener("error", () => { frame.classList.add("no-picture"); picture.replaceWith(icon("picture")); });
  return frame;
}

function moving(message) {
  const kind = ["animation", "video", "video_note"].find((one) => message[one]);
  const part = message[kind];
  const url = fileUrl(message, part);
  const sound = duration(part.duration);
  if (!url) return h("div", { class: "photo no-picture" }, icon("play"), h("span", { class: "length" }, sound));
  const player = h("video", { src: url, controls: true, preload: "metadata", "aria-label": `${t("video")} ${sound}` });
  return h("div", { class: `photo moving ${kind}` }, player);
}

function sticker(message) {
  return h("div", { class: "big-sign", role: "img", "aria-label": t("sticker") }, message.sticker.emoji ?? "🖼️");
}

function file(message) {
  const part = message.document;
  const title = part.file_name ?? t("document");
  const dot = title.lastIndexOf(".");
  const ending = dot > 0 ? title.slice(dot + 1, dot + 5).toUpperCase() : "";
  const badge = h("span", { class: "file-badge", "aria-hidden": "true" }, ending || icon("file"));
  const words = h("span", { class: "row-words" }, name(title, "row-title"), h("span", { class: "row-note" }, size(part.file_size)));
  const url = fileUrl(message, part);
  if (!url) return h("div", { class: "row file" }, badge, words);
  return h("a", { class: "row file", href: url, download: title, "aria-label": t("download", { name: title }) }, badge, words);
}

function voice(message) {
  return player(message, message.voice, waveform(message.voice.file_unique_id ?? message.message_id));
}

function audio(message) {
  const title = [message.audio.performer, message.audio.title].filter(Boolean).join(" — ");
  return player(message, message.audio, name(title || message.audio.file_name || t("audio"), "row-title"));
}

function player(message, part, face) {
  const url = fileUrl(message, part);
  const note = h("span", { class: "row-note" }, duration(part.duration));
  const press = button("play", icon("play"), () => toggle(press, sound, note), t("play"));
  const sound = url ? h("audio", { src: url, preload: "none" }) : null;
  sound?.addEventListener("ended", () => faceOf(press, "play"));
  return h("div", { class: "row voice" }, press, h("span", { class: "row-words" }, face, note));
}

async function toggle(press, sound, note) {
  if (sound && !sound.paused) {
    sound.pause();
    faceOf(press, "play");
    return;
  }
  try {
    if (!sound) throw new Error("no recording");
    await sound.play();
    faceOf(press, "pause");
  } catch {
    note.textContent = t("noSound"); // made-up recordings of tests and demos hold no real sound
  }
}

function faceOf(press, what) {
  press.replaceChildren(icon(what));
  press.setAttribute("aria-label", t(what));
  press.title = t(what);
}

function place(point, title, address) {
  const spot = `${point.latitude.toFixed(5)}, ${point.longitude.toFixed(5)}`;
  const words = [name(title, "row-title"), address ? name(address, "row-note") : null, h("span", { class: "row-note coordinates" }, spot)];
  return h("div", { class: "place" }, pinMap(), h("div", { class: "place-words" }, ...words.filter(Boolean)));
}

function location(message) {
  return place(message.location, t("location"), null);
}

function venue(message) {
  return place(message.venue.location, message.venue.title, message.venue.address);
}

function contact(message) {
  const card = message.contact;
  const title = fullName(card) || t("contact");
  const words = h("span", { class: "row-words" }, name(title, "row-title"), h("span", { class: "row-note" }, card.phone_number));
  return h("div", { class: "row contact" }, avatar(title, card.user_id ?? 3), words);
}

// A one-line account of any message, for quotes and for the chat list.
export function brief(message) {
  const words = message.text ?? message.caption;
  if (words) return words;
  const kind = mediaKind(message);
  if (kind === "document") return message.document.file_name ?? t("document");
  if (kind === "sticker") return `${message.sticker.emoji ?? ""} ${t("sticker")}`;
  if (kind === "venue") return message.venue.title;
  const known = { photo: "photo", video: "video", animation: "video", video_note: "video", voice: "voice", audio: "audio" };
  return t(known[kind] ?? (["location", "contact"].includes(kind) ? kind : "message"));
}
