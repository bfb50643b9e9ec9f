// Elements are made here and nowhere else, so that no text of the document or of an answer is ever read as HTML.

export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Inline code and bold, which is all the markup that descriptions have.
export function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return h("strong", {}, part.slice(2, -2));
    return part;
  });
}

export function prose(text) {
  return text.split(/\n\n+/).filter(Boolean).map((paragraph) => h("p", {}, inline(paragraph)));
}

export function copyButton(text) {
  const button = h("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

// Tabs by the pattern of the ARIA practices: arrows move between them, only the chosen one is in the tab order.
export function tabs(label, panels) {
  const bar = h("div", { role: "tablist", "aria-label": label });
  const holder = h("div", { role: "tabpanel", tabindex: "0", "aria-label": label });
  const choose = (chosen, focus) => {
    [...bar.children].forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      if (index === chosen && focus) tab.focus();
    });
    holder.replaceChildren(panels[chosen][1]());
  };
  panels.forEach(([name], index) => {
    bar.append(h("button", {
      type: "button",
      role: "tab",
      onclick: () => choose(index, false),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) choose((index + step + panels.length) % panels.length, true);
      },
    }, name));
  });
  choose(0, false);
  const whole = h("div", { class: "tabs" }, bar, holder);
  whole.refresh = () => choose([...bar.children].findIndex((tab) => tab.tabIndex === 0), false);
  return whole;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const HIGHLIGHT_LIMIT = 200_000;

// JSON with its parts coloured; `linked` may make a link of a string.
export function highlighted(text, linked = () => null) {
  const code = h("code");
  if (text.length > HIGHLIGHT_LIMIT) {
    code.append(text);
    return code;
  }
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    code.append(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [whole, string, colon, word] = match;
    if (string && colon) code.append(h("span", { class: "key" }, string), colon);
    else if (string) code.append(linked(string) ?? h("span", { class: "string" }, string));
    else code.append(h("span", { class: word ? "word" : "number" }, whole));
  }
  code.append(text.slice(end));
  return code;
}
