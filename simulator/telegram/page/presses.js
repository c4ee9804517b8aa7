// Pressed buttons of one phone: which are still turning, and which answers belong to them.

const SPINNER_STAYS = 15000; // an unanswered button stops turning after a while, as in Telegram
const EARLY_KEPT = 50;

export class Presses {
  constructor(changed) {
    Object.assign(this, { changed, pending: new Set(), waiting: new Map(), early: new Set() });
  }

  turns(chat, message, data) {
    return this.pending.has(`${chat}:${message.message_id}:${data}`);
  }

  // Presses by `post()`, which answers the query's id, or null when it failed.
  async press(chat, message, data, post) {
    if (this.turns(chat, message, data)) return;
    const mark = `${chat}:${message.message_id}:${data}`;
    const release = () => { if (this.pending.delete(mark)) this.changed(); };
    this.pending.add(mark);
    this.changed();
    const query = await post();
    if (query === null || this.early.has(query)) release();
    else {
      this.waiting.set(query, release);
      setTimeout(() => { this.waiting.delete(query); release(); }, SPINNER_STAYS);
    }
  }

  // The answer may come before the press itself has returned; then it is kept for that moment.
  answered(query) {
    const release = this.waiting.get(query);
    this.waiting.delete(query);
    if (release) release();
    else this.early.add(query);
    if (this.early.size > EARLY_KEPT) this.early.delete(this.early.values().next().value);
  }
}
