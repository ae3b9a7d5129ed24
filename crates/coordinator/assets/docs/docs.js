// Shows the OpenAPI document of this coordinator. Text only ever goes in as text.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** An element with attributes and children. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const nameOf = (ref) => ref.split("/").pop();
const typeLink = (name) => el("a", { href: `#type-${name}` }, name);

/** A schema in a few words, with links to named types. */
function inWords(schema) {
  if (!schema) return document.createTextNode("anything");
  const words = el("span");
  if (schema.$ref) words.append(typeLink(nameOf(schema.$ref)));
  else if (schema.enum) words.append(schema.enum.map((value) => JSON.stringify(value)).join(" | "));
  else if (schema.type === "array") words.append("list of ", inWords(schema.items));
  else if (schema.oneOf || schema.anyOf || schema.allOf) {
    const parts = schema.oneOf ?? schema.anyOf ?? schema.allOf;
    parts.forEach((part, at) => words.append(at ? (schema.allOf ? " & " : " | ") : "", inWords(part)));
  } else if (schema.properties) {
    const fields = Object.entries(schema.properties);
    words.append("{ ");
    fields.forEach(([name, field], at) => words.append(at ? ", " : "", `${name}: `, inWords(field)));
    words.append(" }");
  } else words.append([schema.type ?? "anything"].flat().join(" | "), schema.format ? ` (${schema.format})` : "");
  return words;
}

/** A table of fields or parameters: name, type, what it means. */
function table(heading, rows) {
  if (rows.length === 0) return null;
  const body = el("tbody");
  for (const { name, schema, required, description } of rows) {
    const optional = required ? null : el("span", { class: "quiet" }, " optional");
    body.append(
      el("tr", {}, el("td", {}, el("code", {}, name), optional), el("td", {}, inWords(schema)), el("td", {}, description ?? schema?.description ?? "")),
    );
  }
  const head = el("thead", {}, el("tr", {}, ...["Name", "Type", "Meaning"].map((text) => el("th", { scope: "col" }, text))));
  return el("section", {}, el("h3", {}, heading), el("table", {}, head, body));
}

const firstContent = (content) => Object.entries(content ?? {})[0] ?? [];

/** One call of the API. */
function operation(path, method, call) {
  const [bodyKind, body] = firstContent(call.requestBody?.content);
  const answers = Object.entries(call.responses ?? {}).map(([status, answer]) => ({
    name: status,
    required: true,
    schema: firstContent(answer.content)[1]?.schema ?? { type: "nothing" },
    description: answer.description,
  }));
  const parameters = (call.parameters ?? []).map((parameter) => ({ ...parameter, name: `${parameter.name} (${parameter.in})` }));
  const signIn = call.security ? "Needs a session or an access token." : "Needs no sign-in, or names its own.";
  return el(
    "details",
    { "data-search": `${method} ${path} ${call.summary ?? ""}`.toLowerCase() },
    el("summary", {}, el("code", {}, el("span", { class: "method" }, method.toUpperCase()), path), el("div", { class: "quiet" }, call.summary ?? "")),
    el(
      "div",
      { class: "body" },
      call.description ? el("p", {}, call.description) : null,
      el("p", { class: "quiet" }, signIn),
      table("Parameters", parameters),
      body ? el("section", {}, el("h3", {}, "Body"), el("p", {}, inWords(body.schema), ` as ${bodyKind}`)) : null,
      table("Answers", answers),
    ),
  );
}

/** One named type. */
function namedType(name, schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([field, of]) => ({ name: field, schema: of, required: required.has(field) }));
  const variants = schema.oneOf ?? schema.anyOf;
  const shape = variants
    ? el("ul", {}, ...variants.map((variant) => el("li", {}, inWords(variant), variant.description ? ` — ${variant.description}` : "")))
    : fields.length === 0
      ? el("p", {}, inWords(schema))
      : null;
  return el(
    "details",
    { id: `type-${name}`, "data-search": name.toLowerCase() },
    el("summary", {}, el("code", {}, name), el("div", { class: "quiet" }, schema.description ?? "")),
    el("div", { class: "body" }, table("Fields", fields), shape),
  );
}

/** Opens the type that the address names. */
function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.hidden = false;
    named.scrollIntoView();
  }
}

async function show() {
  const content = document.getElementById("content");
  const response = await fetch("/api/openapi.json");
  if (!response.ok) throw new Error(`the document came with status ${response.status}`);
  const api = await response.json();
  document.getElementById("about").textContent = api.info.description ?? "";
  const groups = new Map((api.tags ?? []).map((tag) => [tag.name, { about: tag.description, calls: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, { calls: [] });
      groups.get(tag).calls.push(operation(path, method, item[method]));
    }
  }
  const sections = [...groups].filter(([, group]) => group.calls.length > 0);
  const types = Object.entries(api.components?.schemas ?? {}).sort(([a], [b]) => a.localeCompare(b));
  content.replaceChildren(
    ...sections.map(([name, group]) => el("section", {}, el("h2", {}, name), el("p", { class: "quiet" }, group.about ?? ""), ...group.calls)),
    el("section", {}, el("h2", {}, "types"), ...types.map(([name, schema]) => namedType(name, schema))),
  );
  document.getElementById("search").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const entry of content.querySelectorAll("[data-search]")) {
      entry.hidden = !entry.dataset.search.includes(wanted);
    }
  });
  addEventListener("hashchange", openNamed);
  openNamed();
}

show().catch((error) => {
  document.getElementById("content").textContent = `The document cannot be shown: ${error.message}. Load the page again.`;
});
