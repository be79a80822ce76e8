/**
 * Who is signed in, and the two tokens.
 *
 * The access token, which opens everything, stays in memory. The refresh token is kept in
 * sessionStorage, because a phone throws a tab out of memory when its user changes to the
 * authenticator app, and that must not mean signing in again. sessionStorage belongs to this tab
 * and ends with it; unlike localStorage no other tab reads it. A script injected into the page
 * could read either place: against that stands the Content-Security-Policy. A site that is served
 * from the API's own origin can do better and use the session router, whose cookie no script sees.
 */

const REFRESH = "ninja-totp-demo.refresh";
const NAME = "ninja-totp-demo.name";

/** @type {string | null} */
let access = null;

/** @typedef {{access?: string | null, refresh?: string | null}} Tokens */

/**
 * @param {string} name
 * @param {Tokens} tokens
 */
export function begin(name, tokens) {
  sessionStorage.setItem(NAME, name);
  keep(tokens);
}

/**
 * Take over what an answer holds; calls that prove the second factor return new tokens.
 *
 * @param {Tokens} tokens
 */
export function keep(tokens) {
  if (tokens.access) access = tokens.access;
  if (tokens.refresh) sessionStorage.setItem(REFRESH, tokens.refresh);
}

export function end() {
  access = null;
  sessionStorage.removeItem(REFRESH);
  sessionStorage.removeItem(NAME);
}

export const isOpen = () => refreshToken() !== null;
export const accessToken = () => access;
export const refreshToken = () => sessionStorage.getItem(REFRESH);
export const accountName = () => sessionStorage.getItem(NAME) ?? "";
