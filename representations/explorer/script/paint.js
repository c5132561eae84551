// Documents as people read them: indented, coloured, with links to follow. White space alone is laid out anew.

const LINKS = new Set(["href", "target"]);

/** A body as nodes. Text is only ever text: no markup is made of it. */
function painted(text, type) {
  const painting = type.endsWith("json") ? paintJson : type.endsWith("xml") ? paintXml : null;
  const into = document.createDocumentFragment();
  if (painting) painting(text, (...piece) => into.append(mark(...piece)));
  else into.append(text);
  return into;
}

function mark(kind, piece, href = piece) {
  if (!kind) return piece;
  const node = document.createElement(kind === "link" ? "a" : "span");
  if (kind === "link") node.href = href;
  else node.className = kind;
  node.textContent = piece;
  return node;
}

function paintJson(text, put) {
  let depth = 0;
  let key = null;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const line = () => put(null, `\n${"  ".repeat(depth)}`);
  tokens.forEach((token, at) => {
    const next = tokens[at + 1];
    if (token === "{" || token === "[") {
      put(null, token);
      depth += 1;
      if (next !== "}" && next !== "]") line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      if (!"{[".includes(tokens[at - 1])) line();
      put(null, token);
    } else if (token === ",") {
      put(null, token);
      line();
    } else if (token === ":") put(null, ": ");
    else if (next === ":") {
      key = token.slice(1, -1);
      put("key", token);
    } else if (token[0] === '"') paintText(token, key, put);
    else put("literal", token);
  });
}

function paintText(token, key, put) {
  const text = LINKS.has(key) ? JSON.parse(token) : "";
  if (!isHref(text)) return put("text", token);
  put("text", '"');
  put("link", text);
  put("text", '"');
}

/** Whether something can be followed: templates cannot, until they are filled in. */
function isHref(text) {
  return /^https?:\/\/[^{}\s]+$/.test(text);
}

function paintXml(text, put) {
  let depth = 0;
  let inline = true;
  const tokens = text.match(/<[^>]*>|[^<]+/g) ?? [];
  tokens.forEach((token, at) => {
    const isTag = token[0] === "<";
    const isWhole = inline && tokens[at + 1]?.startsWith("</"); // all that an element holds
    if (!isTag) return token.trim() || isWhole ? put("text", token) : null;
    const closes = token[1] === "/";
    if (closes) depth -= 1;
    if (!(closes && inline) && depth + !closes && token[1] !== "?") put(null, `\n${"  ".repeat(depth)}`);
    paintTag(token, put);
    inline = !closes && !token.endsWith("/>");
    if (inline && token[1] !== "?") depth += 1;
  });
}

function paintTag(token, put) {
  let from = 0;
  for (const found of token.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    const value = new DOMParser().parseFromString(found[2], HTML).body.textContent;
    put("key", token.slice(from, found.index));
    put(null, `${found[1]}="`);
    put(found[1] === "href" && isHref(value) ? "link" : "text", found[2], value);
    put(null, '"');
    from = found.index + found[0].length;
  }
  put("key", token.slice(from));
}
