/**
 * One section of the page is in view at a time. Going to it moves the focus there, to its heading
 * or to the field that its step asks for, so that keyboard and screen reader follow.
 */

import { byId, find } from "./dom.js";
import { clear, say } from "./messages.js";
import * as session from "./session.js";

/** @typedef {Record<string, any>} Details what a step is told by the one before it */

/**
 * @typedef {object} Step
 * @property {(details: Details) => HTMLElement | void} [enter] returns what takes the focus
 * @property {() => void} [leave] takes secrets out of the page again
 */

/** @type {Map<string, Step>} */
const steps = new Map();
let current = "";

/**
 * @param {string} name the id of its section
 * @param {Step} step
 */
export function define(name, step) {
  steps.set(name, step);
}

/**
 * @param {string} name
 * @param {Details} [details] `notice` is said at once; `quietly` leaves the focus alone
 */
export function go(name, details = {}) {
  steps.get(current)?.leave?.();
  current = name;
  showOnly(name);
  const section = byId(name, HTMLElement);
  clear(section);
  const heading = find(section, "h2");
  document.title = `${heading.textContent} - ninja-totp demo`;
  const target = steps.get(name)?.enter?.(details) ?? heading;
  showWhoIsSignedIn();
  if (!details.quietly) target.focus();
  if (details.notice) say(section, details.notice, details.tone);
}

/** @param {string} name */
function showOnly(name) {
  for (const section of document.querySelectorAll("main > section")) {
    section.toggleAttribute("hidden", section.id !== name);
  }
  window.scrollTo(0, 0);
}

function showWhoIsSignedIn() {
  byId("signed-in", HTMLElement).hidden = !session.isOpen();
  byId("account-name", HTMLElement).textContent = session.accountName();
}
