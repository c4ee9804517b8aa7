// The page's own line drawings, on a grid of 24, so that nothing has to be loaded from anywhere.

import { svg } from "./dom.js";

const LINES = {
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  send: "M4 12l16-8-6 16-3-7z M11 13l9-9",
  close: "M6 6l12 12M18 6L6 18",
  keys: "M4 7h16v11H4z M8 11h.01M12 11h.01M16 11h.01M9 15h6",
  down: "M6 9l6 6 6-6",
  reply: "M10 6l-6 5.5 6 5.5v-3.5c5 0 8 1.5 10 5 0-6-4-9.500-10-9.500z",
  back: "M14.5 5.5L8 12l6.500 6.500",
  edit: "M5 19l1-4L16 5l3 3L9 18z M14 7l3 3",
  copy: "M9 9h10v10H9z M15 9V5H5v10h4",
  file: "M7 3h7l5 5v13H7z M14 3v5h5",
  picture: "M4 5h16v14H4z M4 16l5-5 4 4 3-3 4 4 M15.500 9h.01",
  pin: "M12 21c4-5 7-8 7-11.500a7 7 0 0 0-14 0C5 13 8 16 12 21z M12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M5 20c.5-4 3-6 7-6s6.500 2 7 6",
  link: "M8 16L17 7M10 7h7v7",
  checks: "M2 12.5l4.200 4.200L14.500 8M10.600 15.300l1.400 1.400L20.500 8",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M3 12h18M12 3c3 3 3.500 6 3.500 9s-.5 6-3.500 9c-3-3-3.500-6-3.500-9S9 6 12 3z",
};

export function icon(name) {
  const path = svg("path", { d: LINES[name] });
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, path);
}

// A pin on a quiet drawing of streets: the look of a place without asking any map service.
export function pinMap() {
  const streets = svg("path", { class: "streets", d: "M-5 30L215 62M-5 92L215 70M48 -5L72 115M150 -5L128 115M-5 8L215 14" });
  const blocks = svg("path", { class: "blocks", d: "M84 24h34v16H84z M82 80h40v14H82z M10 46h30v28H10z M164 24h30v18h-30z" });
  const river = svg("path", { class: "river", d: "M-5 112C40 96 70 108 110 104S180 84 215 96V130H-5z" });
  const pin = svg("path", { class: "pin", d: "M104 72c11-14 19-22 19-32a19 19 0 0 0-38 0c0 10 8 18 19 32z" });
  const eye = svg("circle", { class: "pin-eye", cx: 104, cy: 40, r: 7 });
  const options = { class: "pin-map", viewBox: "0 0 210 110", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" };
  return svg("svg", options, river, blocks, streets, pin, eye);
}

// A voice message's bars, shaped by its id alone, so that it looks the same at every visit.
export function waveform(seed, bars = 34) {
  let state = Array.from(String(seed)).reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7);
  const drawn = Array.from({ length: bars }, (_, at) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    const height = 3 + (state / 2 ** 32) * 15 * (0.45 + 0.55 * Math.sin((at / bars) * Math.PI));
    return svg("rect", { x: at * 4, y: (20 - height) / 2, width: 2.4, height, rx: 1.2 });
  });
  return svg("svg", { class: "waveform", viewBox: `0 0 ${bars * 4} 20`, "aria-hidden": "true" }, ...drawn);
}
