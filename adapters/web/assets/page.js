// The conversation: who is talking, sending and fetching messages, and where each of them stands on the page.
import { metadata } from "./exif.js";
import { build, spoken, target } from "./messages.js";
import { element, texts } from "./dom.js";

const $ = (id) => document.getElementById(id);
const EVERY = 2500; // milliseconds between two looks for new messages
const PAUSES = [700, 2000]; // milliseconds before an unanswered message is sent again
const MOST_KEPT = 80; // messages of a conversation that survive a reload of the page

// -- what this tab and this browser keep -------------------------------------------------------------------------

const tab = {
  get: (name) => JSON.parse(sessionStorage.getItem(`someguide:${name}`) ?? "null"),
  set: (name, value) => sessionStorage.setItem(`someguide:${name}`, JSON.stringify(value)),
};

/** A value of this tab, or else the one that another tab kept last. */
function recall(name, initial) {
  return tab.get(name) ?? localStorage.getItem(`someguide:${name}`) ?? initial;
}

function remember(name, value) {
  tab.set(name, value);
  localStorage.setItem(`someguide:${name}`, value);
}

const visitor = recall("visitor", crypto.randomUUID());
remember("visitor", visitor);
const who = () => ({ org: $("org").value, language: $("language").value, name: $("user").value.trim(), role: $("role").value, visitor });

/** The conversation that is shown: what was said in it, how far its inbox was read, and what is typed but not sent. */
let room = null;
const place = (org, conversation) => `room:${org}:${conversation}`;

function save(here = room) {
  if (here === room) here.said = items().map((item) => item.message ?? item.mine).filter(Boolean);
  here.said = here.said.slice(-MOST_KEPT);
  tab.set(place(here.org, here.conversation), { said: here.said, after: here.after, typed: here.typed });
}

// -- asking the server ---------------------------------------------------------------------------------------------

class Refused extends Error {}

async function answer(response) {
  const data = await response.json().catch(() => ({}));
  if (response.ok) return data;
  if (response.status < 500) throw new Refused(data.error);
  throw new Error(data.error);
}

const get = async (path, query) => answer(await fetch(`${path}?${new URLSearchParams(query)}`));

/** Sends a message; one whose answer is lost is sent again, and is the same message by its event. */
async function post(body) {
  for (const pause of [...PAUSES, null]) {
    try {
      const headers = { "Content-Type": "application/json" };
      return await answer(await fetch("/messages", { method: "POST", headers, body: JSON.stringify(body) }));
    } catch (error) {
      if (error instanceof Refused || pause === null) throw error;
      await new Promise((go) => setTimeout(go, pause));
    }
  }
}

let queue = Promise.resolve(); // one message at a time, in their order
function inTurn(work) {
  queue = queue.then(work, work);
  return queue;
}

// -- showing -------------------------------------------------------------------------------------------------------

function announce(text) {
  $("announce").textContent = "";
  setTimeout(() => { $("announce").textContent = text; }, 60);
}

const items = () => [...$("conversation").children];
const withKey = (key) => key && items().find((item) => item.message?.key === key);

/** What is typed in a message is kept under its dialogue and field. */
const typedAs = (flow, name) => (name.startsWith("reason:") ? name : `${flow}/${name}`);

/** What a message can do. What is typed in it is kept until it is sent, and survives a reload. */
function abilities({ flow }) {
  return {
    press,
    ask,
    kept: (name) => room.typed[typedAs(flow, name)],
    keep: (name, value) => {
      if (value === undefined) delete room.typed[typedAs(flow, name)];
      else room.typed[typedAs(flow, name)] = value;
      save();
    },
    address: ({ reference, type }) => {
      const query = new URLSearchParams({ org: room.org, conversation: room.conversation, type });
      return `/documents/${encodeURIComponent(reference)}?${query}`;
    },
  };
}

