/**
 * Modal dialogs as promises. The browser keeps the focus inside and gives it back afterwards.
 *
 * What destroys something asks "Are you sure?" first, and for a code only then: nobody spends a
 * code on what they then call off, and once the code is entered it is done.
 */

import { byId, find } from "./dom.js";

/**
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} its return value; empty when it was cancelled, also by Escape
 */
export function closed(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

/**
 * @param {{title: string, why: string, yes: string}} words
 * @returns {Promise<boolean>}
 */
export async function isConfirmed({ title, why, yes }) {
  const dialog = byId("confirm", HTMLDialogElement);
  find(dialog, "#confirm-title").textContent = title;
  find(dialog, "#confirm-why").textContent = why;
  find(dialog, "#confirm-yes").textContent = yes;
  return (await closed(dialog)) === "yes";
}
