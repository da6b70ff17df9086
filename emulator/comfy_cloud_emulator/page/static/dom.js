// Making and changing elements. Text becomes text and nothing else: no markup is ever read from a value.

/** An element with attributes and children; `text` is its text, a property `on` holds listeners by event. */
export function make(name, { text, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) set(element, attribute, value);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

/** Set an attribute where it is another one; null and false remove it. */
export function set(element, attribute, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(attribute);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text);
  }
}

/** Set the text where it is another one, so that a selection in it stays. */
export function say(element, text) {
  const wanted = text ?? "";
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Show or hide. */
export function show(element, isShown) {
  element.hidden = !isShown;
}

export const byId = (id) => document.getElementById(id);

let opening = 0;

/** Another emulator may answer now, with other things under the same ids: every list builds its elements anew. */
export function beginAnew() {
  opening += 1;
}

/**
 * A list whose elements stay the same as long as their items do: what is selected, focused or playing goes on.
 * `build(item)` gives an object with `element` and `update(item)`.
 */
export function list(container, key, build) {
  const known = new Map();
  let built = opening;
  return (items) => {
    if (built !== opening) {
      built = opening;
      known.clear();
      container.replaceChildren();
    }
    const left = new Set(known.keys());
    let place = container.firstElementChild;
    for (const item of items) {
      const id = key(item);
      left.delete(id);
      let entry = known.get(id);
      if (!entry) known.set(id, (entry = build(item)));
      entry.update(item);
      if (entry.element === place) place = place.nextElementSibling;
      else container.insertBefore(entry.element, place);
    }
    for (const id of left) {
      known.get(id).element.remove();
      known.delete(id);
    }
  };
}
