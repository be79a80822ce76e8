/** The user's authenticators: phone, tablet, a spare. Each can be renamed and, but for the last, removed. */

import { patch, post, remove } from "./client.js";
import { isConfirmed } from "./dialogs.js";
import { byId, button, make, readable } from "./dom.js";
import { attempt, onSubmit } from "./forms.js";
import { withStepUp } from "./step_up.js";
import { go } from "./steps.js";

/**
 * @typedef {object} Authenticator
 * @property {string} id
 * @property {string} name
 * @property {string | null} last_used_at
 */

export function setUpAuthenticators() {
  onSubmit(byId("add-form", HTMLFormElement), async (value) => {
    const adding = value("authenticator_name");
    go("enrol", { setup: await withStepUp(() => post("totp/authenticators/", { name: adding })), adding });
  });
}

/**
 * @param {{authenticators: Authenticator[], max: number}} answer of `GET totp/authenticators/`
 */
export function showAuthenticators({ authenticators, max }) {
  byId("add-form", HTMLFormElement).hidden = authenticators.length >= max;
  const rows = authenticators.map((one) => row(one, authenticators.length > 1));
  byId("authenticators", HTMLElement).replaceChildren(...rows);
}

/**
 * @param {Authenticator} one
 * @param {boolean} mayGo
 */
function row(one, mayGo) {
  const input = document.createElement("input");
  Object.assign(input, { id: `authenticator-${one.id}`, name: "name", value: one.name, maxLength: 64, required: true });
  const label = /** @type {HTMLLabelElement} */ (make("label", `Name of ${one.name}`));
  label.htmlFor = input.id;
  const wrong = make("p", "");
  Object.assign(wrong, { id: `${input.id}-error`, className: "field-error", ariaLive: "polite" });
  const form = document.createElement("form");
  const field = make("div", label);
  field.className = "field";
  field.append(input, wrong);
  form.append(field, button("Rename", "submit"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    change(() => patch(path(one), { name: input.value }), `Renamed to ${input.value}.`);
  });
  if (mayGo) form.append(removal(one));
  const item = make("li", form);
  item.append(make("span", one.last_used_at ? `Last used ${readable(new Date(one.last_used_at))}` : "Never used"));
  return item;
}

/** @param {Authenticator} one */
function removal(one) {
  const made = button("Remove", "button", "danger");
  made.setAttribute("aria-label", `Remove ${one.name}`);
  made.addEventListener("click", async () => {
    const why = "Its codes stop working. Your next change needs a code of another authenticator.";
    if (!(await isConfirmed({ title: `Remove ${one.name}?`, why, yes: "Remove" }))) return;
    change(() => remove(path(one)), `${one.name} was removed.`);
  });
  return made;
}

/**
 * @param {() => Promise<any>} call
 * @param {string} notice
 */
function change(call, notice) {
  void attempt(byId("account", HTMLElement), async () => {
    await withStepUp(call);
    go("account", { notice, tone: "good" });
  });
}

/** @param {Authenticator} one */
const path = (one) => `totp/authenticators/${one.id}/`;
