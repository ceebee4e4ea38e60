"""The page: its own addresses, spoken to as its script does."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from adapters.web.wire import application
from bot.service import Service
from bot.texts import slug
from tests.channels.base import Act, Seen, text_of


class Web:
    """Goes through the page's addresses; what is seen is the JSON that the page shows."""

    name = "web"
    able = frozenset({"old", "fill", "file", "again"})

    def __init__(self, service: Service) -> None:
        self.service = service
        self.client: TestClient[Any, Any] | None = None

    async def open(self) -> None:
        """A server without a port of its own."""
        self.client = TestClient(TestServer(application(self.service), host="127.0.0.1"))
        await self.client.start_server()

    async def close(self) -> None:
        """Stops it."""
        if self.client:
            await self.client.close()

    def person(self, name: str) -> str:
        """As the page names a person."""
        return f"web:{slug(name)}"

    async def say(self, act: Act) -> list[Seen]:
        """A text or files."""
        files = [
            {"name": f.name, "media_type": f.media_type, "place": f.place, "people": list(f.people)} for f in act.files
        ]
        return await self._post(act, {"text": act.text, **({"files": files} if files else {})})

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """A button, an option or a topic."""
        return await self._post(act, {"choice": seen.labels[label]})

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """A form's fields."""
        form: dict[str, Any] = {}
        for label, value in values.items():
            field = seen.fields[label]
            known = {o["label"]: o["value"] for o in field["options"]}
            listed = [known.get(str(v), str(v)) for v in (value if isinstance(value, list) else [value])]
            form[field["name"]] = listed if isinstance(value, list) else listed[0]
        return await self._post(act, {"choice": seen.labels[seen.submit], "form": form})

    async def _post(self, act: Act, data: dict[str, Any]) -> list[Seen]:
        assert self.client is not None
        visitor, language = f"{slug(act.person)}-browser", act.language.value
        who = {"org": act.organisation, "visitor": visitor, "name": act.person, "language": language}
        event = {"event": act.event} if act.event else {}
        answer = await self.client.post("/messages", json={**who, **event, **data})
        body = await answer.json()
        assert answer.status == 200, body
        where = {"org": act.organisation, "conversation": self.person(act.person)}
        inbox = await (await self.client.get("/inbox", params={**where, "after": "0"})).json()
        told = {m["id"] for m in body["messages"]}
        waiting = [m for m in inbox["messages"] if m["id"] not in told]
        if waiting:
            last = str(max(m["id"] for m in waiting))
            await self.client.get("/inbox", params={**where, "after": last})
        return [_seen(m) for m in (*body["messages"], *waiting)]


def _seen(message: dict[str, Any]) -> Seen:
    fields = [*message["fields"], *([message["field"]] if message["field"] else [])]
    labels: dict[str, Any] = {c["label"]: c["topic"] for c in (*message["choices"], *message["related"])}
    labels |= {o["label"]: o["action"] for f in fields for o in f["options"] if o["action"]}
    buttons = [*message["buttons"], *(b for g in message["groups"] for e in g["entries"] for b in e["buttons"])]
    buttons += [row["change"] for row in message["rows"] if row["change"]]
    buttons += [message["submit"]] if message["submit"] else []
    for button in buttons:
        labels.setdefault(button["label"], button["action"])
    read: list[str | None] = [message["title"], message["progress"], *message["paragraphs"], message["verdictText"]]
    for field in fields:
        listed = [o["label"] for o in field["options"]]
        read += [field["error"], field["label"], *field["description"], str(field["value"] or ""), *listed]
    read += [part for row in message["rows"] for part in (row["label"], row["value"], row["note"])]
    for group in message["groups"]:
        read += [group["title"], *(part for e in group["entries"] for part in (e["title"], e["detail"]))]
        read += [group["empty"]] if not group["entries"] else []
    read += [s["text"] for s in message["sources"]]
    named = {f["label"]: f for f in fields}
    submit = message["submit"]["label"] if message["submit"] else ""
    return Seen(text_of(read), message["kind"], labels, named, submit)
