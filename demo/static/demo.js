/**
 * The demo page. Plain ES modules, no framework, no build step; every request goes to this origin.
 *
 * Read on in this order: client.js (requests, tokens, errors), steps.js (one section at a time),
 * then a step each: sign_in.js, enrol.js, backup_codes.js, account.js, authenticators.js; step_up.js for actions
 * that need a fresh second factor.
 */

import { setUpAccount } from "./demo/account.js";
import { setUpBackupCodes } from "./demo/backup_codes.js";
import { setUpEnrol } from "./demo/enrol.js";
import { isOpen } from "./demo/session.js";
import { setUpSignIn } from "./demo/sign_in.js";
import { setUpStepUp } from "./demo/step_up.js";
import { go } from "./demo/steps.js";

setUpSignIn();
setUpStepUp();
setUpAccount();
setUpEnrol();
setUpBackupCodes();
go(isOpen() ? "account" : "sign-in", { quietly: true });
