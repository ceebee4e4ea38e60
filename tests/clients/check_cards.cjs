// The official renderer's parser and validation of Adaptive Cards: node check_cards.cjs MODULES, then a card a line on
// standard input. Answers each line with a list of what it objects to.
const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const AC = createRequire(process.argv[2] + "/x.js")("adaptivecards/dist/adaptivecards.js");

createInterface({ input: process.stdin }).on("line", (line) => {
  const context = new AC.SerializationContext(AC.Versions.v1_5);
  const card = new AC.AdaptiveCard();
  card.hostConfig = new AC.HostConfig({ actions: { maxActions: 6 } }); // Teams' own limit; the library's is 5
  AC.AdaptiveCard.langProperty.regEx.lastIndex = 0; // its pattern is one that remembers where it last stood
  card.parse(JSON.parse(line), context);
  const events = [];
  for (let n = 0; n < context.eventCount; n++) events.push(context.getEventAt(n).message);
  for (const event of card.validateProperties().validationEvents) events.push(event.message);
  console.log(JSON.stringify(events));
});