/** Puts a message on the page: in the place of the one it renews, or at the end. Returns it, or null for an old one. */
function put(message, pressed) {
  const before = withKey(message.key);
  if (message.id && (items().some((i) => i.message?.id === message.id) || before?.message.id > message.id)) return null;
  const wanted = message.asking || ["outcome", "home"].includes(message.kind); // by the reader, who is at the end
  const moves = before && pressed !== undefined && before !== pressed && wanted;
  if (message.asking) { // one dialogue is open at a time
    for (const other of items()) {
      if (other !== before && other.message?.asking) other.remove();
    }
  }
  const made = build(message, abilities(message));
  if (before && !moves) {
    const held = before.contains(document.activeElement) ? document.activeElement : null;
    before.replaceWith(made);
    if (held) hold(held, made);
  } else {
    before?.remove();
    $("conversation").append(made);
  }
  return made;
}

/** The focus stays on what it was on, where the new message still has that. */
function hold(held, made) {
  const { action } = held.dataset;
  const same = [...made.querySelectorAll("button, input, textarea, select")];
  const found = same.find((e) => (action ? e.dataset.action === action : held.name && e.name === held.name));
  (found ?? made).focus({ preventScroll: true });
}

/** A dialogue that was paused, ended or asks whether to end: its question goes, and comes again when it goes on. */
function setAside(messages) {
  const asking = messages.filter((m) => m.asking).map((m) => m.flow);
  const flows = messages.filter((m) => m.flow && ["notice", "request", "outcome"].includes(m.kind)).map((m) => m.flow);
  for (const item of items()) {
    const { asking: asks, flow } = item.message ?? {};
    if (asks && flows.includes(flow) && !asking.includes(flow)) item.remove();
  }
}

/** Shows messages. `pressed`: the message whose button led to them, null for a typed one, undefined for none of mine. */
function arrive(messages, pressed) {
  if (pressed !== undefined) setAside(messages);
  const at = document.activeElement;
  const elsewhere = pressed && at !== document.body && !pressed.contains(at); // they have begun to write something else
  const updated = new Set(messages.filter((m) => withKey(m.key)).map((m) => m.key));
  const made = messages.map((m) => put(m, pressed)).filter(Boolean);
  const shown = made.filter((item) => item.isConnected);
  const mine = pressed !== undefined;
  save();
  label();
  if (!shown.length) return;
  const said = shown.filter((item) => !item.message.answered);
  const words = said.map((item) => (updated.has(item.message.key) && !mine ? `${texts.updated}: ${spoken(item)}` : spoken(item)));
  if (words.length) announce(words.join(" "));
  if (pressed && !elsewhere) focus(said.findLast((item) => item.message.asking) ?? said.at(-1) ?? shown.at(-1), said[0]);
  else if (mine) see(said[0] ?? shown[0], said.at(-1) ?? shown.at(-1));
  else news(shown);
}

function focus(item, first) {
  const held = target(item);
  held.focus({ preventScroll: true });
  if (held.matches(".more")) held.scrollIntoView({ block: "start" }); // what is above it was filled in before
  else see(first ?? item, item);
}

/** Brings what is new into view: its end where all of it fits, else its beginning. */
function see(first, last) {
  const height = innerHeight - ($("ask").offsetHeight + 24);
  const fits = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top < height;
  (fits ? last : first).scrollIntoView({ block: fits ? "nearest" : "start" });
}

/** Says that something came while the reader was elsewhere, without moving them. */
function news(shown) {
  const button = Object.assign(element("button", texts.show, "plain"), { type: "button" });
  button.addEventListener("click", () => {
    $("status").replaceChildren();
    shown.at(-1).focus();
    shown.at(-1).scrollIntoView({ block: "nearest" });
  });
  $("status").replaceChildren(`${texts["new-message"]} `, button);
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    button.parentElement?.replaceChildren();
  }, { rootMargin: `0px 0px -${$("ask").offsetHeight}px 0px` });
  seen.observe(shown.at(-1));
}

/** While a dialogue asks, the question box takes answers too. */
function label() {
  const asked = items().some((item) => item.message?.asking);
  $("question-label").textContent = asked ? texts.answer : texts.question;
  $("send").textContent = asked ? texts["send-answer"] : texts.send;
}

