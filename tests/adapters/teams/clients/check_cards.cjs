// Puts cards through the official renderer's parser and validation: node check_cards.cjs MODULES < {"name": card, …}
// Prints {"name": [event, …]} of what it objects to. Each card gets a parser of its own: the library keeps state
// (its pattern for `lang` matches every other time).
const { createRequire } = require("node:module");
const load = createRequire(process.argv[2] + "/x.js");
const file = load.resolve("adaptivecards/dist/adaptivecards.js");

let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", () => {
  const found = {};
  for (const [name, json] of Object.entries(JSON.parse(text))) {
    delete require.cache[file];
    const AC = load(file);
    const context = new AC.SerializationContext(AC.Versions.v1_5);
    const card = new AC.AdaptiveCard();
    card.hostConfig = new AC.HostConfig({ actions: { maxActions: 6 } }); // Teams' own limit; the library's is 5
    card.parse(json, context);
    const events = [];
    for (let n = 0; n < context.eventCount; n++) events.push(context.getEventAt(n).message);
    for (const event of card.validateProperties().validationEvents) events.push(event.message);
    found[name] = events;
  }
  console.log(JSON.stringify(found));
});
