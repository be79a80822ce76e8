/**
 * Talking to the API: JSON in and out, the bearer token, its renewal, and three kinds of failure.
 * What an error means to the user is in sentences.js.
 */

import * as session from "./session.js";

const API = document.documentElement.dataset.api ?? "/api/";
const PATIENCE = 20_000; // milliseconds

/** The server could not be reached, or did not answer in time. */
export class NetworkError extends Error {}

/** No token is valid any more: only signing in again helps. */
export class SignedOut extends Error {}

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
export const postAnonymously = (path, body) => request("POST", path, body, null);

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function authorised(method, path, body) {
  const access = session.accessToken() ?? (await renewedAccess());
  try {
    return await request(method, path, body, access);
  } catch (error) {
    if (!isExpired(error)) throw error;
  }
  try {
    return await request(method, path, body, await renewedAccess());
  } catch (error) {
    throw isExpired(error) ? new SignedOut() : error;
  }
}

/** @param {unknown} error */
function isExpired(error) {
  return error instanceof ApiError && error.status === 401 && !error.needsSecondFactor;
}

/** @type {Promise<string> | null} */
let renewal = null;

/** One exchange at a time: where refresh tokens rotate, a second one would use up a dead token. */
function renewedAccess() {
  renewal ??= exchangeRefresh().finally(() => {
    renewal = null;
  });
  return renewal;
}

/** @returns {Promise<string>} */
async function exchangeRefresh() {
  const refresh = session.refreshToken();
  if (refresh === null) throw new SignedOut();
  try {
    const tokens = await postAnonymously("jwt/refresh/", { refresh });
    session.keep(tokens);
    return tokens.access;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw new SignedOut();
    throw error;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object | undefined} body
 * @param {string | null} access
 */
async function request(method, path, body, access) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (access !== null) headers.Authorization = `Bearer ${access}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await reach(API + path, { method, headers, body: JSON.stringify(body) });
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
  try {
    return await fetch(url, {
      ...options,
      cache: "no-store",
      credentials: "omit", // the bearer token is the only credential
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
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