function say(mine) {
  const item = element("li", null, "mine");
  item.mine = mine;
  item.append(element("h3", mine.name || texts.you));
  if (mine.text) item.append(element("p", mine.text));
  if (mine.file) item.append(element("p", `${texts.attached}: ${mine.file}`));
  $("conversation").append(item);
  return item;
}

// -- sending -------------------------------------------------------------------------------------------------------

/** Sends what a person wrote. */
function ask(text, files = []) {
  const asking = items().find((item) => item.message?.asking && item.message.field)?.message;
  if (asking) delete room.typed[`${asking.flow}/${asking.field.name}`]; // the text may be its answer
  const mine = say({ name: $("user").value.trim(), text, file: files[0]?.name });
  deliver({ text, ...(files.length && { files }) }, { pressed: null, mine });
}

/** Presses a button. A message of a dialogue shows itself what was pressed; else it is shown as one's own words. */
function press(item, button, form, names = []) {
  if (item.getAttribute("aria-busy") === "true") return;
  item.setAttribute("aria-busy", "true");
  const { flow, key, language } = item.message;
  const mine = key ? null : say({ name: $("user").value.trim(), text: [button.label, form?.reason].filter(Boolean).join(": ") });
  const body = { choice: button.action, text: button.label, language, ...(form && { form }) };
  deliver(body, { pressed: item, mine, flow, sent: [...Object.keys(form ?? {}), ...names] });
}

async function deliver(message, about) {
  const job = { body: { ...who(), event: crypto.randomUUID(), ...message }, room, flow: null, sent: [], ...about };
  save();
  job.mine?.scrollIntoView({ block: "nearest" });
  await attempt(job);
}

async function attempt(job) {
  $("status").textContent = job.body.choice ? texts.sending : texts.waiting;
  try {
    const reply = await inTurn(() => post(job.body));
    $("status").textContent = "";
    forget(job, reply.messages);
    if (job.room === room) arrive(reply.messages, job.pressed);
    else job.room.said.push(...reply.messages);
    save(job.room);
  } catch (error) {
    $("status").textContent = "";
    failed(error, () => attempt(job));
  } finally {
    job.pressed?.removeAttribute("aria-busy");
  }
}

/** What was sent needs no keeping here, except what was refused and is asked again; a refused secret goes at once. */
function forget({ room: here, flow, sent, mine }, messages) {
  const secret = messages.some((m) => m.secret);
  const again = messages.flatMap((m) => [...(m.field ? [m.field.name] : []), ...m.fields.filter((f) => f.error).map((f) => f.name)]);
  for (const name of sent) {
    if (secret || !again.includes(name)) delete here.typed[typedAs(flow, name)];
  }
  if (!secret || !mine) return;
  mine.mine.text = texts.hidden;
  mine.querySelector("p").textContent = texts.hidden;
}

function failed(error, again) {
  const item = element("li", null, "failed");
  item.setAttribute("role", "alert");
  item.append(element("p", error instanceof TypeError || !error.message ? texts.offline : error.message));
  const button = Object.assign(element("button", texts["try-again"], "plain"), { type: "button" });
  button.addEventListener("click", () => {
    item.remove();
    again();
  });
  item.append(button);
  $("conversation").append(item);
  item.scrollIntoView({ block: "nearest" });
}

// -- the inbox -----------------------------------------------------------------------------------------------------

async function look() {
  const here = room;
  if (!here || document.hidden) return;
  for (const conversation of [here.conversation, here.shared].filter(Boolean)) {
    try {
      const { messages } = await get("/inbox", { org: here.org, conversation, after: here.after[conversation] ?? 0 });
      if (here !== room) return;
      if (!messages.length) continue;
      here.after[conversation] = Math.max(...messages.map((m) => m.id));
      arrive(messages);
    } catch {
      return; // the next look tries again
    }
  }
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY);
}

// -- who and where -------------------------------------------------------------------------------------------------

