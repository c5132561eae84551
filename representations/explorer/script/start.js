// What happens when a page is there.

/** Makes the forms of a page work. */
function ready(main) {
  for (const form of main.querySelectorAll("form[data-query]")) fillSearch(form);
  for (const form of main.querySelectorAll("form[data-method]")) {
    form.querySelector("fieldset").disabled = changes(form);
    const inputs = inputsOf(form).map((each) => [each.name, each.type === "checkbox" ? each.checked : each.value]);
    form.known = Object.fromEntries(inputs.filter(([, value]) => value !== ""));
    form.closest("details").addEventListener("toggle", ({ target }) => target.open && prepare(form));
  }
  for (const pre of main.querySelectorAll("pre[data-type]"))
    pre.replaceChildren(painted(pre.textContent, pre.dataset.type));
}

startPanel();
ready(document.getElementById("main"));
document.addEventListener("click", follow);
document.addEventListener("keydown", flip);
document.addEventListener("submit", search);
document.addEventListener("submit", send);
addEventListener("popstate", ({ state }) => {
  if (location.href.split("#")[0] !== here.url) visit(location.href, { push: false, top: state?.top ?? 0 });
});
if (document.getElementById("main").dataset.status === "405") visit(location.href, { push: false, method: "OPTIONS" });
else look();
