/**
 * One section of the page is in view at a time. Going to it moves the focus there, to its heading
 * or to the field that its step asks for, so that keyboard and screen reader follow.
 *
 * Leaving it takes away what it showed and what was typed there, for the next user may be another
 * one: forms are reset, elements with `data-of-visit="hidden"` are hidden and those with
 * `data-of-visit="empty"` are emptied. Answers that are still on their way are dropped.
 */

import { byId, find } from "./dom.js";
import { clear, say } from "./messages.js";
import * as session from "./session.js";
import { endVisit } from "./visit.js";

/** @typedef {Record<string, any>} Details what a step is told by the one before it */

/**
 * @typedef {object} Step
 * @property {(details: Details) => HTMLElement | void} [enter] returns what takes the focus
 * @property {() => void} [leave] takes away what only this step knows of
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
  if (current) leave(current);
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
function leave(name) {
  endVisit();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  steps.get(name)?.leave?.();
  const section = byId(name, HTMLElement);
  clear(section);
  for (const form of section.querySelectorAll("form")) form.reset();
  for (const element of section.querySelectorAll("[data-of-visit=hidden]")) element.toggleAttribute("hidden", true);
  for (const element of section.querySelectorAll("[data-of-visit=empty]")) element.replaceChildren();
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
