// The page's entry: asks the simulator who is there, puts a phone for each, and keeps them all live.
//
// Stable hooks for browser tests:
//   section.phone[data-user="ID"]        one phone; everything below is inside it
//   article.message[data-message-id]     one message (also each picture of an album, inside .album)
//   button.inline                        a button under a message, by its visible text; aria-busy="true" until answered
//   button.reply-key                     a key of the bot's reply keyboard; sharing a contact or a place asks first:
//   [role=dialog] button.confirm         ... and this is the yes
//   textarea.composer, button.send, button.start (empty private chat only)
//   input[type=file].attach              pictures go as photos, the rest as what they are; chosen files wait for button.send
//   .toast, [role=alertdialog]           answers to presses;  .meta .edited  the mark of an edited message
//   button.chat-tab[data-chat="ID"]      the chat switcher, for persons in several chats
//   [role=menuitem]                      of the message menu (right-click, long press, or Enter on the focused message)
//   section.mailbox                      a mail client, where one is mounted; its hooks are in mail.js
// And outside the phones: button.language, .people button (tabs of narrow screens), .link-state (empty when connected).

import * as api from "./api.js";
import { fullName, h, name } from "./dom.js";
import { onLanguage, otherLanguage, currentLanguage, role, setLanguage, t, translate } from "./i18n.js";
import { Mailbox } from "./mail.js";
import { Phone } from "./phone.js";

const DEVICES = { mail: Mailbox }; // what can be mounted beside the phones, by its kind
const phones = new Map();
const panes = new Map();
const place = document.querySelector(".phones");
const tabs = document.querySelector(".people");
const linkState = document.querySelector(".link-state");
const languageButton = document.querySelector(".language");
let people = [];
let chatIds = new Set(); // all chats there are, also those of persons without a phone on the page
let current = null;
let asking = null;

// Asks who is there; questions while one is under way become one further question.
async function refresh() {
  if (asking) {
    asking.again = true;
    return;
  }
  asking = { again: false };
  try {
    arrange(await api.state());
  } catch {
    linkState.textContent = t("waiting");
  }
  const { again } = asking;
  asking = null;
  if (again) await refresh();
}

function arrange(state) {
  people = state.people.filter((person) => person.on_page !== false);
  const ids = new Set(people.map((person) => person.id));
  chatIds = new Set([...state.people, ...state.chats].map((one) => one.id));
  for (const [id, phone] of phones) if (!ids.has(id)) remove(id, phone);
  for (const person of people) {
    if (!phones.has(person.id)) add(person, state.bot);
    phones.get(person.id).learn(person, state.chats);
  }
  mounted(state.panes ?? []);
  place.dataset.count = people.length;
  place.classList.toggle("with-mail", panes.size > 0);
  if (!ids.has(current) && !panes.has(current)) choose(people[0]?.id ?? panes.keys().next().value ?? null);
  drawPage();
}

// The devices beside the phones stand after them.
function mounted(list) {
  const wanted = list.filter((pane) => pane.kind in DEVICES);
  const paths = new Set(wanted.map((pane) => pane.path));
  for (const [path, pane] of panes) if (!paths.has(path)) { pane.close(); panes.delete(path); }
  for (const pane of wanted) {
    if (panes.has(pane.path)) continue;
    panes.set(pane.path, new DEVICES[pane.kind](pane, drawTabs));
    place.append(panes.get(pane.path).node);
  }
}

function add(person, bot) {
  const phone = new Phone(person, bot, drawTabs);
  phones.set(person.id, phone);
  const beside = panes.values().next().value;
  place.insertBefore(phone.node, beside?.node ?? null);
}

function remove(id, phone) {
  phone.node.remove();
  phones.delete(id);
}

// On narrow screens one phone is shown at a time; on wide ones this only marks a tab nobody sees.
function choose(id) {
  current = id;
  for (const [other, device] of [...phones, ...panes]) device.node.classList.toggle("current", other === id);
  phones.get(id)?.draw();
  drawTabs();
}

function drawTabs() {
  const focused = document.activeElement?.closest?.(".people button")?.dataset.user;
  const persons = people.filter((person) => phones.has(person.id)).map((person) => tab(person.id, fullName(person), role(person.role_hint), phones.get(person.id)));
  const others = [...panes.values()].map((device) => tab(device.id, device.pane.title, t("mail"), device));
  tabs.replaceChildren(...persons, ...others);
  if (focused) tabs.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus();
}

function tab(id, title, note, { unread }) {
  const count = unread ? h("span", { class: "badge", "aria-label": t("unread", { n: unread }) }, String(unread)) : null;
  const attributes = {
    type: "button", data: { user: id }, "aria-current": id === current ? "true" : null, onclick: () => choose(id),
  };
  return h("button", attributes, h("span", {}, name(title), count), h("small", {}, note));
}

function drawPage() {
  document.documentElement.lang = currentLanguage() === "zh" ? "zh-Hans" : "en";
  document.querySelector(".first-step").replaceChildren(...firstStep());
  languageButton.textContent = t("otherLanguage");
  languageButton.lang = otherLanguage();
  languageButton.title = t("switchLanguage");
  if (!people.length && !panes.size) place.replaceChildren(h("p", { class: "plain-note" }, t("nobody")));
  else place.querySelector(".plain-note")?.remove();
  translate(document.body);
  drawTabs();
}

// The sentence names the first customer, office and engineer there are, each isolated from the words around.
function firstStep() {
  const customer = people.find((person) => /customer|客户/i.test(person.role_hint ?? ""));
  const engineer = people.find((person) => /engineer|工程师/i.test(person.role_hint ?? ""));
  const office = people.find((person) => /office|dispatcher|办公室|调度/i.test(person.role_hint ?? ""));
  if (!customer || !engineer) return [t("firstStepPlain")];
  const names = { "{customer}": fullName(customer), "{engineer}": fullName(engineer), "{office}": office ? fullName(office) : "" };
  const writer = panes.values().next().value?.pane.title;
  if (writer) names["{writer}"] = writer;
  const sentence = t(office ? "firstStepOffice" : "firstStep") + (writer ? t("orByMail") : "");
  return sentence.split(/(\{\w+\})/).map((part) => (part in names ? name(names[part], "named") : part));
}

function hear(event) {
  phones.forEach((phone) => phone.hear(event));
  if (event.type === "answer") return;
  const moved = ["new_chat_members", "left_chat_member", "migrate_to_chat_id", "new_chat_title"].some((key) => event.message?.[key]);
  if (moved || !chatIds.has(event.chat)) refresh();
}

languageButton.addEventListener("click", () => setLanguage(otherLanguage()));
onLanguage(() => { [...phones.values(), ...panes.values()].forEach((device) => device.relabel()); drawPage(); });
matchMedia("(max-width: 700px)").addEventListener("change", () => phones.forEach((phone) => phone.draw()));
drawPage();
refresh();
api.listen({
  opened: () => { linkState.textContent = ""; refresh(); },
  event: hear,
  lost: () => { linkState.textContent = t("connecting"); },
});
