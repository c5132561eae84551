// Affordances: a form is filled with what is there, and sent with its real method and media type.

/** Makes a form that is opened ready: what it changes is read first, with the tag of what was read. */
async function prepare(form) {
  if (!changes(form)) return;
  const exchange = await ask("GET", form.action);
  if (!exchange.answer.ok) return refuse(form, exchange);
  const resource = documentOf(exchange);
  form.tag = exchange.answer.headers.get("ETag");
  if ("many" in form.dataset) fillMembers(form, resource);
  else fill(form, resource);
  form.querySelector("fieldset").disabled = false;
}

/** Whether a form changes what is there, and so must know it. */
function changes(form) {
  return form.dataset.method === "PATCH" || form.dataset.method === "PUT";
}

/** The members of a collection are written together, as the list that they are. */
function fillMembers(form, page) {
  const names = form.dataset.many.split(" ");
  const written = (each) => Object.fromEntries(Object.entries(each).filter(([name]) => names.includes(name)));
  const kept = Object.values(page._embedded ?? {}).flat().map(written);
  form.elements.namedItem("members").value = JSON.stringify(kept, null, 2);
}

async function send(event) {
  const form = event.target;
  if (!form.dataset.method) return;
  event.preventDefault();
  const { method, type } = form.dataset;
  let body = null;
  try {
    if (method !== "DELETE") body = JSON.stringify(said(form));
  } catch {
    return accuse(form, [{ property: unreadable(form), message: "is not JSON" }]);
  }
  form.querySelector("fieldset").disabled = true;
  try {
    const exchange = await ask(method, form.action, { type: body && type, body, tag: form.tag });
    form.querySelector("fieldset").disabled = false;
    last = Promise.resolve(); // an answer that is still on its way is of no interest any more
    tell(exchange);
    return exchange.answer.ok ? await succeed(form, exchange) : refuse(form, exchange);
  } catch (error) {
    form.querySelector("fieldset").disabled = false;
    return accuse(form, [{ message: `There was no answer: ${error.message}` }]);
  }
}

/** The name of the first input that should hold JSON, and does not. */
function unreadable(form) {
  const holding = inputsOf(form).filter((each) => "json" in each.dataset && each.value);
  return holding.find((each) => { try { JSON.parse(each.value); } catch { return true; } })?.name;
}

function refuse(form, exchange) {
  const embedded = Object.entries(documentOf(exchange)._embedded ?? {});
  const faults = embedded.find(([rel]) => rel.endsWith("errors"))?.[1];
  accuse(form, faults ?? [{ message: statusOf(exchange) }]);
  if (exchange.answer.status !== 412) return;
  const again = node("button", "Load what is there now");
  again.type = "button";
  again.addEventListener("click", () => {
    forgive(form);
    prepare(form);
  });
  form.querySelector(".failed").append(" ", again);
}

/** After a success the page shows what is there now: what was made, what was changed, or what is left. */
async function succeed(form, exchange) {
  const { method } = form.dataset;
  const made = exchange.answer.headers.get("Location");
  const gone = method === "DELETE" && form.action === here.url.split("?")[0];
  const folded = form.closest("details").id;
  if (made) await visit(made);
  else if (gone) await visit(trail.findLast((url) => url.split("?")[0] !== form.action) ?? `${location.origin}/`);
  else await visit(location.href, { push: false, focus: false, method: here.method });
  told.textContent = `${statusOf(exchange)}: ${documentOf(exchange).message ?? `${method} done.`}`;
  tell(exchange);
  if (!made && !gone) document.getElementById(folded)?.querySelector("summary").focus();
}
