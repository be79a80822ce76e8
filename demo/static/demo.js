/**
 * The demo page. Plain ES modules, no framework, no build step; every request goes to this origin.
 *
 * Read on in this order: client.js (requests, tokens, errors), steps.js (one section at a time),
 * then a step each: sign_in.js, recovery.js, enrol.js, backup_codes.js, account.js with
 * authenticators.js, trusted_devices.js and history.js; step_up.js for actions that need a new code.
 */

import { setUpAccount } from "./demo/account.js";
import { setUpBackupCodes } from "./demo/backup_codes.js";
import { setUpEnrol } from "./demo/enrol.js";
import { hasLink, setUpRecovery } from "./demo/recovery.js";
import { isOpen } from "./demo/session.js";
import { setUpSignIn } from "./demo/sign_in.js";
import { setUpStepUp } from "./demo/step_up.js";
import { go } from "./demo/steps.js";

setUpSignIn();
setUpRecovery();
setUpStepUp();
setUpAccount();
setUpEnrol();
setUpBackupCodes();

const cameFromAdmin = new URLSearchParams(location.search).get("next")?.startsWith("/admin/");
const notice = cameFromAdmin ? "To open the admin, set up two-step sign-in here first." : "";
if (hasLink()) go("recover", { quietly: true });
else go(isOpen() ? "account" : "sign-in", { quietly: true, notice });
