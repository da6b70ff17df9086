// Creating and updating elements. Values become text only; they are never parsed as markup.

/** An element with attributes and children; `text` is its text, `on` has listeners by event. */
export function make(name, { text, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) set(element, attribute, value);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

/** Set an attribute if it differs; null and false remove it. */
export function set(element, attribute, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(attribute);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text);
  }
}

/** Set the text if it differs, so that a selection in it stays. */
export function setText(element, text) {
  const wanted = text ?? "";
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Show or hide. */
export function show(element, isShown) {
  element.hidden = !isShown;
}

export const byId = (id) => document.getElementById(id);

let connectionCount = 0;

/** After a reconnect the same ids may mean other items, so every list rebuilds its elements. */
export function rebuildLists() {
  connectionCount += 1;
}

/**
 * A list that keeps the element of each item, so selection, focus and playback survive updates.
 * `build(item)` returns an object with `element` and `update(item)`.
 */
export function list(container, key, build) {
  const known = new Map();
  let built = connectionCount;
  return (items) => {
    if (built !== connectionCount) {
      built = connectionCount;
      known.clear();
      container.replaceChildren();
    }
    const left = new Set(known.keys());
    let next = container.firstElementChild;
    for (const item of items) {
      const id = key(item);
      left.delete(id);
      let entry = known.get(id);
      if (!entry) known.set(id, (entry = build(item)));
      entry.update(item);
      if (entry.element === next) next = next.nextElementSibling;
      else container.insertBefore(entry.element, next);
    }
    for (const id of left) {
      known.get(id).element.remove();
      known.delete(id);
    }
  };
}
