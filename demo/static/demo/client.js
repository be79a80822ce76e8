/**
 * Talking to the API: JSON in and out, the bearer token, its renewal, and four kinds of failure.
 * What an error means to the user is in sentences.js.
 */

import * as session from "./session.js";
import { ofThisVisit } from "./visit.js";

const API = document.documentElement.dataset.api ?? "/api/";
const PATIENCE = 20_000; // milliseconds

/** The server could not be reached, or did not answer in time. */
export class NetworkError extends Error {}

/** No token is valid any more: only signing in again helps. */
export class SignedOut extends Error {}

/** The user changed their mind, or left the step before the answer came. Nothing to report. */
export class Cancelled extends Error {}

/** The server refused. `code` is stable and for machines, `message` is its sentence. */
export class ApiError extends Error {
  /**
   * @param {Response} response
   * @param {Record<string, any>} body
   */
  constructor(response, body) {
    super(typeof body.detail === "string" ? body.detail : `The server answered ${response.status}.`);
    this.status = response.status;
    /** @type {string} */
    this.code = body.code ?? "";
    /** Seconds; null when no waiting helps; undefined where it is not about waiting.
     * @type {number | null | undefined} */
    this.retryAfter = body.retry_after;
    /** @type {Record<string, string[]>} */
    this.fields = body.fields ?? {};
    /** @type {number | null} */
    this.clockSkewSeconds = body.clock_skew_seconds ?? null;
    /** @type {number | null} */
    this.attemptsLeft = body.attempts_left ?? null;
    this.challenge = response.headers.get("WWW-Authenticate") ?? "";
  }

  /** Our calls say it with 403 and a code, a project's own protected endpoint as RFC 9470 does. */
  get needsSecondFactor() {
    return (
      this.code === "second_factor_required" ||
      this.challenge.includes("insufficient_user_authentication")
    );
  }
}

let clockOffset = 0; // server minus browser, in milliseconds

/** The server's time, for countdowns on a machine whose own clock is wrong. */
export const serverNow = () => Date.now() + clockOffset;

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export const get = (path) => authorised("GET", path);

/**
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export const post = (path, body) => authorised("POST", path, body);

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export const patch = (path, body) => authorised("PATCH", path, body);

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export const remove = (path) => authorised("DELETE", path);

/**
 * For calls that nobody is signed in for.
 *
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export const postAnonymously = (path, body) =>
  duringVisit((signal) => request("POST", path, { body, signal }));

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
const authorised = (method, path, body) =>
  duringVisit(async (signal) => {
    const access = session.accessToken() ?? (await renewedAccess());
    try {
      return await request(method, path, { body, access, signal });
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
    try {
      return await request(method, path, { body, access: await renewedAccess(), signal });
    } catch (error) {
      throw isExpired(error) ? new SignedOut() : error;
    }
  });

/** @param {(signal: AbortSignal) => Promise<any>} call */
async function duringVisit(call) {
  const signal = ofThisVisit();
  try {
    return await call(signal);
  } catch (error) {
    throw signal.aborted ? new Cancelled() : error;
  }
}

/** @param {unknown} error */
function isExpired(error) {
  return error instanceof ApiError && error.status === 401 && !error.needsSecondFactor;
}

/** @type {Map<string, Promise<string>>} */
const renewals = new Map();

/** One exchange of a token at a time: where refresh tokens rotate, a second one would use up a dead token. */
async function renewedAccess() {
  const refresh = session.refreshToken();
  if (refresh === null) throw new SignedOut();
  if (!renewals.has(refresh)) {
    renewals.set(refresh, exchange(refresh).finally(() => renewals.delete(refresh)));
  }
  return renewals.get(refresh);
}

/**
 * It outlives the visit, since the next step may wait for it too.
 *
 * @param {string} refresh
 * @returns {Promise<string>}
 */
async function exchange(refresh) {
  try {
    const tokens = await request("POST", "jwt/refresh/", { body: { refresh } });
    // Unless someone else has signed in by now, or a verified code brought newer tokens.
    if (session.refreshToken() === refresh) session.keep(tokens);
    return tokens.access;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw new SignedOut();
    throw error;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: object, access?: string, signal?: AbortSignal}} options
 */
async function request(method, path, { body, access, signal }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (access !== undefined) headers.Authorization = `Bearer ${access}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await reach(API + path, { method, headers, body: JSON.stringify(body), signal });
  noteServerTime(response);
  const answer = await parsed(response);
  if (!response.ok) throw new ApiError(response, answer);
  return answer;
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function reach(url, options) {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(url, {
      ...options,
      cache: "no-store",
      credentials: "omit", // the bearer token is the only credential
      redirect: "error",
      signal: options.signal ? AbortSignal.any([options.signal, patience]) : patience,
    });
  } catch (error) {
    throw new NetworkError("The server cannot be reached.", { cause: error });
  }
}

/** @param {Response} response */
async function parsed(response) {
  if (response.status === 204) return {};
  try {
    return await response.json();
  } catch (error) {
    if (!response.ok) return {}; // a proxy's error page: the status has to be enough
    throw new NetworkError("The answer was cut off.", { cause: error });
  }
}

/** @param {Response} response */
function noteServerTime(response) {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) clockOffset = date - Date.now();
}
