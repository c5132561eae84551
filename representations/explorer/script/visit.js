// From page to page without loading anew: the browser's history, its back button and the focus stay right.

const told = document.getElementById("told");
const trail = []; // the pages that were left for others
let visiting = null;

/** Shows another page. */
async function visit(url, { push = true, focus = true, top = 0, method = "GET" } = {}) {
  visiting?.abort();
  const turn = (visiting = new AbortController());
  const headers = new Headers(unconditional());
  for (const [name, value] of Object.entries({ ...OURS, Accept: HTML })) headers.set(name, value);
  document.documentElement.classList.add("busy");
  try {
    const answer = await fetch(url, { method, headers, cache: "no-cache", signal: turn.signal });
    if (answer.status === 405 && method === "GET" && answer.headers.get("Content-Type")?.startsWith(HTML))
      return await visit(url, { push, focus, top, method: "OPTIONS" });
    const page = new DOMParser().parseFromString(await answer.text(), HTML);
    if (essence(answer) !== HTML || !panel || !page.getElementById("wire")) return location.assign(url);
    show(page, url, method, { push, focus, top });
    return look();
  } catch (error) {
    if (error.name !== "AbortError") told.textContent = `There was no answer: ${error.message}`;
  } finally {
    if (visiting === turn) document.documentElement.classList.remove("busy");
  }
}

function show(page, url, method, { push, focus, top }) {
  if (push) leave(url);
  here = { method, url: new URL(url, location).href.split("#")[0] };
  document.title = page.title;
  const main = page.getElementById("main");
  document.getElementById("main").replaceWith(main);
  ready(main);
  if (!focus) return;
  told.textContent = "";
  if (!revealNamed(location.hash.slice(1))) {
    scrollTo(0, top);
    main.focus({ preventScroll: true });
  }
}

/** Goes on to another address; the browser's history keeps how far down one had read. */
function leave(url) {
  trail.push(here.url);
  history.pushState(null, "", url);
}

/** Brings the part of the page that has a name into view, unfolded; tells whether there is one. */
function revealNamed(name) {
  const target = name && document.getElementById(decodeURIComponent(name));
  if (!target) return false;
  const folded = target.closest("details");
  if (folded) folded.open = true;
  target.scrollIntoView();
  (target.querySelector("summary") ?? target).focus();
  return true;
}

/** Whether a click on a link is ours to follow: pages of this API, in this tab. */
function isOurs(link, event) {
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return !other && link.origin === location.origin && !link.target && (!link.type || link.type === HTML);
}

function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || !isOurs(link, event)) return;
  const [address, hash] = link.href.split("#");
  event.preventDefault();
  if (hash !== undefined && address === location.href.split("#")[0]) {
    history.pushState(null, "", link.href);
    revealNamed(hash);
  } else visit(link.href);
}

/** Switches answer to the space bar, too. */
function flip(event) {
  const link = event.target.closest("a[role=switch]");
  if (event.key !== " " || !link) return;
  event.preventDefault();
  link.click();
}

function search(event) {
  const form = event.target;
  if (!("query" in form.dataset)) return;
  event.preventDefault();
  const inputs = [...form.elements].filter((each) => each.name && each.value !== "");
  const asked = inputs.map((each) => `${encodeURIComponent(each.name)}=${encodeURIComponent(each.value)}`);
  const further = form.querySelector("[data-further]").value.trim();
  visit(`${form.action}?${[...asked, ...(further ? [further] : [])].join("&")}`);
}

/** What the page was asked for stands in its form. */
function fillSearch(form) {
  const further = [];
  for (const pair of location.search.slice(1).split("&").filter(Boolean)) {
    const [name, value] = [...new URLSearchParams(pair)][0];
    const input = form.elements.namedItem(name);
    if (name === "offset" || name === "cursor") continue; // another search begins with its first page
    if (input) input.value = value;
    else further.push(pair);
  }
  form.querySelector("[data-further]").value = further.join("&");
}
