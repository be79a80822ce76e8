// What is wrong with the part of the page in view: returns a list of sentences, empty when nothing
// is. Runs inside the page; names that assistive technology computes are asked in Python.

const problems = [];
const dialog = document.querySelector("dialog[open]");
const scope = dialog ?? document.body;

const isShown = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const shown = (selector) => [...scope.querySelectorAll(selector)].filter(isShown);
const named = (element) => element.outerHTML.slice(0, 90);

if (!/^en/.test(document.documentElement.lang)) problems.push("The page has no language.");
if (!document.title) problems.push("The page has no title.");
if (!dialog && shown("main").length !== 1) problems.push("There is not exactly one <main>.");

const levels = shown("h1, h2, h3, h4").map((heading) => Number(heading.tagName[1]));
if (levels[0] !== (dialog ? 2 : 1)) problems.push(`The first heading is h${levels[0]}.`);
for (let i = 1; i < levels.length; i += 1) {
  if (levels[i] > levels[i - 1] + 1) problems.push(`h${levels[i]} follows h${levels[i - 1]}.`);
}

const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids)) {
  if (ids.filter((other) => other === id).length > 1) problems.push(`The id ${id} stands twice.`);
}

for (const attribute of ["aria-describedby", "aria-labelledby", "for"]) {
  for (const element of shown(`[${attribute}]`)) {
    for (const id of element.getAttribute(attribute).split(/\s+/)) {
      if (!document.getElementById(id)) problems.push(`${attribute}=${id} leads nowhere.`);
    }
  }
}

for (const input of shown("input")) {
  if (![...input.labels].some(isShown)) problems.push(`No visible label: ${named(input)}`);
}

// WCAG 2.2 asks for 24 pixels; a thumb asks for 44.
for (const target of shown("button, a.button, input:not([type=radio], [type=checkbox]), summary")) {
  const { height } = target.getBoundingClientRect();
  if (height < 44) problems.push(`Only ${height} pixels high: ${named(target)}`);
}

const overflow = document.documentElement.scrollWidth - window.innerWidth;
if (overflow > 0) problems.push(`The page is ${overflow} pixels too wide.`);

const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
  const [red, green, blue] = channels(colour).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const background = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    const [, , , alpha = 1] = channels(colour);
    if (alpha === 1) return colour;
  }
  return "rgb(255, 255, 255)";
};
const contrast = (first, second) => {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const texts = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || seen.has(element) || !isShown(element)) continue;
  seen.add(element);
  const style = getComputedStyle(element);
  const ratio = contrast(style.color, background(element));
  if (ratio < 4.5) problems.push(`Contrast ${ratio.toFixed(2)}: ${named(element)}`);
}
for (const field of shown("input:not([type=radio], [type=checkbox])")) {
  const ratio = contrast(getComputedStyle(field).borderTopColor, background(field.parentElement));
  if (ratio < 3) problems.push(`Border contrast ${ratio.toFixed(2)}: ${named(field)}`);
}

return { problems, texts: seen.size };
