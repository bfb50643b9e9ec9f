// The page of one operation: its parameters are the form that tries it.
import { copyButton, h, highlighted, inline, prose, tabs } from "./dom.js";
import { languages, send, target } from "./request.js";
import { choices, resolved, rules, tree, typeWord } from "./schema.js";

const ENDS = [["__gte", "at least"], ["__lte", "at most"]];

export const badge = (method) => h("span", { class: `method ${method.toLowerCase()}` }, method);

// `year`, `year__gte` and `year__lte` are one row: they ask for one range.
function rowsOf(parameters) {
  const names = new Set(parameters.map((each) => each.name));
  const owner = (name) => ENDS.map(([end]) => name.endsWith(end) && name.slice(0, -end.length)).find((base) => base && names.has(base));
  const rows = new Map();
  for (const each of parameters) {
    const key = `${each.in} ${owner(each.name) ?? each.name}`;
    rows.set(key, [...(rows.get(key) ?? []), each]);
  }
  return [...rows.values()];
}

function field(parameter, label, form) {
  const schema = parameter.schema.type === "array" ? resolved(parameter.schema.items) : parameter.schema;
  const values = choices(schema);
  const example = parameter.example === undefined ? "" : [parameter.example].flat().join(",");
  const attributes = { name: parameter.name, "data-in": parameter.in, "aria-label": label, autocomplete: "off" };
  const one = (text = "") => {
    if (values.length && parameter.schema.type !== "array") {
      return h("select", { ...attributes, onchange: form.changed }, h("option", { value: "" }, "–"), values.map((value) => h("option", { selected: value === text }, value)));
    }
    const numeric = ["integer", "number"].includes(schema.type) && parameter.schema.type !== "array";
    return h("input", { ...attributes, value: text, placeholder: example, inputmode: numeric ? "decimal" : null, spellcheck: "false", oninput: form.changed });
  };
  const given = form.given(parameter);
  const holder = h("div", { class: "field" }, (given.length ? given : [""]).map(one));
  if (parameter.explode && parameter.in === "query") {
    holder.append(h("button", { type: "button", class: "link", onclick: (event) => { event.target.before(one()); event.target.previousSibling.focus(); } }, "and …"));
  }
  if (values.length && parameter.schema.type === "array") holder.append(chips(values, holder, form));
  return holder;
}

// Names to click instead of typing: each comes and goes in the comma-separated text.
function chips(values, holder, form) {
  const toggle = (value) => {
    const input = holder.querySelector("input");
    const names = input.value.split(",").filter(Boolean);
    input.value = (names.includes(value) ? names.filter((name) => name !== value) : [...names, value]).join(",");
    form.changed();
    show();
  };
  const buttons = values.map((value) => h("button", { type: "button", class: "chip", onclick: () => toggle(value) }, value));
  const show = () => {
    const names = holder.querySelector("input").value.split(",");
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(names.includes(button.textContent))));
  };
  holder.querySelector("input").addEventListener("input", show);
  show();
  return h("details", { class: "chips" }, h("summary", {}, `${values.length} names`), h("div", {}, buttons));
}

function row(parameters, form) {
  const [first] = parameters;
  const name = first.name;
  const about = h("div", { class: "about" },
    h("div", { class: "line" },
      h("code", { class: "name" }, name),
      h("span", { class: "type" }, typeWord(first.schema)),
      first.required && h("span", { class: "required" }, "required"),
      rules(first.schema)),
    first.description && h("p", {}, inline(first.description)));
  const fields = parameters.map((each, index) => {
    if (index === 0) return field(each, name, form);
    const words = ENDS.find(([end]) => each.name.endsWith(end))[1];
    return h("label", { class: "end" }, h("span", {}, words), field(each, each.name, form));
  });
  return h("li", { class: "parameter" }, about, h("div", { class: "fields" }, fields));
}

