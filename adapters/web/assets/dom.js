// Making elements. Every text is set as text, never as HTML.

export const texts = JSON.parse(document.getElementById("texts").textContent);

let made = 0;

/** An id that no other element of the page has. */
export function fresh(name) {
  made += 1;
  return `${name}-${made}`;
}

export function element(name, text, className) {
  const created = document.createElement(name);
  if (text) created.textContent = text;
  if (className) created.className = className;
  return created;
}

/** Lines as paragraphs; those that begin with a dash become a list. Mail addresses and numbers of the contact are links. */
export function lines(list, contact) {
  const found = [];
  for (const text of list) {
    if (!text.startsWith("– ")) {
      found.push(line("p", text, contact));
      continue;
    }
    const last = found.at(-1);
    const items = last?.tagName === "UL" ? last : element("ul");
    if (items !== last) found.push(items);
    items.append(line("li", text.slice(2), contact));
  }
  return found;
}

function line(name, text, contact) {
  const created = element(name);
  const links = [[contact?.email, `mailto:${contact?.email}`], [contact?.phone, `tel:${contact?.dial}`]]
    .filter(([shown]) => shown && text.includes(shown))
    .sort((one, other) => text.indexOf(one[0]) - text.indexOf(other[0]));
  let rest = text;
  for (const [shown, address] of links) {
    const at = rest.indexOf(shown);
    if (at < 0) continue;
    const link = element("a", shown);
    link.href = address;
    created.append(rest.slice(0, at), link);
    rest = rest.slice(at + shown.length);
  }
  created.append(rest);
  return created;
}
