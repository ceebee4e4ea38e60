// The inputs of a step or a form: each with its label, its help and what is wrong with it.
import { element, fresh, lines, texts } from "./dom.js";

const MOST_RADIOS = 8; // more options than this are a list to open
const TEXT_INPUTS = {
  text: { type: "text" },
  date: { type: "date" },
  number: { type: "text", inputMode: "decimal" },
  address: { type: "text", inputMode: "url", autocapitalize: "none", spellcheck: false },
  person: { type: "text", autocomplete: "off" },
};

/**
 * One question. `value` is what stands in it; `touched` is told when the person changes it.
 * Returns its box, what reads its value, what is wrong before anything is sent, and the element that takes the focus.
 */
export function control(field, value, touched) {
  const grouped = field.input === "choices" || (field.input === "choice" && field.options.length <= MOST_RADIOS);
  const made = grouped ? group(field, value) : single(field, value);
  made.name = field.name;
  made.box.dataset.name = field.name;
  made.box.addEventListener("input", () => touched(made.read()));
  made.wrong = () => (made.focus.validity?.badInput ? texts["date-incomplete"] : "");
  made.say = (error) => say(made, error);
  if (field.error) made.say(field.error);
  return made;
}

function label(field, target) {
  target.append(field.label);
  if (field.optional) target.append(" ", element("span", `(${texts.optional})`, "optional"));
  if (field.fresh) target.append(" ", element("span", texts.fresh, "fresh"));
  return target;
}

function help(field, box, described) {
  if (!field.description.length) return;
  const text = element("div", null, "hint");
  text.id = fresh("hint");
  text.append(...lines(field.description));
  box.append(text);
  described.push(text.id);
}

/** Says at the field what is wrong with it, in words and to a screen reader. */
function say(made, error) {
  made.box.querySelector(":scope > .error")?.remove();
  made.box.classList.toggle("wrong", Boolean(error));
  const said = element("p", null, "error");
  said.id = `${made.focus.id}-error`;
  said.append(element("strong", `${texts.error}: `), error);
  if (error) made.box.insertBefore(said, made.before);
  for (const input of made.inputs) input.toggleAttribute("aria-invalid", false);
  if (error) for (const input of made.inputs) input.setAttribute("aria-invalid", "true");
  made.describes.setAttribute("aria-describedby", [...made.described, ...(error ? [said.id] : [])].join(" "));
  if (!made.describes.getAttribute("aria-describedby")) made.describes.removeAttribute("aria-describedby");
}

function single(field, value) {
  const box = element("div", null, "field");
  const described = [];
  const heading = label(field, element("label"));
  box.append(heading);
  help(field, box, described);
  let input;
  if (field.input === "choice") {
    input = element("select");
    input.append(new Option(field.optional ? texts["no-answer"] : texts.choose, ""));
    for (const option of field.options) input.append(new Option(option.label, option.value));
  } else if (field.input === "long-text") {
    input = element("textarea");
    input.rows = 4;
  } else input = Object.assign(element("input"), TEXT_INPUTS[field.input] ?? TEXT_INPUTS.text);
  input.id = heading.htmlFor = fresh("field");
  input.name = field.name;
  input.value = value ?? "";
  box.append(input);
  const made = { box, inputs: [input], focus: input, describes: input, described, before: input, read: () => input.value };
  say(made, "");
  return made;
}

/** "None of these" takes the others away, and another takes it away. */
function goAlone(rows, changed, alone) {
  for (const row of rows) {
    if (row !== changed && (alone.has(changed.value) || alone.has(row.value))) row.checked = false;
  }
}

function group(field, value) {
  const box = element("fieldset", null, "field");
  box.id = fresh("field");
  box.tabIndex = -1;
  const described = [];
  box.append(label(field, element("legend")));
  help(field, box, described);
  const many = field.input === "choices";
  const only = !many && field.options.length === 1; // to confirm, or not
  const listed = field.options.map((o) => [o.value, o.label]);
  if (!many && !only && field.optional) listed.push(["", texts["no-answer"]]);
  const chosen = Array.isArray(value) ? value : [value || ""];
  const kind = many || only ? "checkbox" : "radio";
  const rows = listed.map(([value, shown]) => {
    const row = element("label", null, "option");
    const input = Object.assign(element("input"), { type: kind, name: field.name, value });
    input.checked = value ? chosen.includes(value) : false;
    row.append(input, element("span", shown));
    box.append(row);
    return input;
  });
  const alone = new Set(field.options.filter((o) => o.alone).map((o) => o.value));
  box.addEventListener("input", ({ target: changed }) => changed.checked && goAlone(rows, changed, alone));
  const picked = () => rows.filter((input) => input.checked).map((input) => input.value);
  const read = () => (many ? picked() : (picked()[0] ?? ""));
  const made = { box, inputs: rows, focus: box, describes: box, described, before: rows[0].parentElement, read };
  say(made, "");
  return made;
}
