// Shows one message of the assistant, with everything in it that can be read, filled in and pressed.
import { control } from "./fields.js";
import { element, fresh, lines, texts } from "./dom.js";

/**
 * The message as a list item. `page` is what it can do: press(item, button, form, names), ask(text), kept(name) and
 * keep(name, value) for what is typed but not sent, address(document).
 */
export function build(message, page) {
  const item = element("li", null, `theirs ${message.kind}`);
  item.message = message;
  item.lang = message.language;
  item.tabIndex = -1;
  item.classList.toggle("answered", message.answered);
  item.append(heading(message, item));
  if (message.verdict) item.append(element("p", message.verdictText, `verdict ${message.verdict}`));
  const within = message.fields.some((field) => field.error || field.fresh); // then the text stands in the form
  if (!within) item.append(...lines(message.paragraphs, message.contact));
  if (message.field) item.append(step(message, page, item));
  if (message.fields.length) item.append(form(message, page, item));
  if (message.rows.length) item.append(rows(message, page, item));
  item.append(...message.groups.map((group) => listed(group, page, item)));
  item.append(...sources(message));
  if (message.document) {
    const link = element("a", message.document.label);
    link.href = page.address(message.document);
    const line = element("p");
    line.append(link);
    item.append(line);
  }
  choices(message, page, item);
  if (message.buttons.length) item.append(buttons(message.buttons, page, item));
  offers(message, page, item);
  return item;
}

/** Where the focus goes when a message is what a press led to. */
export function target(item) {
  const { field, kind } = item.message;
  if (kind === "form") return item.querySelector(".wrongs") ?? item.querySelector(".more") ?? item;
  if (!field) return item;
  const filled = item.querySelector(".field :is(input:not([type=radio], [type=checkbox]), textarea, select)");
  return filled ?? item.querySelector("fieldset") ?? item;
}

/** What a screen reader says of a message that came. */
export function spoken(item) {
  const { title, progress, verdictText, paragraphs, field, groups } = item.message;
  return [title, progress, verdictText, ...paragraphs, field?.label, ...groups.map((g) => g.title)].filter(Boolean).join(" ");
}

function heading(message, item) {
  const made = element("h3");
  made.id = fresh("message");
  item.setAttribute("aria-labelledby", made.id);
  made.append(element("span", texts.bot, "who"));
  if (message.title) made.append(" ", element("span", message.title, "title"));
  if (message.progress) {
    made.append(" ", element("span", message.progress, "progress"));
    const [place, total] = message.progress.match(/\d+/g)?.map(Number) ?? [];
    if (total) {
      const bar = Object.assign(element("progress"), { max: total, value: place });
      bar.setAttribute("aria-hidden", "true"); // the words beside it say the same
      made.append(bar);
    }
  }
  return made;
}

// -- what is asked ----------------------------------------------------------------------------------------------

function shownValue(field, page) {
  return page.kept(field.name) ?? field.value;
}

function step(message, page, item) {
  const { field, submit } = message;
  if (field.options.some((option) => option.action)) return optionButtons(message, page, item);
  const made = element("form");
  made.noValidate = true;
  const asked = control(field, shownValue(field, page), (value) => page.keep(field.name, value));
  made.append(asked.box);
  if (submit) made.append(press(submit, "submit"));
  sending(made, [asked], submit, page, item);
  return made;
}

function optionButtons({ field }, page, item) {
  const box = element("fieldset", null, "field");
  box.tabIndex = -1;
  box.append(element("legend", field.label));
  if (field.optional) box.firstChild.append(" ", element("span", `(${texts.optional})`, "optional"));
  if (field.description.length || field.error) {
    const help = element("div", null, field.error ? "hint error" : "hint");
    help.id = fresh("hint");
    help.append(...lines(field.error ? [field.error, ...field.description] : field.description));
    box.append(help);
    box.setAttribute("aria-describedby", help.id);
  }
  box.append(buttons(field.options.map((o) => ({ label: o.label, action: o.action, style: "plain" })), page, item, [field.name]));
  return box;
}

