/** Signing in: a password, and a second step where two-step sign-in is on. */

import { postAnonymously } from "./client.js";
import { byId, onClick } from "./dom.js";
import { onSubmit } from "./forms.js";
import { mountProof } from "./proof.js";
import * as session from "./session.js";
import { define, go } from "./steps.js";
import { deviceToken, keepDevice } from "./trusted_devices.js";

// In memory alone: it stands for a password that was right a moment ago.
let challenge = "";
let name = "";

export function setUpSignIn() {
  const form = byId("sign-in-form", HTMLFormElement);
  onSubmit(form, (value) => sendPassword(value("username"), byId("password", HTMLInputElement).value));
  define("sign-in", { enter: enterSignIn });

  const secondStep = mountProof(byId("second-step-form", HTMLFormElement), sendProof);
  define("second-step", { enter: secondStep.reset, leave: () => (challenge = "") });
  onClick("start-over", () => go("sign-in"));
  onClick("log-out", logOut);
}

function enterSignIn() {
  session.end();
  return byId("username", HTMLInputElement);
}

/**
 * @param {string} username
 * @param {string} password as it was typed: blanks at its ends may belong to it
 */
async function sendPassword(username, password) {
  const credentials = { username, password, trusted_device_token: deviceToken(username) };
  const answer = await postAnonymously("jwt/create/", credentials);
  name = username;
  if (answer.step === "logged_in") {
    signedIn(answer);
  } else if (answer.step === "enrolment_required") {
    const ticket = answer.totp_enrolment_token;
    const setup = await postAnonymously("jwt/totp/create/", { totp_enrolment_token: ticket });
    go("enrol", { setup, required: { name, ticket } });
  } else {
    go("second-step");
    challenge = answer.totp_challenge_token;
  }
}

/** @param {import("./proof.js").Proof} proof */
async function sendProof(proof) {
  signedIn(await postAnonymously("jwt/totp/verify/", { totp_challenge_token: challenge, ...proof }));
}

/** @param {session.Tokens & {trusted_device_token?: string}} answer */
function signedIn(answer) {
  keepDevice(name, answer);
  session.begin(name, answer);
  go("account");
}

// A token cannot be called back: it is forgotten here and ends by itself. A project that needs
// more installs its JWT library's blacklist, or uses the session router, which can end a session.
function logOut() {
  go("sign-in", { notice: "You are logged out.", tone: "good" });
}
