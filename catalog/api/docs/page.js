// The page: reads the document, lists what there is, and shows the part that the address names.
import { h, prose } from "./dom.js";
import { badge, operationPage } from "./operation.js";
import { tree, useDocument } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const main = document.getElementById("main");
const nav = document.getElementById("nav");
const menu = document.getElementById("menu");
const THEMES = ["auto", "light", "dark"];

let token = "";
let operations = [];
let described = {};
let shown = null;

function operationsOf(said) {
  return Object.entries(said.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method: method.toUpperCase(), said: item[method] })));
}

const byTag = () => described.tags.map((tag) => [tag, operations.filter((each) => each.said.tags.includes(tag.name))]);
const title = (name) => name[0].toUpperCase() + name.slice(1);

// `"/api/movies?cursor=…"` in an answer leads to that very call.
function linked(string) {
  const address = JSON.parse(string);
  if (!address.startsWith("/api")) return null;
  const [path, query = ""] = address.split("?");
  for (const each of operations.filter((operation) => operation.method === "GET")) {
    const names = [...each.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const match = path.match(new RegExp(`^${each.path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "([^/]+)")}$`));
    if (!match || path.includes("{")) continue;
    const given = new URLSearchParams(query);
    names.forEach((name, index) => given.set(name, decodeURIComponent(match[index + 1])));
    return h("a", { class: "string", href: `#${each.said.operationId}?${given}`, "data-send": true }, string);
  }
  return null;
}

function remember(id) {
  return (values) => {
    const given = new URLSearchParams([...Object.entries(values.path), ...values.query, ...values.header]);
    history.replaceState(null, "", `#${id}${given.size ? `?${given}` : ""}`);
  };
}

function overview() {
  return h("div", { class: "overview" },
    h("h1", { tabindex: "-1" }, `${described.info.title} API`),
    h("p", { class: "lead" }, described.info.summary),
    h("div", { class: "words" }, prose(described.info.description)),
    byTag().map(([tag, each]) => h("section", {},
      h("h2", {}, title(tag.name)), h("p", {}, tag.description),
      h("ul", { class: "cards" }, each.map(({ path, method, said }) => h("li", {}, h("a", { href: `#${said.operationId}` }, h("span", { class: "address" }, badge(method), h("code", {}, path)), h("span", {}, said.summary))))))));
}

function schemaPage(name) {
  const schema = described.components.schemas[name];
  return h("div", { class: "overview" }, h("h1", { tabindex: "-1" }, name), prose(schema.description ?? ""), tree(schema));
}

function show() {
  const [id, query = ""] = decodeURI(location.hash.slice(1)).split(/\?(.*)/s);
  if (id === "main") return;
  const found = operations.find((each) => each.said.operationId === id);
  const schema = id.startsWith("schema-") && id.slice(7);
  if (found) shown = operationPage(found.path, found.method, found.said, { token: () => token, linked, given: new URLSearchParams(location.hash.split(/\?(.*)/s)[1] ?? query), remember: remember(id) });
  else shown = schema && described.components.schemas[schema] ? schemaPage(schema) : overview();
  main.replaceChildren(shown);
  document.title = `${shown.querySelector("h1").textContent} · moviedb`;
  for (const link of nav.querySelectorAll("a")) {
    if (link.getAttribute("href") === `#${id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  closeMenu();
  window.scrollTo(0, 0);
}

function listed({ path, method, said }) {
  return h("li", { "data-words": `${said.summary} ${path} ${said.operationId} ${method}`.toLowerCase() },
    h("a", { href: `#${said.operationId}`, title: path }, badge(method), h("span", {}, said.summary)));
}

function fillNav() {
  const search = h("input", { type: "search", id: "search", placeholder: "Find  /", "aria-label": "Find an operation", autocomplete: "off", spellcheck: "false" });
  const groups = byTag().map(([tag, each]) => h("section", {}, h("h2", {}, title(tag.name)), h("ul", {}, each.map(listed))));
  const schemas = h("details", {}, h("summary", {}, "Schemas"), h("ul", {}, Object.keys(described.components.schemas).map((name) => h("li", { "data-words": name.toLowerCase() }, h("a", { href: `#schema-${name}` }, h("span", {}, name))))));
  const nothing = h("p", { class: "nothing", hidden: true }, "Nothing by that name.");
  search.addEventListener("input", () => filter(search.value.trim().toLowerCase(), schemas, nothing));
  nav.replaceChildren(search, h("ul", {}, h("li", { "data-words": "overview" }, h("a", { href: "#" }, h("span", {}, "Overview")))), ...groups, schemas, nothing);
}

function filter(words, schemas, nothing) {
  const items = [...nav.querySelectorAll("li")];
  items.forEach((item) => { item.hidden = !words.split(/\s+/).every((word) => item.dataset.words.includes(word)); });
  nav.querySelectorAll("section").forEach((section) => { section.hidden = !section.querySelector("li:not([hidden])"); });
  nothing.hidden = items.some((item) => !item.hidden);
  schemas.open = Boolean(words) && Boolean(schemas.querySelector("li:not([hidden])"));
}

// Arrows walk through what the search has left.
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...nav.querySelectorAll("a")].filter((link) => link.checkVisibility());
  if (event.key === "Enter" && event.target.id === "search") links[0]?.click();
  if (!step) return;
  event.preventDefault();
  const next = links.indexOf(document.activeElement) + step;
  (next < 0 ? document.getElementById("search") : links[Math.min(next, links.length - 1)])?.focus();
}

function closeMenu() {
  document.body.classList.remove("menu");
  menu.setAttribute("aria-expanded", "false");
}

function toggleMenu() {
  const open = document.body.classList.toggle("menu");
  menu.setAttribute("aria-expanded", String(open));
  nav.scrollTop = 0;
  if (open) document.getElementById("search").focus({ preventScroll: true });
}

function keys(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    if (menu.checkVisibility() && !document.body.classList.contains("menu")) toggleMenu();
    document.getElementById("search").focus();
  }
  if (event.key === "Escape") closeMenu();
}

function tokenDialog() {
  const dialog = document.getElementById("token");
  const input = document.getElementById("token-value");
  const button = document.getElementById("authorize");
  button.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "forget") input.value = "";
    token = input.value.trim();
    button.textContent = token ? "Token set" : "Token";
    button.classList.toggle("set", Boolean(token));
    shown?.refresh?.();
  });
}

function kept(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return null; // storage is switched off: the choice holds until the page is left
  }
}

function useTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = title(theme);
}

function themeButton() {
  const stored = kept("moviedb-theme");
  useTheme(THEMES.includes(stored) ? stored : "auto");
  document.getElementById("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    useTheme(next);
    kept("moviedb-theme", next);
  });
}

async function start() {
  themeButton();
  tokenDialog();
  menu.addEventListener("click", toggleMenu);
  document.addEventListener("keydown", keys);
  nav.addEventListener("keydown", walk);
  try {
    const answer = await fetch("/api/openapi.json");
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
    described = await answer.json();
  } catch (error) {
    main.replaceChildren(h("p", { class: "fault" }, `openapi.json could not be read: ${error.message}.`));
    return;
  }
  useDocument(described);
  operations = operationsOf(described);
  document.getElementById("version").textContent = described.info.version;
  fillNav();
  let follow = false;
  document.addEventListener("click", (event) => { follow = Boolean(event.target.closest("[data-send]")); });
  window.addEventListener("hashchange", () => {
    show();
    main.querySelector("h1")?.focus({ preventScroll: true });
    if (follow) shown.go?.();
    follow = false;
  });
  show();
}

start();