function form(message, page, item) {
  const made = element("form");
  made.noValidate = true;
  const asked = message.fields.map((field) => control(field, shownValue(field, page), (value) => page.keep(field.name, value)));
  const wrong = message.fields.filter((field) => field.error);
  const said = [...message.paragraphs]; // what is wrong in one line, then what is asked besides
  if (wrong.length) made.append(summary(said.splice(0, 1), asked.filter((_, at) => message.fields[at].error), message.fields));
  made.append(...asked.map((one) => one.box));
  const first = message.fields.findIndex((field) => field.fresh);
  if (first >= 0) made.insertBefore(more(said), asked[first].box);
  made.append(press(message.submit, "submit"));
  sending(made, asked, message.submit, page, item);
  return made;
}

/** What is wrong in a form, at its top: each a link to its field. */
function summary(said, wrong, fields) {
  const box = element("div", null, "wrongs");
  box.tabIndex = -1;
  box.setAttribute("role", "group");
  const title = element("h4", said.join(" "));
  title.id = fresh("wrong");
  box.setAttribute("aria-labelledby", title.id);
  const list = element("ul");
  for (const one of wrong) {
    const field = fields.find((f) => f.name === one.name);
    const link = element("a", `${field.label} ${field.error}`);
    link.href = `#${one.focus.id}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      one.focus.focus();
      one.box.scrollIntoView({ block: "nearest" });
    });
    const entry = element("li");
    entry.append(link);
    list.append(entry);
  }
  box.append(title, list);
  return box;
}

/** What an answer asks for besides, above the first field that it brought; who used the keyboard goes on from here. */
function more(said) {
  const box = element("div", null, "more");
  box.tabIndex = -1;
  box.setAttribute("role", "group");
  const title = element("h4", said[0]);
  title.id = fresh("more");
  box.setAttribute("aria-labelledby", title.id);
  box.append(title, ...lines(said.slice(1)));
  return box;
}

function sending(made, asked, submit, page, item) {
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = asked.filter((one) => {
      one.say(one.wrong());
      return one.wrong();
    });
    if (wrong.length) return wrong[0].focus.focus();
    const values = Object.fromEntries(asked.map((one) => [one.name, one.read()]));
    for (const [name, value] of Object.entries(values)) page.keep(name, value);
    return page.press(item, submit, values);
  });
}

// -- what can be pressed ----------------------------------------------------------------------------------------

function press(button, type = "button") {
  const made = element("button", button.label, button.style);
  made.type = type;
  made.dataset.action = button.action;
  if (button.style !== "plain") made.setAttribute("aria-describedby", `style-${button.style}`);
  return made;
}

/** A row of buttons. `about` names what they belong to, where several rows have the same words. */
function buttons(list, page, item, names = [], about = "") {
  const box = element("div", null, "pressing");
  const row = element("ul", null, "buttons");
  for (const button of list) {
    const made = press(button);
    if (about) made.setAttribute("aria-label", `${button.label}: ${about}`);
    if (button.reason) made.setAttribute("aria-expanded", "false");
    made.addEventListener("click", () => {
      if (button.reason) reason(button, made, box, page, item);
      else page.press(item, button, null, names);
    });
    const entry = element("li");
    entry.append(made);
    row.append(entry);
    if (button.reason && page.kept(`reason:${button.action}`) !== undefined) queueMicrotask(() => reason(button, made, box, page, item));
  }
  box.append(row);
  return box;
}

/** A text that the press brings along is written beneath the button. */
function reason(button, pressed, box, page, item) {
  box.querySelector(":scope > form")?.closed();
  const kept = `reason:${button.action}`;
  const field = { name: "reason", label: button.reason, input: "long-text", description: [], options: [] };
  const made = element("form", null, "reason");
  made.noValidate = true;
  page.keep(kept, page.kept(kept) ?? "");
  const asked = control(field, page.kept(kept), (value) => page.keep(kept, value));
  const send = element("button", texts["reason-send"], button.style === "danger" ? "danger" : "primary");
  const cancel = Object.assign(element("button", texts["reason-cancel"], "plain"), { type: "button" });
  made.closed = () => {
    page.keep(kept, undefined);
    pressed.setAttribute("aria-expanded", "false");
    made.remove();
  };
  const back = () => {
    made.closed();
    pressed.focus();
  };
  cancel.addEventListener("click", back);
  made.addEventListener("keydown", (event) => event.key === "Escape" && back());
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = asked.read().trim();
    asked.say(text ? "" : texts["reason-empty"]);
    if (!text) return asked.focus.focus();
    return page.press(item, button, { reason: text }, [kept]);
  });
  const row = element("div", null, "buttons");
  row.append(send, cancel);
  made.append(asked.box, row);
  box.append(made);
  pressed.setAttribute("aria-expanded", "true");
  asked.focus.focus({ preventScroll: true });
  made.scrollIntoView({ block: "nearest" });
}

const topics = (list) => list.map((c) => ({ label: c.label, action: c.topic, style: "plain" }));

/** What the question may have meant, before anything else that can be pressed. */
function choices(message, page, item) {
  const listed = topics(message.choices);
  if (message.none) listed.push({ label: message.none, action: "none", style: "plain" });
  if (listed.length) item.append(buttons(listed, page, item));
}

function offers(message, page, item) {
  if (message.related.length) item.append(element("p", `${message.relatedLabel}:`, "source"), buttons(topics(message.related), page, item));
  if (!message.suggestions.length) return;
  const row = element("ul", null, "buttons");
  for (const suggestion of message.suggestions) {
    const made = Object.assign(element("button", suggestion, "plain"), { type: "button" });
    made.addEventListener("click", () => page.ask(suggestion));
    const entry = element("li");
    entry.append(made);
    row.append(entry);
  }
  item.append(row);
}

// -- what is read -----------------------------------------------------------------------------------------------

function rows(message, page, item) {
  const list = element("dl");
  for (const row of message.rows) {
    const pair = element("div");
    const label = element("dt", row.label);
    if (row.changed) label.append(" ", element("span", texts.changed, "changed"));
    pair.append(label, element("dd", row.value, "value"));
    if (row.note) {
      const note = element("dd", null, "note");
      note.append(element("strong", `${texts.note}: `), row.note);
      pair.append(note);
    }
    if (row.change) {
      const change = element("dd", null, "change");
      change.append(buttons([row.change], page, item, [], row.label));
      pair.append(change);
    }
    list.append(pair);
  }
  if (message.kind !== "outcome") return list;
  const folded = element("details");
  folded.append(element("summary", `${texts["your-answers"]} (${message.rows.length})`), list);
  return folded;
}

function listed(group, page, item) {
  const box = element("section");
  const title = element("h4", group.title);
  title.id = fresh("group");
  box.setAttribute("aria-labelledby", title.id);
  box.append(title);
  if (!group.entries.length) box.append(element("p", group.empty));
  const labels = group.entries.flatMap((entry) => entry.buttons.map((b) => b.label));
  const alike = new Set(labels).size < labels.length; // then a screen reader hears what each belongs to
  const list = element("ul", null, "entries");
  for (const entry of group.entries) {
    const row = element("li");
    row.append(element("p", entry.title, "title"));
    if (entry.detail) row.append(...lines(entry.detail.split("\n").filter(Boolean)));
    if (entry.buttons.length) row.append(buttons(entry.buttons, page, item, [], alike ? entry.title : ""));
    list.append(row);
  }
  if (group.entries.length) box.append(list);
  return box;
}

const LONG_SOURCE = 160; // characters that take more room on a phone than the question they belong to

/** A long line, the beginning of which is shown until somebody wants the rest. */
function folded(text) {
  const box = element("details", null, "source");
  box.append(element("summary", `${text.slice(0, text.lastIndexOf(" ", 60))} …`), element("p", text));
  return box;
}

function sources(message) {
  if (message.shortSource?.length > LONG_SOURCE) return [folded(message.shortSource)];
  if (message.shortSource) return [element("p", message.shortSource, "source")];
  if (message.shortSource === null && ["step", "form"].includes(message.kind)) return [];
  return message.sources.map((source) => {
    const line = element("p", `${message.sourceLabel}: `, "source");
    if (source.url) {
      const link = element("a", source.text);
      link.href = source.url;
      line.append(link);
    } else line.append(source.text);
    return line;
  });
}
