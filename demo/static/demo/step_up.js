/**
 * Step-up: an action that the server refuses for want of a fresh second factor asks for one and
 * is then tried again, so that the user does not lose what they were about to do.
 */

import { ApiError, Cancelled, post } from "./client.js";
import { closed } from "./dialogs.js";
import { byId, onClick } from "./dom.js";
import { mountProof } from "./proof.js";
import * as session from "./session.js";

const PROVED = "proved";

/** @type {{reset: () => HTMLInputElement}} */
let proof;

export function setUpStepUp() {
  const dialog = byId("step-up", HTMLDialogElement);
  proof = mountProof(byId("step-up-form", HTMLFormElement), async (typed) => {
    session.keep(await post("totp/verify/", typed));
    dialog.close(PROVED);
  });
  onClick("step-up-cancel", () => dialog.close(""));
}

/**
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withStepUp(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError && error.needsSecondFactor)) throw error;
  }
  await prove();
  return action();
}

async function prove() {
  const field = proof.reset();
  const result = closed(byId("step-up", HTMLDialogElement));
  field.focus();
  const answer = await result;
  proof.reset();
  if (answer !== PROVED) throw new Cancelled();
}
