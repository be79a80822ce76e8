/** The state of two-step sign-in, and everything that changes it. */

import { setUpAuthenticators, showAuthenticators } from "./authenticators.js";
import { Cancelled, get, post } from "./client.js";
import { countDown, stopCountdown } from "./countdown.js";
import { isConfirmed } from "./dialogs.js";
import { byId, make, onClick, readable } from "./dom.js";
import { attempt, report } from "./forms.js";
import { historyPath, setUpHistory, showHistory } from "./history.js";
import { clear } from "./messages.js";
import { withStepUp } from "./step_up.js";
import { define, go } from "./steps.js";
import { showTrustedDevices } from "./trusted_devices.js";

/**
 * @typedef {object} Status as `GET totp/status/` returns it
 * @property {boolean} is_totp_enabled
 * @property {string | null} confirmed_at
 * @property {string | null} last_used_at
 * @property {number} backup_codes_remaining
 * @property {boolean} backup_codes_low
 * @property {boolean} pending
 * @property {boolean} is_locked
 * @property {string | null} locked_until
 */

export function setUpAccount() {
  define("account", { enter: () => void load(), leave: forget });
  setUpAuthenticators();
  setUpHistory();
  onClick("reload", () => void load());
  onClick("enrol-start", () => act(startEnrolment));
  onClick("enrol-resume", () => go("enrol", { replacing: isOn() }));
  onClick("rotate", () => act(rotate));
  onClick("replace", () => act(replace));
  onClick("disable", () => act(disable));
  onClick("danger", () => act(endanger));
}

const section = () => byId("account", HTMLElement);
const state = () => byId("state", HTMLElement);
const isOn = () => state().dataset.state === "on";
const lockTimer = () => byId("locked-countdown", HTMLElement);

/** @param {() => Promise<void>} action */
function act(action) {
  clear(section());
  void attempt(section(), action);
}

function forget() {
  state().ariaBusy = null;
  delete state().dataset.state;
  stopCountdown(lockTimer());
}

/** Ask for everything first and show it at once: what can be pressed does not move any more. */
async function load() {
  const reload = byId("reload-line", HTMLElement);
  reload.hidden = true;
  state().ariaBusy = "true";
  if (!state().dataset.state) state().textContent = "Loading…";
  try {
    const paths = ["totp/status/", "totp/authenticators/", "totp/trusted_devices/", historyPath()];
    const [status, authenticators, devices, history] = await Promise.all(paths.map(get));
    showAuthenticators(authenticators);
    showTrustedDevices(devices);
    showHistory(history);
    show(status);
  } catch (error) {
    if (error instanceof Cancelled) return; // the next visit has the page
    if (!state().dataset.state) state().textContent = "";
    reload.hidden = false;
    report(section(), error);
  }
  state().ariaBusy = null;
}

/** @param {Status} status */
function show(status) {
  const on = status.is_totp_enabled;
  state().textContent = on ? "On" : "Off";
  state().dataset.state = on ? "on" : "off";
  byId("when-on", HTMLElement).hidden = !on;
  byId("when-off", HTMLElement).hidden = on;
  byId("pending", HTMLElement).hidden = !status.pending;
  byId("facts", HTMLElement).replaceChildren(...facts(status));
  showLowCodes(status);
  showLock(status);
}

/** @param {Status} status */
function facts(status) {
  if (!status.is_totp_enabled) return [];
  const rows = [
    ["On since", moment(status.confirmed_at)],
    ["Last used", moment(status.last_used_at)],
    ["Backup codes left", String(status.backup_codes_remaining)],
  ];
  return rows.map(([term = "", value = ""]) => {
    const row = make("div", make("dt", term));
    row.append(make("dd", value));
    return row;
  });
}

/** @param {string | null} text */
const moment = (text) => (text === null ? "never" : readable(new Date(text)));

/** @param {Status} status */
function showLowCodes(status) {
  const warning = byId("codes-low", HTMLElement);
  warning.hidden = !status.backup_codes_low;
  const left = status.backup_codes_remaining;
  warning.textContent =
    left === 0
      ? "You have no backup code left. Make new ones: without one, a lost phone locks you out."
      : `Only ${left} backup ${left === 1 ? "code is" : "codes are"} left. Make new ones soon.`;
}

/** @param {Status} status */
function showLock(status) {
  byId("locked", HTMLElement).hidden = !status.is_locked;
  stopCountdown(lockTimer());
  if (!status.is_locked) return;
  byId("locked-text", HTMLElement).textContent = status.locked_until
    ? "Too many wrong codes. Codes from the app do not work for now."
    : "Too many wrong codes. To unlock, sign in with a backup code or with two codes in a row.";
  if (status.locked_until) {
    countDown(lockTimer(), Date.parse(status.locked_until), {
      text: (left) => `Unlocked in ${left}.`,
      done: () => void load(),
    });
  }
}

async function startEnrolment() {
  go("enrol", { setup: await post("totp/create/") });
}

async function replace() {
  go("enrol", { setup: await withStepUp(() => post("totp/replace/")), replacing: true });
}

async function rotate() {
  const words = {
    title: "Make new backup codes?",
    why: "Your present backup codes stop working.",
    yes: "Make new codes",
  };
  if (!(await isConfirmed(words))) return;
  const answer = await withStepUp(() => post("totp/rotate_backup_codes/"));
  go("backup-codes", { codes: answer.backup_codes, done: "Your new backup codes work now." });
}

async function disable() {
  const words = {
    title: "Switch off two-step sign-in?",
    why: "Then anyone who knows your password can sign in. Your backup codes stop working too.",
    yes: "Switch off",
  };
  if (!(await isConfirmed(words))) return;
  await withStepUp(() => post("totp/disable/"));
  go("account", { notice: "Two-step sign-in is off.", tone: "good" });
}

async function endanger() {
  const words = {
    title: "Delete everything?",
    why: "Nothing is really deleted: this shows how your own endpoint can ask for a new code.",
    yes: "Delete everything",
  };
  if (!(await isConfirmed(words))) return;
  const answer = await withStepUp(() => post("danger/"));
  go("account", { notice: answer.detail, tone: "good" });
}
