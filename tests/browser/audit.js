// What is wrong with the part of the page in view, as a list of sentences, empty when nothing is.
// axe-core looks first; after that, what it has no rule for. Runs inside the page.

const done = arguments[arguments.length - 1];
const scope = document.querySelector("dialog[open]") ?? document;
const problems = [];

const isShown = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const shown = (selector) => [...scope.querySelectorAll(selector)].filter(isShown);
const named = (element) => element.outerHTML.slice(0, 90);

// WCAG 2.2 asks for 24 pixels; a thumb asks for 44.
for (const target of shown("button, a.button, input:not([type=radio], [type=checkbox]), summary")) {
  const { height } = target.getBoundingClientRect();
  if (height < 44) problems.push(`Only ${height} pixels high: ${named(target)}`);
}

const targets = shown("button, a.button").map((element) => [element, element.getBoundingClientRect()]);
for (const [first, one] of targets) {
  for (const [second, other] of targets) {
    const gap = Math.max(
      Math.max(one.left, other.left) - Math.min(one.right, other.right),
      Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom),
    );
    if (first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING && gap < 4) {
      problems.push(`Only ${gap} pixels between ${named(first)} and ${named(second)}`);
    }
  }
}

const overflow = document.documentElement.scrollWidth - window.innerWidth;
if (overflow > 0) problems.push(`The page is ${overflow} pixels too wide.`);

axe.run(scope, { resultTypes: ["violations", "passes"] }).then(({ violations, passes }) => {
  for (const { id, help, nodes } of violations) {
    for (const { html } of nodes) problems.push(`${id}: ${help}: ${html.slice(0, 90)}`);
  }
  done({ problems, rules: passes.length });
});