function parameterSections(parameters, form) {
  const titles = { path: "In the path", query: "Query", header: "Headers" };
  return Object.entries(titles).map(([place, title]) => {
    const here = parameters.filter((each) => each.in === place);
    return here.length > 0 && h("section", {}, h("h2", {}, title), h("ul", { class: "parameters" }, rowsOf(here).map((each) => row(each, form))));
  });
}

function bodySection(body, form) {
  if (!body) return null;
  const kinds = Object.keys(body.content);
  const sample = (media) => {
    const example = body.content[media].example;
    return example === undefined ? "" : JSON.stringify(example, null, 2);
  };
  const area = h("textarea", { id: "body", rows: 12, spellcheck: "false", "aria-label": "Body", oninput: form.changed }, sample(kinds[0]));
  const choose = h("select", { id: "media", "aria-label": "Media type", onchange: () => { area.value = sample(choose.value); form.changed(); } }, kinds.map((each) => h("option", {}, each)));
  const shape = h("details", {}, h("summary", {}, "Its members"), tree(body.content[kinds[0]].schema));
  return h("section", {}, h("h2", {}, "Body"), body.description && h("p", {}, inline(body.description)), h("div", { class: "stack" }, choose, area), shape);
}

function answerBlock(status, said, open) {
  const answer = resolved(said);
  const [media, content] = Object.entries(answer.content ?? {})[0] ?? [];
  const [first, ...rest] = answer.description.split(/(?<=\.) /);
  const headers = Object.entries(answer.headers ?? {}).map(([name, each]) => h("li", {}, h("div", { class: "line" }, h("code", { class: "name" }, name)), h("p", {}, inline(resolved(each).description))));
  const views = content && tabs(`${status}: form`, [
    ...(content.example === undefined ? [] : [["Example", () => h("pre", { tabindex: "0" }, highlighted(JSON.stringify(content.example, null, 2)))]]),
    ["Schema", () => tree(content.schema)],
  ]);
  return h("details", { class: "answer", open },
    h("summary", {}, h("span", { class: `status s${status[0]}` }, status), h("span", {}, inline(first))),
    rest.length > 0 && h("p", {}, inline(rest.join(" "))),
    media && h("p", { class: "media" }, h("code", {}, Object.keys(answer.content).join(", "))),
    views,
    headers.length > 0 && h("details", {}, h("summary", {}, "Headers"), h("ul", { class: "tree" }, headers)));
}

function answerSections(responses) {
  const all = Object.entries(responses);
  const good = all.filter(([status]) => Number(status) < 400);
  const bad = all.filter(([status]) => Number(status) >= 400);
  return [
    h("section", {}, h("h2", {}, "Answers"), good.map(([status, said], index) => answerBlock(status, said, index === 0))),
    h("section", {}, h("h2", {}, "Problems"), bad.map(([status, said]) => answerBlock(status, said, false))),
  ];
}

// What the form holds now.
function valuesOf(root, operation) {
  const values = { path: {}, query: [], header: [], body: root.querySelector("#body")?.value, media: root.querySelector("#media")?.value };
  for (const input of root.querySelectorAll("[data-in]")) {
    const text = input.value;
    if (text === "") continue;
    if (input.dataset.in === "path") values.path[input.name] = text;
    else values[input.dataset.in].push([input.name, text]);
  }
  const media = Object.keys(resolved(Object.entries(operation.responses).find(([status]) => status < 300)?.[1]).content ?? {});
  if (media.length && !media.includes("application/json")) values.accept = media[0];
  return values;
}

