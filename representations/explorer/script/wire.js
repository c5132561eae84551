// What is asked and what is answered: the only part that fetches.

const HTML = "text/html";
const JSON_TYPE = "application/hal+json";
const HEADER = /^\s*([\w-]+)\s*:\s*([\x20-\x7e\xa0-\xff]*?)\s*$/;
const OURS = { "X-Patron-Explorer": "1" }; // without it the sign-in of this browser counts for pages alone

/** The headers that a person wrote, a line each: pairs of a name and a value. */
function ownHeaders() {
  const lines = (sessionStorage.getItem("headers") ?? "").split("\n");
  return lines.map((line) => line.match(HEADER)?.slice(1)).filter(Boolean);
}

/** Those of them that say nothing of what must be there: such conditions are about what the panel looks at. */
function unconditional() {
  return ownHeaders().filter(([name]) => !/^if-/i.test(name));
}

/** Those that a change may be sent with, which nobody has a copy of already. */
function changing() {
  return ownHeaders().filter(([name]) => !/^if-(none-match|modified-since)$/i.test(name));
}

/**
 * Asks, and resolves to the whole exchange: what was sent, what came, and how long that took.
 * A person's own headers count more than `usual` ones, and less than those that `must` be as they are.
 */
async function ask(method, url, { usual = {}, own = unconditional(), must = {}, body = null } = {}) {
  const sent = new Headers(usual);
  for (const [name, value] of [...own, ...Object.entries(must)]) sent.set(name, value);
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

/** Asks for what a form can be filled with. */
function read(url) {
  return ask("GET", url, { must: { Accept: JSON_TYPE } });
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
