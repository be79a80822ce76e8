/** What an error means to the person in front of the page. No request, no element is touched. */

import { ApiError, NetworkError } from "./client.js";

/** @typedef {"code" | "backup" | "pair" | ""} Kind what the person had typed */

/** @type {Record<string, string>} */
const BY_CODE = {
  invalid_credentials: "User name and password do not match.",
  invalid_challenge:
    "This sign-in took too long, or had too many wrong codes. Enter your password again.",
  already_enabled: "Two-step sign-in is already on.",
  not_enrolled: "There is nothing to confirm any more: setting up takes ten minutes at most. Start again.",
  throttled: "That was too fast for the server.",
  unavailable: "The server cannot check codes at the moment. Try again later.",
};

/** @type {Record<Kind, string>} */
const WRONG = {
  code: "That code is not right, or it was used before. Each code works once: wait for the next one and try that.",
  backup: "That backup code is not right, or it was used before. Try another one.",
  pair: "These are not two codes in a row. Start with the code shown now and take the one after it.",
  "": "That code is not right.",
};

/** @type {Record<string, string>} */
const WAYS_OUT = {
  login: " A backup code works all the same, and so do two codes in a row.",
  "step-up": " A backup code works all the same.",
};

/**
 * @param {unknown} error
 * @param {{kind?: Kind, proof?: string}} [context] `proof` is "login" or "step-up"
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
  if (error.clockSkewSeconds === null) return WRONG[kind];
  const minutes = Math.max(1, Math.round(Math.abs(error.clockSkewSeconds) / 60));
  const amount = minutes === 1 ? "a minute" : `${minutes} minutes`;
  const direction = error.clockSkewSeconds > 0 ? "fast" : "slow";
  return `The clock of your device is about ${amount} ${direction}, so its codes are not accepted. Switch on automatic date and time there, then try again.`;
}

/**
 * @param {ApiError} error
 * @param {string} proof
 */
function locked(error, proof) {
  const start =
    error.retryAfter === null
      ? "Too many wrong codes. Codes from the app are refused."
      : "Too many wrong codes. Codes from the app are refused for a while.";
  return start + (WAYS_OUT[proof] ?? "");
}
