/**
 * Finding what the page's HTML promises. A missing element is a mistake in the page, so these
 * throw instead of returning null.
 */

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} #${id}.`);
  return element;
}

/**
 * @param {ParentNode} scope
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(scope, selector) {
  const element = scope.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return element;
}

/**
 * @param {string} id
 * @param {() => void} action
 */
export function onClick(id, action) {
  byId(id, HTMLButtonElement).addEventListener("click", action);
}

/**
 * A new element with `content` as text: data never becomes markup on this page.
 *
 * @param {string} tag
 * @param {string | Node} content
 * @returns {HTMLElement}
 */
export function make(tag, content) {
  const element = document.createElement(tag);
  element.append(content);
  return element;
}

/**
 * @param {string} text
 * @param {"submit" | "button"} type
 * @param {string} [more] a further class
 */
export function button(text, type, more = "") {
  const made = /** @type {HTMLButtonElement} */ (make("button", text));
  made.type = type;
  made.className = `quiet ${more}`.trim();
  return made;
}

/**
 * @param {Date} moment
 * @returns {string}
 */
export function readable(moment) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return format.format(moment);
}
