/**
 * Saying something in a section, form or dialog ("scope"): next to a field, or in the scope's
 * notice. Both are live regions, so that a screen reader says it too. Focus goes to the field.
 */

import { ApiError, serverNow } from "./client.js";
import { countDown, stopCountdown } from "./countdown.js";
import { byId, find } from "./dom.js";

/**
 * @param {HTMLElement} scope
 * @param {string} text
 * @param {"good" | "error" | ""} [tone]
 */
export function say(scope, text, tone = "") {
  const notice = find(scope, "[data-notice]");
  notice.classList.toggle("error", tone === "error");
  notice.classList.toggle("good", tone === "good");
  notice.textContent = text;
}

/** @param {HTMLElement} scope */
export function clear(scope) {
  for (const notice of scope.querySelectorAll("[data-notice]")) notice.textContent = "";
  for (const timer of scope.querySelectorAll("[data-countdown]")) {
    if (timer instanceof HTMLElement) stopCountdown(timer);
  }
  for (const field of scope.querySelectorAll("input")) sayAtField(field, "");
}

/**
 * @param {HTMLInputElement} field
 * @param {string} text empty takes the message away
 */
export function sayAtField(field, text) {
  if (field.type === "radio" || field.hidden) return; // never wrong
  byId(`${field.id}-error`, HTMLElement).textContent = text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/**
 * @param {HTMLInputElement} field
 * @param {string} text
 */
export function complain(field, text) {
  sayAtField(field, text);
  field.focus();
  if (field.type !== "checkbox") field.select(); // typing again replaces what was wrong
}

/**
 * Count down to when the server will answer again.
 *
 * @param {HTMLElement} scope
 * @param {unknown} error
 */
export function showWait(scope, error) {
  if (!(error instanceof ApiError) || typeof error.retryAfter !== "number") return;
  countDown(find(scope, "[data-countdown]"), serverNow() + error.retryAfter * 1000, {
    text: (left) => `You can try again in ${left}.`,
    done: () => say(scope, "You can try again now."),
  });
}
