// The smallest of helpers for building elements; text always goes in as text, never as markup.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : String(value));
}

// A button with a visible word or an icon; `label` names it for those who cannot see the icon.
export function button(className, content, onclick, label = null) {
  return h("button", { type: "button", class: className, onclick, "aria-label": label, title: label }, content);
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

// Somebody's name among other words: isolated, so that its writing direction stays its own.
export function name(text, className = null) {
  return h("bdi", { class: className }, text);
}

const TINTS = 7;

export function tint(id) {
  return `tint-${Math.abs(Number(id) || 0) % TINTS}`;
}

export function avatar(title, id, className = "") {
  const first = Array.from(title.trim())[0] ?? "?";
  return h("span", { class: `avatar ${tint(id)} ${className}`, "aria-hidden": "true" }, first.toUpperCase());
}

export function fullName(person) {
  return [person?.first_name, person?.last_name].filter(Boolean).join(" ");
}
