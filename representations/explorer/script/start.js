// What happens when a page is there.

/** Makes the forms of a page work. */
function ready(main) {
  for (const form of main.querySelectorAll("form[data-query]")) fillSearch(form);
  for (const form of main.querySelectorAll("form[data-method]")) {
    setEnabled(form, !changes(form));
    keep(form);
    form.closest("details").addEventListener("toggle", ({ target }) => target.open && prepare(form));
  }
  for (const part of main.querySelectorAll("[data-members]")) part.querySelector("h2").append(" ", unfolding(part));
  for (const pre of main.querySelectorAll("pre[data-type]"))
    pre.replaceChildren(painted(pre.textContent, pre.dataset.type));
}

/** A button that unfolds all members of a collection at once. */
function unfolding(part) {
  const button = node("button", "Unfold all");
  button.type = "button";
  button.addEventListener("click", () => {
    for (const each of part.querySelectorAll("article > details")) each.open = true;
  });
  return button;
}

/** Makes the page work. */
function start() {
  startPanel();
  ready(document.getElementById("main"));
  document.addEventListener("click", follow);
  document.addEventListener("keydown", flip);
  document.addEventListener("submit", search);
  document.addEventListener("submit", send);
  history.scrollRestoration = "manual";
  addEventListener("scrollend", () => history.replaceState({ top: scrollY }, ""));
  addEventListener("popstate", ({ state }) => {
    if (location.href.split("#")[0] !== here.url) visit(location.href, { push: false, top: state?.top ?? 0 });
  });
  if (document.getElementById("main").dataset.status === "405") visit(location.href, { push: false, method: "OPTIONS" });
  else look();
  if (location.hash) revealNamed(location.hash.slice(1));
}

// Within a page of somebody else's, what is clicked may not be what is seen.
if (window.top === window) start();
