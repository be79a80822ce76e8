/**
 * Devices that need no code for a while: this one offers it in the second step, the account lists
 * and revokes them.
 *
 * The token is kept in localStorage, since it must outlive the tab. It replaces the code and not
 * the password, works once, and every use brings another one.
 */

import { remove } from "./client.js";
import { isConfirmed } from "./dialogs.js";
import { byId, button, make, readable } from "./dom.js";
import { attempt } from "./forms.js";
import { go } from "./steps.js";

/**
 * @typedef {object} Device
 * @property {string} id
 * @property {string} name
 * @property {string | null} last_used_at
 * @property {string} expires_at
 */

/** @param {string} user */
const key = (user) => `ninja-totp-demo.device.${user}`;

/** @param {string} user */
export const deviceToken = (user) => localStorage.getItem(key(user)) ?? undefined;

/**
 * Keep what the answer to a login holds.
 *
 * @param {string} user
 * @param {{trusted_device_token?: string}} answer
 */
export function keepDevice(user, answer) {
  if (answer.trusted_device_token) localStorage.setItem(key(user), answer.trusted_device_token);
}

/** The name under which the account lists this device. */
export function deviceName() {
  /** @type {any} */
  const { userAgentData } = navigator; // not in every browser
  if (!userAgentData) return "Browser";
  /** @type {string[]} */
  const brands = userAgentData.brands.map((/** @type {{brand: string}} */ one) => one.brand);
  // One of them is made up, such as "Not A(Brand".
  const brand = brands.find((name) => !name.includes("Brand")) ?? "Browser";
  return `${brand} on ${userAgentData.platform}`;
}

/** @param {{trusted_devices: Device[]}} answer of `GET totp/trusted_devices/` */
export function showTrustedDevices({ trusted_devices: devices }) {
  byId("devices-part", HTMLElement).hidden = devices.length === 0;
  byId("devices", HTMLElement).replaceChildren(...devices.map(row));
}

/** @param {Device} device */
function row(device) {
  const text = make("span", make("b", device.name));
  text.append(`, needs no code until ${readable(new Date(device.expires_at))}`);
  const revoke = button("Revoke", "button", "danger");
  revoke.setAttribute("aria-label", `Revoke ${device.name}`);
  revoke.addEventListener("click", async () => {
    const why = "The next sign-in on this device needs a code.";
    if (!(await isConfirmed({ title: `Revoke ${device.name}?`, why, yes: "Revoke" }))) return;
    void attempt(byId("account", HTMLElement), async () => {
      await remove(`totp/trusted_devices/${device.id}/`);
      go("account", { notice: `${device.name} needs a code again.`, tone: "good" });
    });
  });
  const item = make("li", revoke);
  item.append(text);
  return item;
}
