/** What happened to the user's second factor, newest first, page by page. */

import { get } from "./client.js";
import { byId, make, onClick, readable } from "./dom.js";
import { attempt } from "./forms.js";

/**
 * @typedef {object} Line
 * @property {string} type
 * @property {string} name of the authenticator
 * @property {string} created_at
 */

/** @type {Record<string, string>} */
const SENTENCES = {
  enabled: "Two-step sign-in was turned on",
  disabled: "Two-step sign-in was switched off",
  replaced: "The authenticator was replaced",
  authenticator_added: "An authenticator was added",
  authenticator_renamed: "An authenticator was renamed",
  authenticator_removed: "An authenticator was removed",
  backup_codes_rotated: "New backup codes were made",
  backup_code_used: "A backup code was used",
  failed: "A wrong code was entered",
  replayed: "A used code was entered again",
  pair_failed: "Two wrong codes in a row were entered",
  locked: "Codes were locked after too many wrong ones",
  recovered: "Two-step sign-in was turned off by a link in a mail",
  reset: "Support reset two-step sign-in",
  unlocked: "Support ended a lock",
  exempted: "Support allowed signing in without a code",
  exemption_ended: "Support asked for a code again",
  device_trusted: "A device was trusted",
  device_revoked: "A device was revoked",
  device_reused: "A copied device token was refused",
};

const FIRST_PAGE = 5;

/** @type {number | null} */
let before = null;

export const historyPath = () => `totp/events/?limit=${FIRST_PAGE}`;

export function setUpHistory() {
  const part = byId("account", HTMLElement);
  onClick("history-more", () => void attempt(part, async () => append(await get(`totp/events/?before=${before}`))));
}

/** @param {{events: Line[], next_before: number | null}} page of `GET totp/events/` */
export function showHistory(page) {
  byId("history", HTMLElement).replaceChildren();
  append(page);
  byId("history-part", HTMLElement).hidden = page.events.length === 0;
}

/** @param {{events: Line[], next_before: number | null}} page */
function append({ events, next_before: next }) {
  before = next;
  byId("history", HTMLElement).append(...events.map(row));
  byId("history-more", HTMLElement).hidden = next === null;
}

/** @param {Line} line */
function row(line) {
  const sentence = SENTENCES[line.type] ?? line.type.replaceAll("_", " ");
  const item = make("li", make("span", line.name ? `${sentence}: ${line.name}` : sentence));
  const time = make("time", readable(new Date(line.created_at)));
  time.setAttribute("datetime", line.created_at);
  item.append(time);
  return item;
}
