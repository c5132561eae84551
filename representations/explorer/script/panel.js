// The panel beside the resource: what goes over the wire, in the format that its tabs choose.

const panel = document.getElementById("wire");
const tabs = [...(panel?.querySelectorAll("[role=tab]") ?? [])];
let here = { method: "GET", url: location.href.split("#")[0] }; // what the page shows, and the panel in other formats
let last = Promise.resolve();

/** The format that is chosen. */
function chosen() {
  return tabs.find((tab) => tab.ariaSelected === "true").dataset.accept;
}

/** Asks for what the page shows, in the chosen format. */
async function look() {
  if (!panel) return;
  const asking = (last = ask(here.method, here.url, { usual: { Accept: chosen() }, own: ownHeaders() }));
  try {
    const exchange = await asking;
    if (asking === last) tell(exchange);
  } catch (error) {
    if (asking === last) fail(error);
  }
}

/** Shows an exchange. */
function tell(exchange) {
  const { answer, text, took, type, method, url } = exchange;
  inPanel("#asked").textContent = `${method} ${url}`;
  const size = new Blob([text]).size;
  inPanel("#wire-status").textContent = `${statusOf(exchange)} · ${Math.round(took)} ms · ${size} bytes · ${type}`;
  inPanel("#wire-status").dataset.good = answer.ok;
  inPanel("#body").replaceChildren(painted(text, type));
  const told = [...answer.headers].flatMap(([name, value]) => [node("dt", name), node("dd", value)]);
  inPanel("#answered dl").replaceChildren(...told);
  inPanel("#curl").textContent = curlLine(exchange);
}

function fail(error) {
  inPanel("#wire-status").textContent = `There was no answer: ${error.message}`;
  inPanel("#wire-status").dataset.good = false;
  inPanel("#body").replaceChildren();
}

function inPanel(selector) {
  return panel.querySelector(selector);
}

function node(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function choose(tab) {
  for (const each of tabs) {
    each.ariaSelected = String(each === tab);
    each.tabIndex = each === tab ? 0 : -1;
  }
  inPanel("#shown").setAttribute("aria-labelledby", tab.id);
  tab.focus();
  look();
}

/** As the pattern for tabs has it: arrows go from one to the next, and around. */
function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = tabs.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  choose(tabs.at((at + step) % tabs.length));
}

async function copy({ target }) {
  try {
    await navigator.clipboard.writeText(inPanel("#curl").textContent);
    target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(inPanel("#curl")); // where there is no clipboard: to be copied by hand
  }
}

function startPanel() {
  if (!panel) return;
  panel.hidden = false;
  for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
  inPanel("[role=tablist]").addEventListener("keydown", move);
  inPanel("#copy").addEventListener("click", copy);
  const headers = inPanel("#headers");
  headers.value = sessionStorage.getItem("headers") ?? "";
  headers.addEventListener("change", () => {
    sessionStorage.setItem("headers", headers.value);
    const odd = headers.value.split("\n").filter((line) => line.trim() && !HEADER.test(line));
    inPanel("#headers-fault").textContent = odd.length ? `Not sent, as it is no header: ${odd.join("; ")}` : "";
    look();
  });
}
