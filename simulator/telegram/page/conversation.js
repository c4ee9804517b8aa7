// What one person's phone knows of one chat: its messages in order, its keyboard, what is unread.

export class Conversation {
  constructor(chat) {
    this.messages = new Map();
    this.reactions = new Map();
    this.keyboard = null;
    this.typing = null; // a timer while the bot is busy writing
    this.unread = 0;
    this.draft = "";
    this.loaded = false;
    this.describe(chat);
  }

  describe({ id, type, title, members }) {
    Object.assign(this, { id, type, title, members: members ?? [] });
  }

  get isGroup() {
    return this.type !== "private";
  }

  list() {
    const all = [...this.messages.values()].sort((a, b) => a.message_id - b.message_id);
    return all.map((one) => this.asItIs(this.reactions.has(one.message_id) ? { ...one, reactions: this.given(one.message_id) } : one));
  }

  // As in Telegram, a quote shows the message as it is now, not as it was when it was answered.
  asItIs(one) {
    const original = this.messages.get(one.reply_to_message?.message_id);
    return original ? { ...one, reply_to_message: original } : one;
  }

  // Who reacted how; the simulator tells it as it happens and does not repeat it after a reload.
  react({ user, message, reaction }) {
    const given = this.reactions.get(message.message_id) ?? new Map();
    this.reactions.set(message.message_id, given.set(user, reaction ?? []));
  }

  given(id) {
    return [...this.reactions.get(id).values()].flat();
  }

  put(message) {
    const isNew = !this.messages.has(message.message_id);
    this.messages.set(message.message_id, message);
    return isNew;
  }

  // Takes a full list from the simulator; answers how many messages of others were not known before.
  replace(list) {
    const fresh = this.loaded ? list.filter((one) => !one.outgoing && !this.messages.has(one.message_id)).length : 0;
    this.messages = new Map(list.map((one) => [one.message_id, one]));
    this.loaded = true;
    return fresh;
  }

  // An event's message may lack the addresses of its files; then the list has to be asked for again.
  static complete(message) {
    const carries = ["photo", "document", "voice", "video", "audio", "video_note", "animation", "sticker"];
    return Boolean(message?._file_urls) || !carries.some((kind) => message?.[kind]);
  }
}
