/** Adding an authenticator, for the first time, beside others or in their place: show, type, confirm. */

import { ApiError, post, postAnonymously } from "./client.js";
import { copyText } from "./clipboard.js";
import { countDown, stopCountdown } from "./countdown.js";
import { byId, find, onClick } from "./dom.js";
import { attempt, onSubmit } from "./forms.js";
import * as session from "./session.js";
import { withStepUp } from "./step_up.js";
import { define, go } from "./steps.js";

/**
 * @typedef {object} Setup as `POST totp/create/` and `totp/replace/` return it
 * @property {string} svg
 * @property {string} uri
 * @property {string} secret
 * @property {string} secret_grouped
 * @property {string} expires_at
 */

const SAFETY = 1000; // milliseconds: rather end early here than be refused there

let secret = "";
let replacing = false;
let adding = ""; // the name of one more authenticator
/** @type {{name: string, ticket: string} | null} a login that the account's site lets finish only with 2FA */
let required = null;
let resumed = false;

export function setUpEnrol() {
  define("enrol", { enter, leave });
  onSubmit(byId("confirm-form", HTMLFormElement), (value) => confirm(value("input_code")), {
    kind: () => "code",
    proof: "enrol",
  });
  onClick("enrol-cancel", () => go(required ? "sign-in" : "account"));
  onClick("enrol-restart", restart);
  onClick("copy-secret", async () => {
    const shown = byId("secret", HTMLElement);
    byId("copy-secret-status", HTMLElement).textContent = await copyText(secret, shown);
  });
}

/**
 * Without a setup the secret is in the app already and only its code is asked for. That happens
 * on a phone that dropped this page from memory while its user was in the app.
 *
 * @param {{setup?: Setup, replacing?: boolean, adding?: string, required?: {name: string, ticket: string}}} details
 */
function enter({ setup, ...details }) {
  replacing = details.replacing ?? false;
  adding = details.adding ?? "";
  required = details.required ?? null;
  resumed = !setup;
  // One more authenticator brings no backup codes: there is no second step.
  byId("enrol-progress", HTMLElement).hidden = Boolean(adding);
  byId("enrol-required", HTMLElement).hidden = !required;
  byId("enrol-replaces", HTMLElement).hidden = !replacing || resumed;
  byId("enrol-secret", HTMLElement).hidden = !setup;
  byId("enrol-again", HTMLElement).hidden = Boolean(setup);
  if (!setup) return byId("confirm-code", HTMLInputElement);
  showSecret(setup);
  return undefined;
}

function leave() {
  required = null;
  forgetSecret();
}

/** @param {Setup} setup */
function showSecret(setup) {
  secret = setup.secret;
  byId("qr", HTMLElement).replaceChildren(svgElement(setup.svg));
  byId("secret", HTMLElement).textContent = setup.secret_grouped;
  byId("copy-secret-status", HTMLElement).textContent = "";
  // An address with another scheme must never become a link to click on.
  if (setup.uri.startsWith("otpauth://")) byId("otpauth-link", HTMLAnchorElement).href = setup.uri;
  countDown(byId("expiry", HTMLElement), Date.parse(setup.expires_at) - SAFETY, {
    text: (left) => `Valid for ${left}`,
    done: expire,
  });
}

/**
 * Parsed as XML, which knows no HTML and runs no script, and only an <svg> is taken.
 *
 * @param {string} markup
 */
function svgElement(markup) {
  const root = new DOMParser().parseFromString(markup, "image/svg+xml").documentElement;
  if (root.nodeName !== "svg") throw new Error("The QR code is not an SVG image.");
  return document.importNode(root, true);
}

function expire() {
  forgetSecret();
  byId("enrol-secret", HTMLElement).hidden = true;
  byId("enrol-again", HTMLElement).hidden = false;
}

function forgetSecret() {
  secret = "";
  byId("qr", HTMLElement).replaceChildren();
  byId("secret", HTMLElement).textContent = "";
  byId("otpauth-link", HTMLAnchorElement).removeAttribute("href");
  stopCountdown(byId("expiry", HTMLElement));
  for (const details of byId("enrol", HTMLElement).querySelectorAll("details")) details.open = false;
}

/** @param {string} code */
async function confirm(code) {
  try {
    const answer = await confirmed(code); // with tokens that say that the second factor was proved
    if (required) session.begin(required.name, answer);
    else session.keep(answer);
    // The backup codes that the user has stay good when an authenticator was added.
    if (answer.backup_codes.length === 0) go("account", { notice: "Your new authenticator works now.", tone: "good" });
    else go("backup-codes", { codes: answer.backup_codes, done: doneSentence(), enrolling: true });
  } catch (error) {
    if (error instanceof ApiError && ["not_enrolled", "locked"].includes(error.code)) expire();
    throw error;
  }
}

/** @param {string} code */
function confirmed(code) {
  if (!required) return post("totp/confirm/", { input_code: code });
  return postAnonymously("jwt/totp/confirm/", { totp_enrolment_token: required.ticket, input_code: code });
}

const doneSentence = () =>
  replacing ? "Your new authenticator works now. Remove the old entry from your app." : "Two-step sign-in is on.";

function restart() {
  // Whether what was pending was to replace the others, this page does not know any more.
  if (resumed && replacing) return go("account");
  void attempt(find(byId("enrol", HTMLElement), "form"), async () => {
    go("enrol", { setup: await start(), replacing, adding, required: required ?? undefined });
  });
}

function start() {
  if (required) return postAnonymously("jwt/totp/create/", { totp_enrolment_token: required.ticket });
  if (adding) return withStepUp(() => post("totp/authenticators/", { name: adding }));
  return replacing ? withStepUp(() => post("totp/replace/")) : post("totp/create/");
}
