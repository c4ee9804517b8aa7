// One person's phone: its chats, what it hears from the simulator, and what its person does.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { alert, ask, askPlace, toast } from "./dialogs.js";
import { Frame } from "./frame.js";
import { t } from "./i18n.js";
import { Log } from "./log.js";
import { startPayload } from "./links.js";
import { openMenu } from "./menu.js";
import { Presses } from "./presses.js";

const SOME_PLACE = { latitude: 22.2819, longitude: 114.1581 };
const TYPING_STAYS = 5000; // as the Bot API has it, unless a message comes first

export class Phone {
  constructor(user, bot, changed) {
    Object.assign(this, { user, bot, changed, chats: new Map(), loading: new Map() });
    this.presses = new Presses(() => this.draw());
    this.log = new Log(this.clicks());
    this.composer = new Composer(this.deeds());
    this.frame = new Frame(user, this.log.node, this.composer.node, (id) => this.open(id));
    this.node = this.frame.node;
    this.openId = user.id;
  }

  clicks() {
    return {
      command: (text) => this.send(this.chat.isGroup ? `${text}@${this.bot.username}` : text),
      link: (url) => this.follow(url),
      inline: (message, key) => this.inline(message, key),
      goTo: (id) => this.log.goTo(id),
      menu: (message, at) => this.messageMenu(message, at),
    };
  }

  deeds() {
    return {
      host: () => this.frame.screen,
      send: (text, replyTo) => this.send(text, replyTo),
      save: (id, text) => this.act(api.edit(this.user.id, { chat: this.openId, message_id: id, text })),
      upload: (run, caption, replyTo) => this.act(api.upload(this.user.id, { chat: this.openId, caption, reply_to: replyTo, ...run })),
      key: (key) => this.replyKey(key),
      place: () => this.sharePlace(),
      contact: () => this.shareContact(),
      editLast: () => this.editLast(),
    };
  }

  get chat() {
    return this.chats.get(this.openId);
  }

  get seen() {
    return this.node.checkVisibility?.() ?? true;
  }

