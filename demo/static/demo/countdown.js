/**
 * Seconds that run down in view. The element is a timer, which screen readers leave alone while
 * it ticks; what they should say at the end is up to the caller.
 */

import { serverNow } from "./client.js";

/** @type {WeakMap<HTMLElement, number>} */
const running = new WeakMap();

/**
 * @param {HTMLElement} element
 * @param {number} until server time in milliseconds
 * @param {{text: (left: string) => string, done?: () => void}} options
 */
export function countDown(element, until, { text, done }) {
  stopCountdown(element);
  const tick = () => {
    const seconds = Math.ceil((until - serverNow()) / 1000);
    if (seconds > 0) {
      element.textContent = text(clockFace(seconds));
      return;
    }
    stopCountdown(element);
    done?.();
  };
  running.set(element, window.setInterval(tick, 500));
  tick();
}

/** @param {HTMLElement} element */
export function stopCountdown(element) {
  window.clearInterval(running.get(element));
  running.delete(element);
  element.textContent = "";
}

/** @param {number} seconds */
function clockFace(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return parts[0] ? `${hours}:${minutes}:${rest}` : `${parts[1]}:${rest}`;
}
