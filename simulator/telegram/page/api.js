// All the page's talk with the simulator: its control calls and its stream of events.

import { t } from "./i18n.js";

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(t("unreachable"));
  }
  const text = await response.text();
  if (!response.ok) throw new Error(reason(text) || `HTTP ${response.status}`);
  return text ? JSON.parse(text) : null;
}

function reason(text) {
  try {
    const said = JSON.parse(text);
    return said.description ?? said.error ?? said.detail ?? "";
  } catch {
    return text.slice(0, 120);
  }
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

const person = (id, act) => `/sim/people/${encodeURIComponent(id)}/${act}`;

export const state = () => call("/sim/state");
export const messages = (user, chat) => call(`/sim/messages?user=${user}&chat=${chat}`);
export const keyboard = (chat) => call(`/sim/keyboard?chat=${chat}`);
export const send = (user, body) => post(person(user, "send"), body);
export const press = (user, body) => post(person(user, "press"), body);
export const edit = (user, body) => post(person(user, "edit"), body);

export function upload(user, { chat, caption, reply_to: replyTo, kind, files }) {
  const form = new FormData();
  form.append("chat", chat);
  form.append("kind", kind);
  if (caption) form.append("caption", caption);
  if (replyTo) form.append("reply_to", replyTo);
  for (const file of files) form.append("file", file, file.name);
  return call(person(user, "send"), { method: "POST", body: form });
}

// The mail pane's calls; `path` is where the pane is mounted.
export const mailbox = (path) => call(`${path}/`);
export const letter = (path, folder, id) => call(`${path}/${folder}/${id}`);
export const seen = (path, folder, id) => call(`${path}/${folder}/${id}/seen`, { method: "POST" });

export function mail(path, { to, subject, text, answers, files }) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ to, subject, text, answers })) if (value) form.append(name, value);
  for (const file of files) form.append("file", file, file.name);
  return call(`${path}/send`, { method: "POST", body: form });
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

// Listens for ever: the browser reconnects by itself, and where it gives up we begin anew.
export function listen({ opened, event, lost }) {
  let wait = FIRST_WAIT;
  const connect = () => {
    const source = new EventSource("/sim/events");
    source.onopen = () => { wait = FIRST_WAIT; opened(); };
    source.onmessage = (message) => event(JSON.parse(message.data));
    source.onerror = () => {
      lost();
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  connect();
}