  get unread() {
    return [...this.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  }

  // Learns which chats there are: always the one with the bot, and every group this person is in.
  learn(user, chats) {
    this.user = user;
    const own = { id: user.id, type: "private", title: this.bot.first_name, members: [user.id, this.bot.id] };
    const groups = chats.filter((chat) => chat.type !== "private" && chat.members.includes(user.id));
    const wanted = new Map([own, ...groups].map((chat) => [chat.id, chat]));
    for (const id of this.chats.keys()) if (!wanted.has(id)) this.chats.delete(id);
    for (const [id, chat] of wanted) {
      if (this.chats.has(id)) this.chats.get(id).describe(chat);
      else this.chats.set(id, new Conversation(chat));
    }
    if (!this.chats.has(this.openId)) this.openId = user.id;
    for (const id of wanted.keys()) this.fetch(id);
    this.draw({ jump: true });
  }

  open(id) {
    this.chat.draft = this.composer.box.value;
    this.composer.setMode(null);
    this.openId = id;
    this.composer.setText(this.chat.draft);
    this.log.atEnd = true;
    this.log.missed = 0;
    this.draw({ jump: true });
    this.composer.box.focus({ preventScroll: true });
  }

  // Asks for a whole chat again; what changes meanwhile leads to one more asking, never to a loss.
  async fetch(id) {
    if (this.loading.has(id)) {
      this.loading.set(id, true);
      return;
    }
    this.loading.set(id, false);
    try {
      const [list, keyboard] = await Promise.all([api.messages(this.user.id, id), api.keyboard(id)]);
      this.take(id, list, keyboard);
    } catch { /* the stream of events will reconnect, and with it comes the next full asking */ }
    const again = this.loading.get(id);
    this.loading.delete(id);
    if (again) await this.fetch(id);
  }

  take(id, list, keyboard) {
    const chat = this.chats.get(id);
    if (!chat) return;
    const first = !chat.loaded;
    const fresh = chat.replace(list.map((one) => this.mine(one, one.outgoing)));
    chat.keyboard = keyboard;
    this.arrived(chat, { fresh, jump: first });
  }

  mine(message, outgoing) {
    return { ...message, outgoing: outgoing ?? message.from?.id === this.user.id };
  }

  // Hears one event; those of chats that this phone does not know pass by.
  hear(event) {
    const chat = this.chats.get(event.chat);
    if (event.type === "answer") this.hearAnswer(event);
    else if (!chat) return;
    else if (this.loading.has(chat.id)) this.loading.set(chat.id, true);
    else if (event.type === "message" || event.type === "edited") this.hearMessage(chat, event);
    else if (event.type === "deleted") this.hearDeleted(chat, event);
    else if (event.type === "keyboard") this.hearKeyboard(chat, event);
    else if (event.type === "reaction") this.hearReaction(chat, event);
    else if (event.type === "action") this.hearAction(chat);
    else this.fetch(chat.id);
  }

  hearKeyboard(chat, event) {
    chat.keyboard = event.keyboard;
    if (chat.id === this.openId) this.composer.setKeyboard(chat.keyboard);
  }

  hearMessage(chat, event) {
    const message = this.mine({ _file_urls: event._file_urls, ...event.message });
    if (!Conversation.complete(message)) {
      this.fetch(chat.id);
      return;
    }
    const isNew = chat.put(message);
    if (chat.typing && !message.outgoing) this.typed(chat);
    this.arrived(chat, { fresh: isNew && !message.outgoing ? 1 : 0, own: isNew && message.outgoing, newest: message });
  }

  hearDeleted(chat, event) {
    chat.messages.delete(event.message.message_id);
    this.arrived(chat, {});
  }

  hearReaction(chat, event) {
    chat.react(event);
    this.arrived(chat, {});
  }

  hearAction(chat) {
    clearTimeout(chat.typing);
    chat.typing = setTimeout(() => this.typed(chat), TYPING_STAYS);
    this.drawHead();
  }

  typed(chat) {
    clearTimeout(chat.typing);
    chat.typing = null;
    this.drawHead();
  }

  arrived(chat, how) {
    const unseen = chat.id !== this.openId || !this.seen;
    if (unseen) chat.unread += how.fresh ?? 0;
    if (chat.id === this.openId) this.draw(how);
    else this.drawHead();
    const forced = how.fresh && how.newest?.reply_markup?.force_reply && chat.id === this.openId;
    if (forced) this.composer.setMode({ kind: "reply", message: how.newest, hint: how.newest.reply_markup.input_field_placeholder }, false);
  }

  draw(how = {}) {
    const { chat } = this;
    if (!chat) return;
    if (this.seen) chat.unread = 0;
    const pending = (message, data) => this.presses.turns(chat.id, message, data);
    this.log.show(chat.list(), { group: chat.isGroup, pending }, how);
    const empty = chat.loaded && chat.messages.size === 0;
    this.frame.showEmpty(empty, chat.isGroup);
    this.composer.start.hidden = !empty || chat.isGroup;
    this.composer.setKeyboard(chat.keyboard);
    this.drawHead();
  }

  drawHead() {
    this.frame.head(this.chat, [...this.chats.values()]);
    this.changed();
  }

  relabel() {
    this.frame.relabel();
    this.composer.relabel();
    this.draw({ jump: this.log.atEnd });
  }

  // Does something that may fail; says so on this phone if it does, and answers whether it succeeded.
  async act(promise) {
    try {
      await promise;
      return true;
    } catch (error) {
      toast(this.frame.screen, t("failed", { why: error.message }));
      return false;
    }
  }

  send(text, replyTo = null) {
    return this.act(api.send(this.user.id, { chat: this.openId, text, reply_to: replyTo }));
  }

  async inline(message, key) {
    if (key.url) this.openUrl(key.url);
    else if (key.copy_text) await this.copy(key.copy_text.text);
    else if (key.callback_data !== undefined) await this.press(message, key.callback_data);
    else toast(this.frame.screen, t("notHere"));
  }

  press(message, data) {
    const chat = this.openId;
    return this.presses.press(chat, message, data, async () => {
      const asked = api.press(this.user.id, { chat, message_id: message.message_id, data });
      return (await this.act(asked)) ? (await asked).query : null;
    });
  }

  hearAnswer(event) {
    if (event.user !== this.user.id) return;
    this.presses.answered(event.query);
    if (event.text && event.show_alert) alert(this.frame.screen, event.text);
    else if (event.text) toast(this.frame.screen, event.text);
    if (event.url) this.openUrl(event.url);
  }

  openUrl(url) {
    if (!this.follow(url) && /^(https?|tg):/i.test(url)) window.open(url, "_blank", "noopener,noreferrer");
  }

  // A link to the bot itself is followed here, as Telegram would do; true when it was one.
  follow(url) {
    const payload = startPayload(url, this.bot.username);
    if (payload === null) return false;
    if (this.openId !== this.user.id) this.open(this.user.id);
    if (payload !== "") this.send(`/start ${payload}`);
    return true;
  }

  replyKey(key) {
    if (key.request_contact) return this.shareContact();
    if (key.request_location) return this.sharePlace();
    if (key.web_app || key.request_users || key.request_chat || key.request_poll) return toast(this.frame.screen, t("notHere"));
    return this.send(key.text);
  }

  async shareContact() {
    const chat = this.openId;
    const text = t("shareContactText", { name: this.chat.title, phone: this.user.phone ?? t("noPhone") });
    if (!(await ask(this.frame.screen, { title: t("shareContact"), text, yes: t("share") }))) return;
    await this.act(api.send(this.user.id, { chat, contact: "own" }));
  }

  async sharePlace() {
    const chat = this.openId;
    const location = await askPlace(this.frame.screen, SOME_PLACE);
    if (location) await this.act(api.send(this.user.id, { chat, location }));
  }

  messageMenu(message, at) {
    const text = message.text ?? message.caption;
    const items = [
      { icon: "reply", words: t("reply"), act: () => this.composer.setMode({ kind: "reply", message }) },
      message.outgoing && message.text && { icon: "edit", words: t("edit"), act: () => this.composer.setMode({ kind: "edit", message }) },
      text && { icon: "copy", words: t("copy"), act: () => this.copy(text) },
    ];
    openMenu(this.frame.screen, items.filter(Boolean), at);
  }

  async copy(text) {
    if (await this.act(navigator.clipboard?.writeText(text) ?? Promise.reject(new Error(t("notHere"))))) toast(this.frame.screen, t("copied"));
  }

  editLast() {
    const last = this.chat.list().filter((one) => one.outgoing && one.text).at(-1);
    if (last) this.composer.setMode({ kind: "edit", message: last });
    return Boolean(last);
  }
}
