// Affordances: a form is filled with what is there, and sent with its real method and media type.

const MOST_MEMBERS = 300; // as many as a page holds

/** Makes a form that is opened ready: what it changes is read first, with the tag of what was read. */
async function prepare(form) {
  if (!changes(form) || form.prepared) return;
  try {
    const exchange = await read(addressOf(form));
    if (!exchange.answer.ok || exchange.type !== JSON_TYPE) return refuse(form, exchange);
    form.tag = exchange.answer.headers.get("ETag");
    const resource = documentOf(exchange);
    if ("many" in form.dataset) fillMembers(form, resource);
    else fill(form, resource);
    form.prepared = true;
    setEnabled(form, true);
  } catch (error) {
    accuse(form, [{ message: error.message }]);
  }
}

/** Whether a form changes what is there, and so must know it. */
function changes(form) {
  return form.dataset.method === "PATCH" || form.dataset.method === "PUT";
}

/** Where a form is sent: members are written together, so they are read together, too. */
function addressOf(form) {
  return "many" in form.dataset ? `${form.action}?limit=${MOST_MEMBERS}` : form.action;
}

/** The members of a collection, as the list that they are. */
function fillMembers(form, page) {
  if (page.total_items > page.returned_items)
    throw new Error(`It has ${page.total_items} members: too many to be written at once from here.`);
  const names = form.dataset.many.split(" ");
  const written = (each) => Object.fromEntries(Object.entries(each).filter(([name]) => names.includes(name)));
  const kept = Object.values(page._embedded ?? {}).flat().map(written);
  form.elements.namedItem("members").value = JSON.stringify(kept, null, 2);
}

function setEnabled(form, enabled) {
  form.querySelector("fieldset").disabled = !enabled;
}

async function send(event) {
  const form = event.target;
  if (!form.dataset.method) return;
  event.preventDefault();
  try {
    const { method, type } = form.dataset;
    const body = method === "DELETE" ? null : JSON.stringify(said(form));
    if (method === "PATCH" && body === "{}") throw new Error("Nothing was changed, so nothing was sent.");
    const must = { Accept: JSON_TYPE, ...(body && { "Content-Type": type }) };
    setEnabled(form, false);
    const usual = form.tag && { "If-Match": form.tag };
    const exchange = await ask(method, addressOf(form), { usual, own: changing(), must, body });
    setEnabled(form, true);
    last = Promise.resolve(); // an answer that is still on its way is of no interest any more
    tell(exchange);
    await (exchange.answer.ok ? succeed(form, exchange) : refuse(form, exchange));
  } catch (error) {
    setEnabled(form, true);
    accuse(form, [{ property: error.property, message: error.message }]);
  }
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
    form.prepared = false;
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
  const seen = made && (await ask("HEAD", made)).answer.ok; // what was made may be for other tokens to see
  if (seen) await visit(made);
  else if (gone) await visit(trail.findLast((url) => url.split("?")[0] !== form.action) ?? `${location.origin}/`);
  else if (!made) await visit(location.href, { push: false, focus: false, method: here.method });
  told.textContent = `${statusOf(exchange)}: ${documentOf(exchange).message ?? `${method} done.`}`;
  tell(exchange);
  if (!seen && !gone) document.getElementById(folded)?.querySelector("summary").focus();
}
