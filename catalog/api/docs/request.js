// A call: the address it goes to, how programs would make it, and the making of it.

const readable = (text) => encodeURIComponent(text).replace(/%(2C|3A|21)/g, (code) => decodeURIComponent(code));

// values: {path: {name: text}, query: [[name, text]], header: [[name, text]], body, media}
export function target(path, values) {
  const filled = path.replace(/\{(\w+)\}/g, (whole, name) => (values.path[name] ? readable(values.path[name]) : whole));
  const query = values.query.map(([name, text]) => `${name}=${readable(text)}`).join("&");
  return query ? `${filled}?${query}` : filled;
}

function headersOf(values, token) {
  const headers = [...values.header];
  if (values.accept) headers.push(["Accept", values.accept]);
  if (values.body) headers.push(["Content-Type", values.media]);
  return token ? [...headers, ["Authorization", `Bearer ${token}`]] : headers;
}

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// The token itself is never shown: programs take it from the environment.
export const languages = {
  curl(method, address, values, authorized) {
    const parts = [`curl ${{ GET: "", HEAD: "-I " }[method] ?? `-X ${method} `}${shell(address)}`];
    for (const [name, text] of headersOf(values, "")) parts.push(`-H ${shell(`${name}: ${text}`)}`);
    if (authorized) parts.push('-H "Authorization: Bearer $MOVIEDB_TOKEN"');
    if (values.body) parts.push(`--data-binary ${shell(values.body)}`);
    return parts.join(" \\\n  ");
  },
  Python(method, address, values, authorized) {
    const headers = headersOf(values, "").map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`);
    if (authorized) headers.push('"Authorization": f"Bearer {os.environ[\'MOVIEDB_TOKEN\']}"');
    const lines = [JSON.stringify(method), JSON.stringify(address)];
    if (headers.length) lines.push(`headers={${headers.join(", ")}}`);
    if (values.body) lines.push(`content=${JSON.stringify(values.body)}`);
    const imports = authorized ? "import os\n\nimport httpx" : "import httpx";
    return `${imports}\n\nanswer = httpx.request(\n    ${lines.join(",\n    ")},\n)\nanswer.raise_for_status()`;
  },
  TypeScript(method, address, values, authorized) {
    const headers = headersOf(values, "").map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`);
    if (authorized) headers.push("Authorization: `Bearer ${process.env.MOVIEDB_TOKEN}`");
    const lines = method === "GET" ? [] : [`method: ${JSON.stringify(method)}`];
    if (headers.length) lines.push(`headers: { ${headers.join(", ")} }`);
    if (values.body) lines.push(`body: ${JSON.stringify(values.body)}`);
    const options = lines.length ? `, {\n  ${lines.join(",\n  ")},\n}` : "";
    return `const answer = await fetch(${JSON.stringify(address)}${options});`;
  },
};

const SHOWN_LIMIT = 500_000;

// Makes the call and tells `heard(answer)` of the head and of each part of the body that comes, so that streams show.
export async function send(method, address, values, token, signal, heard) {
  const started = performance.now();
  const options = { method, headers: headersOf(values, token), signal, redirect: "follow", cache: "no-store", credentials: "omit" };
  if (values.body) options.body = values.body;
  const response = await fetch(address, options);
  const answer = { response, text: "", bytes: 0, cut: false, done: false, milliseconds: performance.now() - started };
  heard(answer);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    answer.bytes += part.value.length;
    answer.text += decoder.decode(part.value, { stream: true });
    if (answer.text.length > SHOWN_LIMIT) {
      answer.cut = true;
      await reader.cancel();
      break;
    }
    heard(answer);
  }
  answer.done = true;
  answer.milliseconds = performance.now() - started;
  heard(answer);
}