/** Opens the conversation of the chosen person, role and organisation: as this tab left it, or with the welcome. */
async function enter() {
  const chosen = $("org").selectedOptions[0].dataset;
  where();
  $("document").textContent = chosen.date ? `${chosen.title} (${chosen.date})` : chosen.title;
  const asked = who();
  let opened;
  try {
    opened = await inTurn(() => get("/welcome", asked));
  } catch (error) {
    failed(error, enter);
    return;
  }
  if (JSON.stringify(asked) !== JSON.stringify(who())) return; // chosen anew meanwhile
  const { conversation, shared, messages } = opened;
  room = { org: asked.org, conversation, shared, said: [], after: {}, typed: {}, ...tab.get(place(asked.org, conversation)) };
  $("conversation").replaceChildren();
  for (const said of room.said.length ? room.said : messages) {
    if (said.kind) put(said);
    else say(said);
  }
  save();
  label();
  if (room.said.length > messages.length) items().at(-1)?.scrollIntoView({ block: "nearest" }); // a new one begins at the top
  look();
}

/** Who is asked, beside the question: on a phone the choice of it is out of sight. */
function where() {
  const parts = [$("org"), ...($("role").value === "communications" ? [$("role")] : [])];
  $("where").textContent = parts.map((select) => select.selectedOptions[0].textContent.trim()).join(" · ");
}

function submitQuestion() {
  const text = $("question").value;
  if (!room || (!text.trim() && !attached && items().some((item) => item.message?.asking))) return;
  $("question").value = "";
  tab.set("question", "");
  ask(text, attached ? [attached] : []);
  if (attached) $("attach").open = false; // it would take half a phone's screen
  attach(null);
  $("question").focus();
}

/**
 * Says in the conversation that its language changes, where anything was said: an open question comes again in it. An
 * open form is left as it is, with what is typed in it.
 */
async function converse(command) {
  if (!items().some((item) => item.mine) || items().some((item) => item.message?.kind === "form")) return;
  const mine = say({ name: $("user").value.trim(), text: command });
  await deliver({ text: command }, { pressed: null, mine });
}

let attached = null;
function attach(found) {
  attached = found;
  $("attached").hidden = !found;
  $("attached").firstElementChild.textContent = found ? `${texts.attached}: ${found.name}` : "";
  if (!found) $("file").value = "";
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  submitQuestion();
});
$("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submitQuestion();
  }
});
$("question").addEventListener("input", () => tab.set("question", $("question").value));
$("file").addEventListener("change", async () => attach($("file").files[0] ? await metadata($("file").files[0]) : null));
$("detach").addEventListener("click", () => {
  attach(null);
  $("file").focus();
});
$("mine").addEventListener("click", () => {
  if (!room) return;
  const mine = say({ name: $("user").value.trim(), text: texts["my-things"] });
  deliver({ text: texts["home-command"] }, { pressed: null, mine });
});
$("settings").addEventListener("submit", (event) => event.preventDefault());
$("org").addEventListener("change", () => {
  history.replaceState(null, "", `/?${new URLSearchParams({ org: $("org").value, language: $("language").value })}`);
  enter();
});
$("language").addEventListener("change", async () => {
  tab.set("focus", "language");
  await converse($("language").selectedOptions[0].dataset.command);
  location.assign(`/?${new URLSearchParams({ org: $("org").value, language: $("language").value })}`);
});
for (const id of ["user", "role"]) {
  $(id).addEventListener("change", () => {
    remember(id, $(id).value);
    enter();
  });
}
document.addEventListener("visibilitychange", look);
$("conversation").addEventListener("focusin", ({ target: held }) => {
  const filled = held.matches("input, textarea, select") && held.matches(":focus-visible");
  if (filled) held.scrollIntoView({ block: "nearest" }); // not behind the question
});
new ResizeObserver(() => document.documentElement.style.setProperty("--ask", `${$("ask").offsetHeight}px`)).observe($("ask"));

$("user").value = recall("user", "");
$("role").value = recall("role", "staff");
$("question").value = tab.get("question") ?? "";
if (tab.get("focus")) $(tab.get("focus")).focus();
tab.set("focus", null);
await enter();
keepLooking();
