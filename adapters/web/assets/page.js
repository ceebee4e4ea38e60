// Sends what is asked and shows what comes back. Every text is set as text, never as HTML.
"use strict";

const $ = (id) => document.getElementById(id);
const conversation = crypto.randomUUID();
const texts = document.body.dataset;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function entry(who, className, language) {
  const item = element("li", null, className);
  if (language) item.lang = language;
  item.append(element("h3", who));
  $("conversation").append(item);
  return item;
}

function buttons(list, press) {
  const row = element("ul", null, "buttons");
  for (const { label, value } of list) {
    const item = element("li");
    const button = element("button", label);
    button.type = "button";
    button.addEventListener("click", () => press(value, label));
    item.append(button);
    row.append(item);
  }
  return row;
}

function paragraph(text, contact) {
  const made = element("p");
  const links = [[contact?.email, `mailto:${contact?.email}`], [contact?.phone, `tel:${contact?.dial}`]];
  let rest = text;
  for (const [shown, address] of links.filter(([s]) => s && text.includes(s)).sort((a, b) => text.indexOf(a[0]) - text.indexOf(b[0]))) {
    const at = rest.indexOf(shown);
    if (at < 0) continue;
    made.append(rest.slice(0, at));
    const link = element("a", shown);
    link.href = address;
    made.append(link);
    rest = rest.slice(at + shown.length);
  }
  made.append(rest);
  return made;
}

function show(reply) {
  const item = entry(texts.bot, "theirs", reply.language);
  if (reply.verdict) item.append(element("p", reply.verdictText, `verdict ${reply.verdict}`));
  for (const text of reply.paragraphs) item.append(paragraph(text, reply.contact));
  for (const s of reply.sources) {
    const line = element("p", `${reply.sourceLabel}: `, "source");
    const where = `${s.document}${s.date ? ` (${s.date})` : ""}, ${s.section} [${s.passages.join(", ")}]`;
    if (s.url) {
      const link = element("a", where);
      link.href = s.url;
      line.append(link);
    } else line.append(where);
    item.append(line);
  }
  const choices = reply.choices.map((c) => ({ label: c.label, value: c.topic }));
  if (reply.none) choices.push({ label: reply.none, value: "none" });
  if (choices.length) item.append(buttons(choices, (topic, label) => send({ choice: topic, text: label, language: reply.language })));
  if (reply.related.length) {
    item.append(element("p", reply.relatedLabel + ":", "source"));
    item.append(buttons(reply.related.map((c) => ({ label: c.label, value: c.topic })), (topic, label) => send({ choice: topic, text: label, language: reply.language })));
  }
  if (reply.suggestions.length) {
    item.append(buttons(reply.suggestions.map((s) => ({ label: s, value: s })), (text) => send({ text })));
  }
  item.scrollIntoView({ block: "nearest" });
}

async function send(message) {
  const mine = entry($("user").value.trim() || texts.you, "mine");
  mine.append(element("p", message.text));
  $("status").textContent = texts.waiting;
  try {
    const response = await fetch("/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ org: $("org").value, language: $("language").value, conversation, ...message }),
    });
    const reply = await response.json();
    if (!response.ok) throw new Error(reply.error);
    $("status").textContent = "";
    for (const message of reply.messages) show(message);
  } catch (error) {
    $("status").textContent = error instanceof TypeError ? texts.offline : `${texts.offline} (${error.message})`;
  }
  $("question").focus();
}

async function welcome() {
  const chosen = $("org").selectedOptions[0].dataset;
  $("document").textContent = chosen.date ? `${chosen.title} (${chosen.date})` : chosen.title;
  try {
    const query = new URLSearchParams({ org: $("org").value, language: $("language").value });
    show(await (await fetch(`/welcome?${query}`)).json());
  } catch {
    $("status").textContent = texts.offline;
  }
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("question").value;
  $("question").value = "";
  send({ text });
});
$("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("ask").requestSubmit();
  }
});
for (const id of ["org", "language"]) $(id).addEventListener("change", () => $("settings").submit());
welcome();
