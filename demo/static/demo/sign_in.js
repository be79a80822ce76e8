/** Signing in: a password, and a second step where two-step sign-in is on. */

import { ApiError, postAnonymously } from "./client.js";
import { byId, onClick } from "./dom.js";
import { onSubmit } from "./forms.js";
import { mountProof } from "./proof.js";
import * as session from "./session.js";
import { sentence } from "./sentences.js";
import { define, go } from "./steps.js";

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
  const answer = await postAnonymously("jwt/create/", { username, password });
  name = username;
  if (!answer.is_totp_enabled) {
    signedIn(answer);
    return;
  }
  go("second-step");
  challenge = answer.totp_challenge_token;
}

/** @param {import("./proof.js").Proof} proof */
async function sendProof(proof) {
  try {
    signedIn(
      await postAnonymously("jwt/totp/verify/", { totp_challenge_token: challenge, ...proof }),
    );
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "invalid_challenge")) throw error;
    go("sign-in", { notice: sentence(error), tone: "error" });
  }
}

/** @param {session.Tokens} tokens */
function signedIn(tokens) {
  session.begin(name, tokens);
  go("account");
}

// A token cannot be called back: it is forgotten here and ends by itself. A project that needs
// more installs its JWT library's blacklist, or uses the session router, which can end a session.
function logOut() {
  go("sign-in", { notice: "You are logged out.", tone: "good" });
}
