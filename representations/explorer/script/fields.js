// Between the inputs of a form and the properties of a resource.

/** Puts a resource's properties into the inputs, and keeps what they were. */
function fill(form, properties) {
  form.known = properties;
  for (const input of inputsOf(form)) {
    const value = properties[input.name];
    if (input.type === "checkbox") input.checked = Boolean(value);
    else if ("json" in input.dataset) input.value = value == null ? "" : JSON.stringify(value, null, 2);
    else input.value = value ?? "";
  }
}

/** What the form says, for its method: a PATCH and a POST what was changed, a PUT all there is. */
function said(form) {
  if ("many" in form.dataset) return JSON.parse(form.elements.namedItem("members").value);
  const known = form.known ?? {};
  const properties = {};
  for (const input of inputsOf(form)) {
    const value = valueOf(input, known[input.name]);
    const same = sameValue(value, known[input.name]);
    if (form.dataset.method === "PUT" ? value !== undefined : !same) properties[input.name] = value;
  }
  return properties;
}

/** The value of an input: undefined where it says nothing, as where it was blank before. */
function valueOf(input, known) {
  if (input.type === "checkbox") return input.checked;
  if (input.value === "") return known == null ? undefined : blank(input, known);
  if ("json" in input.dataset) return JSON.parse(input.value);
  if (input.type === "number") return Number(input.value);
  return input.value;
}

/** Text is emptied, and anything else is nothing. */
function blank(input, known) {
  const isText = input.type !== "number" && !("json" in input.dataset) && !("moment" in input.dataset);
  return isText && typeof known === "string" ? "" : null;
}

function sameValue(value, known) {
  if (value === undefined) return true;
  if (typeof value === "boolean") return value === Boolean(known);
  if (typeof value === "object") return JSON.stringify(value) === JSON.stringify(known);
  return String(value) === String(known ?? "");
}

function inputsOf(form) {
  return [...form.elements].filter((each) => each.name);
}

/** Says of each fault where it belongs: at its input, or where there is none, at the end of the form. */
function accuse(form, faults) {
  forgive(form);
  const rest = [];
  for (const { property, message } of faults) {
    const input = property && form.elements.namedItem(property.split(/[./[]/)[0]);
    if (!input) rest.push(message);
    else blame(input, message);
  }
  form.querySelector(".failed").textContent = rest.join(" ");
  (form.querySelector("[aria-invalid=true]") ?? form.querySelector(".main")).focus();
}

function blame(input, message) {
  const fault = node("p", message);
  fault.className = "fault";
  fault.id = `${input.id}-fault`;
  input.closest(".field").append(fault);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", fault.id);
}

function forgive(form) {
  for (const each of form.querySelectorAll(".fault")) each.remove();
  for (const each of form.querySelectorAll("[aria-invalid]")) {
    each.removeAttribute("aria-invalid");
    each.removeAttribute("aria-errormessage");
  }
  form.querySelector(".failed").replaceChildren();
}
