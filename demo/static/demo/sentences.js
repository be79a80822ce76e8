/** What an error means to the person in front of the page. No request, no element is touched. */

import { ApiError, NetworkError } from "./client.js";

/** @typedef {"code" | "backup" | "pair" | ""} Kind what the person had typed */

/** @type {Record<string, string>} */
const BY_CODE = {
  invalid_credentials: "User name and password do not match.",
  invalid_challenge:
    "This sign-in took too long, or had too many wrong codes. Enter your password again.",
  already_enabled: "Two-step sign-in is already on.",
  enrolment_required: "Your account must use two-step sign-in. You can replace your authenticator, but not switch it off.",
  invalid_password: "This is not your current password.",
  invalid_recovery: "This link does not work any more. Ask for a new one.",
  not_enrolled: "You waited too long: a QR code is valid for ten minutes. Show a new one.",
  throttled: "Too many requests. Wait a moment.",
  unavailable: "The server cannot check codes at the moment. Try again later.",
};

/** @type {Record<Kind, string>} */
const WRONG = {
  code: "Wrong or used code. Each code works once: wait for the next one and try again.",
  backup: "Wrong or used backup code. Try another one.",
  pair: "These are not two codes in a row. Enter the code shown now, then the next one.",
  "": "Wrong code.",
};

/** @type {Record<string, string>} */
const WAYS_OUT = {
  enrol: " Show a new QR code.",
  login: " Use a backup code, or two codes in a row.",
  "step-up": " Use a backup code.",
};

/**
 * @param {unknown} error
 * @param {{kind?: Kind, proof?: string}} [context] `proof` is "login", "step-up" or "enrol"
 * @returns {string}
 */
export function sentence(error, { kind = "", proof = "" } = {}) {
  if (error instanceof NetworkError) {
    return "The server cannot be reached. Check your connection and try again.";
  }
  if (!(error instanceof ApiError)) return "Something went wrong in this page. Reload it and try again.";
  if (error.code === "invalid_code") return wrongCode(error, kind);
  if (error.code === "locked") return locked(error, proof);
  return BY_CODE[error.code] ?? error.message;
}

/**
 * @param {ApiError} error
 * @param {Kind} kind
 */
function wrongCode(error, kind) {
  if (error.clockSkewSeconds === null) return WRONG[kind] + attemptsLeft(error);
  const minutes = Math.max(1, Math.round(Math.abs(error.clockSkewSeconds) / 60));
  const amount = minutes === 1 ? "a minute" : `${minutes} minutes`;
  const direction = error.clockSkewSeconds > 0 ? "fast" : "slow";
  return `The clock of your device is about ${amount} ${direction}, so its codes do not work. Turn on automatic date and time there, then try again.`;
}

/** @param {ApiError} error */
function attemptsLeft({ attemptsLeft: left }) {
  if (left === null) return "";
  if (left === 0) return " That was your last attempt for now.";
  return left === 1 ? " You have 1 attempt left." : ` You have ${left} attempts left.`;
}

/**
 * @param {ApiError} error
 * @param {string} proof
 */
function locked(error, proof) {
  const start =
    error.retryAfter === null
      ? "Too many wrong codes. Codes from the app do not work."
      : "Too many wrong codes. Codes from the app do not work for now.";
  return start + (WAYS_OUT[proof] ?? "");
}
