// Slack's own packages for Node against the fake Slack: node fake_slack.cjs <api> <bot token> <app token>
const { WebClient } = require("@slack/web-api");
const { SocketModeClient } = require("@slack/socket-mode");
const [url, token, appToken] = process.argv.slice(2);

async function main() {
  const web = new WebClient(token, { slackApiUrl: url, retryConfig: { retries: 0 }, allowAbsoluteUrls: false });
  const out = {};
  out.auth = (await web.auth.test()).user_id;
  const sent = await web.chat.postMessage({ channel: "C1", text: "hej", blocks: [{ type: "divider" }] });
  await web.chat.update({ channel: "C1", ts: sent.ts, text: "ändrad" });
  out.history = (await web.conversations.history({ channel: "C1" })).messages.map((m) => m.text);
  out.locale = (await web.users.info({ user: "U1", include_locale: true })).user.locale;
  out.open = (await web.conversations.open({ users: "U1" })).channel.id;
  out.wrong = await web.chat.postMessage({ channel: "C9", text: "x" }).catch((e) => e.data.error);
  const home = { type: "home", blocks: [{ type: "divider" }] };
  out.home = (await web.views.publish({ user_id: "U1", view: home })).view.type;
  const socket = new SocketModeClient({ appToken, clientOptions: { slackApiUrl: url } });
  const heard = (resolve) => socket.on("slack_event", async ({ ack, body }) => { await ack(); resolve(body); });
  const got = new Promise(heard);
  await socket.start();
  out.event = (await got).event.text;
  await socket.disconnect();
  console.log(JSON.stringify(out));
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
