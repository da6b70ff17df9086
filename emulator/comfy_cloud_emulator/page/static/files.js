// The files: thumbnails, players for audio and video, and a link to each.

import { byId, list, make, set, setText, show } from "./dom.js";
import { bytes, number } from "./format.js";
import { onRemoteSearch } from "./searching.js";

const PLAYERS = { audio: "audio", video: "video" };
const LABELS = { image: "image", video: "video", audio: "audio", model: "3D model", text: "text", application: "data" };

let section = null;
let found = null; // what a search found, or null without one

const searchAgain = onRemoteSearch("file-search", "files", (value) => {
  found = value;
  draw();
});

export function showFiles(value) {
  section = value;
  searchAgain();
  draw();
}

function draw() {
  if (!section) return;
  const { count, bytes: size, files } = section;
  const shown = found ? (found.files ?? []) : files;
  setText(byId("file-count"), number(count));
  setText(byId("file-bytes"), count ? `${bytes(size)}${count > files.length ? `, newest ${files.length} below` : ""}` : "");
  show(byId("file-none"), !shown.length);
  setText(byId("file-none"), found ? (found.problem ?? "No file matches.") : "No files yet.");
  tiles(shown);
}

const tiles = list(byId("file-list"), (file) => file.id, (file) => {
  const family = file.mime_type.split("/")[0];
  const address = `/_emulator/page/files/${encodeURIComponent(file.filename)}`;
  const name = make("a", { class: "name", href: address, target: "_blank", rel: "noopener" });
  const facts = make("span", { class: "quiet" });
  const hash = make("span", { class: "hash mono quiet", text: file.filename.slice(0, 10), title: file.filename });
  const element = make("li", { class: "file", "data-family": family }, view(file, family, address), name, facts, hash);
  function update(changed) {
    setText(name, changed.name);
    set(name, "title", `${changed.name}\n${changed.mime_type}`);
    setText(facts, [bytes(changed.size), ...changed.tags.slice(0, 1)].join(" · "));
  }
  return { element, update };
});

function view(file, family, address) {
  const label = make("span", { class: "label", text: LABELS[family] ?? "file" });
  const frame = make("div", { class: "frame" }, label);
  if (family === "image") {
    const source = `/_emulator/page/thumbnails/${encodeURIComponent(file.filename)}`;
    const image = make("img", { src: source, alt: "", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.remove());
    const link = make("a", { href: address, target: "_blank", rel: "noopener", tabindex: -1, "aria-hidden": "true" }, image);
    frame.append(link);
  } else if (PLAYERS[family]) {
    const player = make(PLAYERS[family], { src: address, controls: true, preload: "none", "aria-label": file.name });
    frame.append(player);
  }
  return frame;
}
