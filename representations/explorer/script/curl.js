// An exchange as a command line, to be pasted into a shell.

const SIGNED_IN = 'Authorization: Bearer $TOKEN';

/** The curl line of a request; the token stands in it as a variable of the shell. */
function curlLine({ method, url, sent, body }) {
  const parts = ["curl -gi"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quoted(url));
  if (!sent.has("Authorization")) parts.push(`-H "${SIGNED_IN}"`);
  for (const [name, value] of sent) parts.push(`-H ${quoted(`${capitalized(name)}: ${value}`)}`);
  if (body) parts.push(`-d ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function capitalized(name) {
  return name.replace(/(^|-)\w/g, (letter) => letter.toUpperCase());
}
