/** Showing backup codes once: copy, download, print, and only then go on. */

import { copyText } from "./clipboard.js";
import { byId, make, onClick, readable } from "./dom.js";
import { onSubmit } from "./forms.js";
import { accountName } from "./session.js";
import { define, go } from "./steps.js";

/** @type {string[]} */
let codes = [];
let done = "";

export function setUpBackupCodes() {
  define("backup-codes", { enter, leave });
  onClick("copy-codes", async () => tell(await copyText(asText(), list())));
  onClick("download-codes", download);
  onClick("print-codes", () => window.print());
  onSubmit(byId("saved-form", HTMLFormElement), async () => {
    go("account", { notice: done, tone: "good" });
  });
  window.addEventListener("beforeunload", (event) => {
    if (codes.length > 0 && !byId("saved", HTMLInputElement).checked) event.preventDefault();
  });
}

const list = () => byId("codes", HTMLElement);

/** @param {{codes?: string[], done?: string, enrolling?: boolean}} details */
function enter(details) {
  codes = details.codes ?? [];
  done = details.done ?? "";
  byId("backup-progress", HTMLElement).hidden = !details.enrolling;
  byId("print-heading", HTMLElement).textContent = heading();
  list().replaceChildren(...codes.map((code) => make("li", grouped(code))));
}

/**
 * The groups of a code apart, so that the eye finds the place again when copying by hand.
 *
 * @param {string} code
 */
function grouped(code) {
  const groups = code.split("-").map((group) => make("span", group));
  const shown = make("code", "");
  shown.append(...groups.flatMap((group, index) => (index ? ["-", group] : [group])));
  return shown;
}

function leave() {
  codes = [];
}

const heading = () =>
  `Backup codes of ${accountName()}, ninja-totp demo, made on ${readable(new Date())}`;

const asText = () => `${heading()}\nEach code works once.\n\n${codes.join("\n")}\n`;

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asText()], { type: "text/plain" }));
  link.download = `backup-codes-${accountName().replace(/[^\p{L}\p{N}._-]/gu, "_")}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
  tell("Downloaded. Delete the file once the codes are in a safe place.");
}

/** @param {string} text */
function tell(text) {
  byId("codes-status", HTMLElement).textContent = text;
}
