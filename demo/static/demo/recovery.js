/** A lost phone: ask for a link by mail, and use it to turn two-step sign-in off and set a new password. */

import { postAnonymously } from "./client.js";
import { byId, onClick } from "./dom.js";
import { onSubmit } from "./forms.js";
import { say } from "./messages.js";
import { define, go } from "./steps.js";

const PATH = /^\/recover\/([^/]+)\/([^/]+)\/$/;

export function setUpRecovery() {
  define("recovery", {});
  define("recover", { leave: forgetLink });
  const asking = byId("recovery-form", HTMLFormElement);
  onSubmit(asking, async (value) => {
    const { details } = await postAnonymously("totp/recovery/", { email: value("email") });
    say(asking, details, "good");
    byId("recovery-sent", HTMLElement).hidden = false;
  });
  onSubmit(byId("recover-form", HTMLFormElement), turnOff);
  onClick("lost-phone", () => go("recovery"));
  onClick("recovery-back", () => go("sign-in"));
  onClick("recover-back", () => go("sign-in"));
}

/** Whether this page was opened by the link of a mail. */
export const hasLink = () => PATH.test(location.pathname);

async function turnOff() {
  const [, uid, token] = PATH.exec(location.pathname) ?? [];
  // Passwords as they were typed: blanks at their ends may belong to them.
  const password = byId("recover-password", HTMLInputElement).value;
  const newPassword = byId("new-password", HTMLInputElement).value;
  await postAnonymously("totp/recovery_confirm/", { uid, token, password, new_password: newPassword });
  go("sign-in", { notice: "Two-step sign-in is off. Sign in with your new password.", tone: "good" });
}

/** The link stays in neither the address bar nor the history of the browser. */
function forgetLink() {
  history.replaceState(null, "", "/");
}
