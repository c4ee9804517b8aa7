// The files chosen but not yet sent: a strip of small pictures above the text box.

import { button, h, name } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

export class Attachments {
  constructor(changed) {
    this.changed = changed;
    this.items = [];
    this.node = h("ul", { class: "chosen", "data-t-label": "chosen", hidden: true });
  }

  get any() {
    return this.items.length > 0;
  }

  add(files, asFile = false) {
    for (const file of files) {
      const kind = asFile ? "document" : kindOf(file);
      this.items.push({ file, kind, url: kind === "photo" ? URL.createObjectURL(file) : null });
    }
    this.draw();
  }

  drop(item) {
    if (item.url) URL.revokeObjectURL(item.url);
    this.items = this.items.filter((one) => one !== item);
    this.draw();
  }

  // Hands over what was chosen, in runs of one kind, as one upload carries one kind only.
  take() {
    const runs = [];
    for (const { file, kind } of this.items) {
      if (runs.at(-1)?.kind === kind && kind !== "voice") runs.at(-1).files.push(file);
      else runs.push({ kind, files: [file] });
    }
    for (const item of [...this.items]) this.drop(item);
    return runs;
  }

  draw() {
    this.node.replaceChildren(...this.items.map((item) => this.one(item)));
    this.node.hidden = !this.any;
    this.changed();
  }

  one(item) {
    const face = item.url ? h("img", { src: item.url, alt: "" }) : icon("file");
    const off = button("drop", icon("close"), () => this.drop(item), t("remove", { name: item.file.name }));
    return h("li", { title: item.file.name }, face, item.url ? null : name(item.file.name, "chosen-name"), off);
  }
}

function kindOf(file) {
  if (/^image\/(jpeg|png|webp)$/.test(file.type)) return "photo";
  if (file.type.startsWith("video/")) return "video";
  if (file.type === "audio/ogg") return "voice";
  return "document";
}
