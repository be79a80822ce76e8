/** Copying, and what to do where the browser does not let a page copy. */

/**
 * @param {string} text
 * @param {HTMLElement} shown where the text stands, to be selected when copying is refused
 * @returns {Promise<string>} what to tell the user
 */
export async function copyText(text, shown) {
  try {
    // Missing on pages that come over plain http from another machine.
    await navigator.clipboard.writeText(text);
    return "Copied.";
  } catch {
    window.getSelection()?.selectAllChildren(shown);
    return "Your browser refused to copy. It is selected now: copy it by hand.";
  }
}
