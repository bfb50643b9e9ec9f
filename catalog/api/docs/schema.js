// What schemas say, in words and as trees that open.
import { h, inline } from "./dom.js";

let whole = {};

export function useDocument(said) {
  whole = said;
}

export function resolved(said) {
  if (!said?.$ref) return said ?? {};
  return said.$ref.slice(2).split("/").reduce((found, part) => found[part], whole);
}

const nameOf = (said) => said?.$ref?.split("/").at(-1);

function types(schema) {
  const named = [schema.type ?? []].flat();
  const either = (schema.anyOf ?? schema.oneOf ?? []).map(typeWord);
  return [...named, ...either];
}

// One word or two for a type: `integer or null`, `array of Film`.
export function typeWord(said) {
  const schema = resolved(said);
  const name = nameOf(said);
  if (name && !schema.enum) return name;
  if (schema.enum && schema.enum.length === 1) return JSON.stringify(schema.enum[0]);
  if (schema.type === "array") return `array of ${typeWord(schema.items)}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const format = schema.format ? ` (${schema.format})` : "";
  return ([...new Set(types(schema))].join(" or ") || "anything") + format;
}

// Past what JavaScript counts exactly a bound is that of 64 bits, which tells nobody anything. Years have no commas.
const bound = (value) => (value === undefined || Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : value.toLocaleString("en", { useGrouping: "min2" }));

function range(schema, low, high, unit) {
  const [least, most] = [bound(schema[low]), bound(schema[high])];
  if (least === undefined && most === undefined) return null;
  if (least === undefined) return `at most ${most}${unit}`;
  if (most === undefined) return `at least ${least}${unit}`;
  return `${least} to ${most}${unit}`;
}

// What a value must keep to beside its type, each as an element with a short phrase.
export function rules(said) {
  const schema = resolved(said);
  const found = [
    range(schema, "minimum", "maximum", ""),
    range(schema, "minLength", "maxLength", " characters"),
    range(schema, "minItems", "maxItems", " items"),
    schema.uniqueItems && "none twice",
    schema.default !== undefined && schema.default !== null && `default ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  const shown = found.map((rule) => h("span", { class: "rule" }, rule));
  // A pattern is for programs: whoever wants to see it opens it.
  if (schema.pattern) shown.push(h("details", { class: "rule" }, h("summary", {}, "pattern"), h("code", {}, schema.pattern)));
  return shown;
}

export function choices(said) {
  const schema = resolved(said);
  if (schema.enum) return schema.enum;
  return (schema.anyOf ?? []).map(resolved).find((each) => each.enum)?.enum ?? [];
}

function inner(said) {
  const schema = resolved(said);
  if (schema.properties) return schema;
  if (schema.items) return inner(schema.items);
  for (const each of schema.anyOf ?? []) {
    const found = inner(each);
    if (found) return found;
  }
  return schema.additionalProperties && typeof schema.additionalProperties === "object" ? inner(schema.additionalProperties) : null;
}

function property(name, said, required, depth) {
  const schema = resolved(said);
  const values = choices(said);
  const head = [
    h("code", { class: "name" }, name),
    h("span", { class: "type" }, typeWord(said)),
    required && h("span", { class: "required" }, "always"),
    rules(said),
  ];
  const words = schema.description && h("p", {}, inline(schema.description));
  const listed = values.length > 1 && h("p", { class: "values" }, values.map((value) => h("code", {}, String(value))));
  const below = inner(said);
  const more = below && depth < 5 && h("details", {}, h("summary", {}, "Its members"), tree(below, depth + 1));
  return h("li", {}, h("div", { class: "line" }, head), words, listed, more);
}

// The members of an object, each with what it means; objects within open when asked.
export function tree(said, depth = 0) {
  const schema = inner(said);
  if (!schema) return h("p", { class: "line" }, h("span", { class: "type" }, typeWord(said)), rules(said));
  const required = new Set(schema.required ?? []);
  return h("ul", { class: "tree" }, Object.entries(schema.properties).map(([name, each]) => property(name, each, required.has(name), depth)));
}
