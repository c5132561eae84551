// Between the inputs of a form and the properties of a resource.

/** An input that says nothing that could be sent. */
class Unreadable extends Error {
  constructor(input, message) {
    super(message);
    this.property = input.name;
  }
}

/** Puts a resource's properties into the inputs, but for those that somebody has written to. */
function fill(form, properties) {
  const written = inputsOf(form).filter((each) => each.held !== undefined && holds(each) !== each.held);
  const kept = written.map((each) => [each, holds(each)]);
  for (const input of inputsOf(form)) {
    const value = properties[input.name];
    if (input.type === "checkbox") input.checked = Boolean(value);
    else if ("json" in input.dataset) input.value = value == null ? "" : JSON.stringify(value, null, 2);
    else input.value = value ?? "";
  }
  keep(form, properties);
  for (const [input, value] of kept) input[input.type === "checkbox" ? "checked" : "value"] = value;
}

/** Keeps what the inputs hold, which may say less than the properties that they were filled with. */
function keep(form, properties = {}) {
  for (const input of inputsOf(form)) Object.assign(input, { held: holds(input), was: properties[input.name] });
}

/** What the form says, for its method: a PATCH and a POST what was changed, a PUT all there is. */
function said(form) {
  const whole = form.dataset.method === "PUT";
  if ("many" in form.dataset) return valueOf(form.elements.namedItem("members"));
  const properties = {};
  for (const input of inputsOf(form)) {
    if (input.validity.badInput) throw new Unreadable(input, "is not a number");
    if (holds(input) !== input.held) properties[input.name] = valueOf(input);
    else if (whole && input.was !== undefined) properties[input.name] = input.was;
  }
  return properties;
}

function holds(input) {
  return input.type === "checkbox" ? input.checked : input.value;
}

function valueOf(input) {
  if (input.type === "checkbox") return input.checked;
  if ("json" in input.dataset) return jsonOf(input);
  if (input.type === "number") return input.value === "" ? null : Number(input.value);
  return "moment" in input.dataset ? input.value || null : input.value;
}

function jsonOf(input) {
  try {
    return input.value.trim() === "" ? null : JSON.parse(input.value);
  } catch {
    throw new Unreadable(input, "is not JSON");
  }
}

function inputsOf(form) {
  return [...form.elements].filter((each) => each.name);
}

/** Says of each fault where it belongs: at its input, or where there is none, at the end of the form. */
function accuse(form, faults) {
  forgive(form);
  const rest = [];
  for (const { property, message } of faults) {
    const input = form.elements.namedItem("many" in form.dataset ? "members" : (property ?? "").split(/[./[]/)[0]);
    if (!property || !input) rest.push(message);
    else blame(input, property === input.name ? message : `${property}: ${message}`);
  }
  form.querySelector(".failed").textContent = rest.join(" ");
  (form.querySelector("[aria-invalid=true]") ?? form.querySelector(".main")).focus();
}

function blame(input, message) {
  const { form } = input;
  const fault = node("p", message);
  fault.className = "fault";
  fault.id = `${input.id}-fault-${form.querySelectorAll(".fault").length}`;
  input.closest(".field").append(fault);
  input.setAttribute("aria-invalid", "true");
  const describing = (input.getAttribute("aria-describedby") ?? "").split(" ");
  input.setAttribute("aria-describedby", [...describing, fault.id].filter(Boolean).join(" "));
}

function forgive(form) {
  for (const each of form.querySelectorAll("[aria-invalid]")) {
    each.removeAttribute("aria-invalid");
    const describing = each.getAttribute("aria-describedby").split(" ");
    each.setAttribute("aria-describedby", describing.filter((id) => !id.includes("-fault-")).join(" "));
  }
  for (const each of form.querySelectorAll(".fault")) each.remove();
  form.querySelector(".failed").replaceChildren();
}
