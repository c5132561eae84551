// What is asked and what is answered: the only part that fetches.

const HTML = "text/html";
const JSON_TYPE = "application/hal+json";
const OURS = { "X-Patron-Explorer": "1" }; // without it the sign-in of this browser counts for pages alone

/** The headers that a person wrote, a line each: pairs of a name and a value. */
function ownHeaders() {
  const lines = (sessionStorage.getItem("headers") ?? "").split("\n");
  return lines.map((line) => line.match(/^\s*([\w-]+)\s*:\s*(.*?)\s*$/)?.slice(1)).filter(Boolean);
}

/** Asks, and resolves to the whole exchange: what was sent, what came, and how long that took. */
async function ask(method, url, { accept = JSON_TYPE, type = null, body = null, tag = null } = {}) {
  const sent = new Headers({ Accept: accept });
  if (type) sent.set("Content-Type", type);
  if (tag) sent.set("If-Match", tag);
  for (const [name, value] of ownHeaders()) sent.set(name, value);
  const began = performance.now();
  const headers = new Headers([...sent, ...Object.entries(OURS)]);
  const answer = await fetch(url, { method, headers, body, cache: "no-store" });
  const text = await answer.text();
  const took = performance.now() - began;
  return { method, url, sent, body, answer, text, took, type: essence(answer) };
}

/** The media type of an answer, without parameters. */
function essence(answer) {
  return (answer.headers.get("Content-Type") ?? "").split(";")[0].trim();
}

/** What a JSON answer says; an empty object where it is none. */
function documentOf(exchange) {
  try {
    return JSON.parse(exchange.text);
  } catch {
    return {};
  }
}

/** One of the status line's words, as people read it. */
function statusOf({ answer }) {
  return `${answer.status} ${answer.statusText}`.trim();
}
