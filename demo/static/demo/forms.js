/**
 * What all forms share: an empty field is named before anything is sent, a second click does not
 * send twice, and an error ends up at its field or in the form's notice.
 */

import { ApiError, Cancelled, SignedOut } from "./client.js";
import { clear, complain, say, sayAtField, showWait } from "./messages.js";
import { sentence } from "./sentences.js";
import { go } from "./steps.js";

/** @typedef {import("./sentences.js").Kind} Kind */
/** @typedef {{kind?: () => Kind, proof?: string}} Options */

/**
 * @param {HTMLFormElement} form
 * @param {(values: (name: string) => string) => Promise<void>} send
 * @param {Options} [options] `kind` is asked when something went wrong
 */
export function onSubmit(form, send, options = {}) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clear(form);
    if (isComplete(form)) {
      void attempt(form, () => send((name) => field(form, name)?.value.trim() ?? ""), options);
    }
  });
}

/**
 * Run `work`, and tell in `scope` what went wrong. Buttons outside a form use it directly.
 *
 * @param {HTMLElement} scope
 * @param {() => Promise<void>} work
 * @param {Options} [options]
 */
export async function attempt(scope, work, options = {}) {
  if (scope.ariaBusy === "true") return;
  scope.ariaBusy = "true";
  try {
    await work();
  } catch (error) {
    report(scope, error, options);
  } finally {
    scope.ariaBusy = null;
  }
}

/**
 * @param {HTMLElement} scope
 * @param {unknown} error
 * @param {Options} [options]
 */
export function report(scope, error, { kind = () => "", proof } = {}) {
  if (error instanceof Cancelled) return;
  if (error instanceof SignedOut) {
    void go("sign-in", { notice: "Your session has ended. Sign in again." });
    return;
  }
  if (!(error instanceof ApiError)) console.warn(error);
  const text = sentence(error, { kind: kind(), proof });
  if (error instanceof ApiError && error.code === "invalid_challenge") {
    go("sign-in", { notice: text, tone: "error" });
    return;
  }
  const culprit = culpritOf(scope, error);
  if (culprit) complain(culprit.field, culprit.text ?? text);
  else say(scope, text, "error");
  showWait(scope, error);
}

/**
 * The field that an error is about, with the server's own words where it names the field.
 *
 * @param {HTMLElement} scope
 * @param {unknown} error
 * @returns {{field: HTMLInputElement, text?: string} | null}
 */
function culpritOf(scope, error) {
  if (!(error instanceof ApiError && scope instanceof HTMLFormElement)) return null;
  for (const [name, texts] of Object.entries(error.fields)) {
    const named = field(scope, name);
    if (named) return { field: named, text: texts.join(" ") };
  }
  const visible = fields(scope).find((input) => isShown(input) && input.type !== "radio");
  if (error.code === "invalid_code" && visible) return { field: visible };
  const password = field(scope, "password");
  const isAboutPassword = ["invalid_credentials", "invalid_password"].includes(error.code);
  return isAboutPassword && password ? { field: password } : null;
}

/** @param {HTMLFormElement} form */
function isComplete(form) {
  const empty = fields(form).filter((input) => isShown(input) && input.validity.valueMissing);
  for (const input of empty) sayAtField(input, input.dataset.missing ?? "Fill this in.");
  empty[0]?.focus();
  return empty.length === 0;
}

/** @param {HTMLFormElement} form */
const fields = (form) => [...form.querySelectorAll("input")];

/** @param {HTMLInputElement} input */
const isShown = (input) => input.closest("[hidden]") === null;

/**
 * @param {HTMLFormElement} form
 * @param {string} name as the API names it
 */
const field = (form, name) => fields(form).find((input) => input.name === name);