const size = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`);

function pretty(answer) {
  if (!answer.done || answer.cut || !/json$/.test(answer.response.headers.get("Content-Type") ?? "")) return answer.text;
  try {
    return JSON.stringify(JSON.parse(answer.text), null, 2);
  } catch {
    return answer.text;
  }
}

function answerView(answer, linked) {
  const { response } = answer;
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const text = pretty(answer);
  return [
    h("p", { class: "verdict" },
      h("span", { class: `status s${String(response.status)[0]}` }, response.status), ` ${response.statusText} `,
      h("span", { class: "aside" }, `${Math.round(answer.milliseconds)} ms · ${size(answer.bytes)}`), answer.cut && h("span", { class: "aside" }, " · cut here")),
    response.redirected && h("p", { class: "aside" }, `led on to ${new URL(response.url).pathname}`),
    h("details", {}, h("summary", {}, "Headers"), h("pre", { tabindex: "0" }, headers)),
    text && h("div", { class: "code" }, copyButton(() => text), h("pre", { tabindex: "0", "aria-label": "The answer's body" }, highlighted(text, linked))),
  ];
}

// The panel beside the form: the call as programs make it, and what comes back.
function panel(path, method, operation, root, page) {
  const origin = location.origin;
  const current = () => {
    const values = valuesOf(root(), operation);
    return { values, address: origin + target(path, values), authorized: Boolean(page.token() || !operation.security.some((each) => Object.keys(each).length === 0)) };
  };
  const code = (name) => () => {
    if (!root()) return ""; // the form comes a moment later, and has this shown again
    const { values, address, authorized } = current();
    const text = languages[name](method, address, values, authorized);
    return h("div", { class: "code" }, copyButton(() => text), h("pre", { tabindex: "0" }, h("code", {}, text)));
  };
  const call = tabs("The call", Object.keys(languages).map((name) => [name, code(name)]));
  const result = h("div", { id: "result", "aria-live": "polite" });
  const button = h("button", { type: "submit", class: "main" }, "Send");
  let running = null;
  const go = async () => {
    if (running) return running.abort();
    const { values, address } = current();
    const missing = address.match(/\{(\w+)\}/);
    if (missing) {
      result.replaceChildren(h("p", { class: "fault" }, `Fill in ${missing[1]} first.`));
      return root().querySelector(`[name="${missing[1]}"]`)?.focus();
    }
    result.parentElement.scrollIntoView({ block: "nearest" });
    running = new AbortController();
    button.textContent = "Stop";
    try {
      await send(method, address, values, page.token(), running.signal, (answer) => result.replaceChildren(...answerView(answer, page.linked).filter(Boolean)));
    } catch (error) {
      if (error.name !== "AbortError") result.replaceChildren(h("p", { class: "fault" }, `No answer came: ${error.message}`));
    }
    running = null;
    button.textContent = "Send";
  };
  return { call, go, whole: h("div", { class: "panel" }, h("h2", {}, "Try it"), call, h("p", { class: "row" }, button, h("kbd", { class: "aside" }, "Ctrl + Enter")), result) };
}

function needs(operation) {
  const scopes = operation.security.flatMap((each) => each.token ?? []);
  const open = operation.security.some((each) => Object.keys(each).length === 0);
  return open ? h("span", { class: "tag" }, "open to all") : h("span", { class: "tag locked" }, `needs ${scopes.join(", ") || "a token"}`);
}

// page: {token(), linked(string), given: URLSearchParams, remember(values)}
export function operationPage(path, method, operation, page) {
  let form;
  const form_ = {
    given: (parameter) => page.given.getAll(parameter.name),
    changed: () => { side.call.refresh(); page.remember(valuesOf(form, operation)); },
  };
  const side = panel(path, method, operation, () => form, page);
  const parameters = (operation.parameters ?? []).map(resolved);
  form = h("form", {
    class: "operation",
    novalidate: true,
    onsubmit: (event) => { event.preventDefault(); side.go(); },
    onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); side.go(); } },
  },
  h("header", {},
    h("h1", { tabindex: "-1" }, operation.summary),
    h("p", { class: "address" }, badge(method), h("code", {}, path), needs(operation)),
    prose(operation.description === `${operation.summary}.` ? "" : operation.description)),
  side.whole,
  h("div", { class: "words" }, parameterSections(parameters, form_), bodySection(operation.requestBody, form_), answerSections(operation.responses)));
  side.call.refresh();
  form.refresh = () => side.call.refresh();
  form.go = side.go;
  return form;
}
