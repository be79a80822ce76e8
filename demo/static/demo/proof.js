/**
 * The fields for proving the second factor, in the login's second step and in the step-up dialog:
 * a code, a backup code, or (in a login, once codes are locked) two codes in a row.
 */

import { ApiError } from "./client.js";
import { byId, find } from "./dom.js";
import { onSubmit } from "./forms.js";
import { clear } from "./messages.js";
import { deviceName } from "./trusted_devices.js";

/** @typedef {import("./sentences.js").Kind} Kind */
/** @typedef {{otp_code?: string, backup_code?: string, otp_codes?: string[], trust_device?: string}} Proof */

/**
 * Fill a form with the fields and call `send` with what was typed.
 *
 * @param {HTMLFormElement} form
 * @param {(proof: Proof) => Promise<void>} send
 * @returns {{reset: () => HTMLInputElement}} `reset` empties it and returns the first field
 */
export function mountProof(form, send) {
  const use = form.dataset.proof ?? "";
  form.append(fieldsFor(use));
  find(form, "[data-trust]").hidden = use !== "login";
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "kind") showChosen(form);
  });
  onSubmit(form, async (value) => sendOrOfferPair(form, () => send({ ...typed(form, value), ...trust(form) })), {
    kind: () => chosen(form),
    proof: use,
  });
  return { reset: () => reset(form) };
}

/**
 * Copies of the template get ids of their own, so that labels and messages find their fields.
 *
 * @param {string} prefix
 */
function fieldsFor(prefix) {
  const content = byId("proof", HTMLTemplateElement).content.cloneNode(true);
  if (!(content instanceof DocumentFragment)) throw new Error("The template is broken.");
  for (const input of content.querySelectorAll("input[data-name]")) {
    const name = input.getAttribute("data-name") ?? "";
    input.id = `${prefix}-${name}`;
    find(content, `[data-for="${name}"]`).setAttribute("for", input.id);
    const lines = ["hint", "error"].flatMap((line) => {
      const element = content.querySelector(`[data-${line}-of="${name}"]`);
      if (element) element.id = `${input.id}-${line}`;
      return element ? [element.id] : [];
    });
    input.setAttribute("aria-describedby", lines.join(" "));
  }
  return content;
}

/** @param {HTMLFormElement} form */
function reset(form) {
  form.reset();
  clear(form);
  find(form, "[data-pair]").hidden = true;
  return showChosen(form);
}

/** @param {HTMLFormElement} form */
function chosen(form) {
  return /** @type {Kind} */ (new FormData(form).get("kind"));
}

/** @param {HTMLFormElement} form */
function showChosen(form) {
  const kind = chosen(form);
  clear(form);
  for (const group of form.querySelectorAll("[data-kind]")) {
    group.toggleAttribute("hidden", group.getAttribute("data-kind") !== kind);
  }
  return /** @type {HTMLInputElement} */ (find(form, `[data-kind="${kind}"] input`));
}

/**
 * @param {HTMLFormElement} form
 * @param {(name: string) => string} value
 * @returns {Proof}
 */
function typed(form, value) {
  switch (chosen(form)) {
    case "backup":
      return { backup_code: value("backup_code") };
    case "pair":
      return { otp_codes: [value("otp_codes.0"), value("otp_codes.1")] };
    default:
      return { otp_code: value("otp_code") };
  }
}

/** @param {HTMLFormElement} form */
function trust(form) {
  return new FormData(form).has("trust_device") ? { trust_device: deviceName() } : {};
}

/**
 * Two codes in a row end a lock (RFC 4226, 7.4). Offered only to those who need it: for everybody
 * else it is a harder way to do the same.
 *
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} send
 */
async function sendOrOfferPair(form, send) {
  try {
    await send();
  } catch (error) {
    const isLocked = error instanceof ApiError && error.code === "locked";
    if (isLocked && form.dataset.proof === "login") find(form, "[data-pair]").hidden = false;
    throw error;
  }
}
