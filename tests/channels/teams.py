"""Teams: activities go through the door and its reading, answers through the outbox, the wire and its cards.

Only Teams itself is in memory. What a person sees is what stands on the cards; what they press is a button's own data.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from adapters.teams.channel import TeamsWire
from adapters.teams.serve import Endpoint
from adapters.teams.tenants import Tenants
from bot.service import Service
from bot.settings import TeamsTenant
from tests.channels.base import Act, Seen, text_of
from tests.fakes.teams import BOT, TENANT, activity
from tests.fakes.teams_memory import MemoryTeams

URL = "https://smba.example/teams"
SYMBOLS = "✅⛔⚠️ "


@dataclass(frozen=True)
class Everyone(Tenants):
    """One tenant that belongs to whichever organisation the scenario is about."""

    now: tuple[list[str]] = ([""],)

    def of_id(self, tenant: str) -> TeamsTenant | None:
        """The organisation of the act at hand."""
        return TeamsTenant(organisation=self.now[0][0], tenant=tenant) if tenant else None


class Teams:
    """Speaks to the endpoint as Teams does."""

    name = "teams"
    able = frozenset({"old", "fill", "again", "public"})

    def __init__(self, service: Service) -> None:
        self.service = service
        self.platform = MemoryTeams()
        self.tenants = Everyone((), None, ([""],))
        self.wire = TeamsWire(self.platform, self.tenants)
        self.wire.pace.wait = lambda _: 0.0  # type: ignore[method-assign]  # a scenario is quicker than people are
        self.endpoint = Endpoint(service.assistant, self.platform, self.tenants, service.organisations.answerer)
        self._ids = itertools.count(1)
        self._stands: dict[str, list[Seen]] = {}

    async def open(self) -> None:
        """The outbox sends over our wire."""
        self.service.outbox.wires["teams"] = self.wire

    async def close(self) -> None:
        """Nothing to close."""

    def person(self, name: str) -> str:
        """As Teams names a person."""
        return f"teams:{TENANT}:aad-{name}"

    async def say(self, act: Act) -> list[Seen]:
        """A message; where others read along, it calls the bot."""
        entities = [{"type": "mention", "mentioned": BOT, "text": "<at>Someguide</at>"}] if act.public else []
        text = f"<at>Someguide</at> {act.text}" if act.public else act.text
        for who in act.mentions:
            mentioned = {"id": who.id, "aadObjectId": who.id, "name": who.name}
            entities.append({"type": "mention", "mentioned": mentioned, "text": f"<at>{who.name}</at>"})
            text = text.replace(who.name, f"<at>{who.name}</at>", 1)
        return await self._sent(act, "message", text=text, textFormat="plain", entities=entities)

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """A button's data, as the client sends it."""
        return await self._executed(act, seen.labels[label])

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The inputs of a card with the data of the button that sends them."""
        inputs: dict[str, Any] = {i["id"]: i.get("value", "") for i in seen.fields.values()}
        for label, value in values.items():
            asked = seen.fields[label]
            known = {c["title"]: c["value"] for c in asked.get("choices", ())}
            listed = [known.get(str(v), str(v)) for v in (value if isinstance(value, list) else [value])]
            inputs[asked["id"]] = ",".join(listed)
        return await self._executed(act, seen.labels[seen.submit] | inputs)

    async def _executed(self, act: Act, data: dict[str, Any]) -> list[Seen]:
        value = {"action": {"type": "Action.Execute", "verb": "someguide", "data": data}}
        return await self._sent(act, "invoke", name="adaptiveCard/action", value=value)

    async def _sent(self, act: Act, kind: str, **given: Any) -> list[Seen]:
        self.tenants.now[0][0] = act.organisation
        private = f"a:private-aad-{act.person}"
        channel = "19:channel@thread.tacv2;messageid=1"
        conversation = {"id": channel if act.public else private, "tenantId": TENANT}
        conversation["conversationType"] = "channel" if act.public else "personal"
        who = {"id": f"29:{act.person}", "aadObjectId": f"aad-{act.person}", "name": act.person}
        name = f"f:{act.event or next(self._ids)}"
        common = {"conversation": conversation, "from": who, "id": name, "locale": act.language.value}
        before = len(self.platform.log)
        answer = await self.endpoint._verified(activity(URL, kind, **common, **given))
        assert answer.status == 200, answer.status
        while await self.service.outbox.deliver_due():
            pass
        mine = [seen(sent) for where, sent in self.platform.log[before:] if where in (private, channel)]
        if act.event in self._stands:  # the same event again: nothing comes, and the first answer stands
            assert mine == []
            return self._stands[act.event]
        if act.event:
            self._stands[act.event] = mine
        return mine


def seen(sent: dict[str, Any]) -> Seen:
    """All that stands in a message, and all that can be pressed or filled."""
    labels: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    read: list[str | None] = [sent.get("text")]
    submits: list[str] = []
    for attachment in sent.get("attachments", ()):
        _card(attachment["content"], read, labels, fields, submits)
    return Seen(text_of(read), "", labels, fields, submits[0] if submits else "")


def _card(
    card: dict[str, Any], read: list[str | None], labels: dict[str, Any], fields: dict[str, Any], submits: list[str]
) -> None:
    picks = []
    for element in card.get("body", ()):
        kind = element["type"]
        if kind == "RichTextBlock":
            read.append("".join(run["text"] for run in element["inlines"]).lstrip(SYMBOLS))
        elif kind == "TextBlock":
            read.append(element["text"])
        elif kind == "ActionSet":
            _actions(element["actions"], read, labels, fields, submits)
        elif kind.startswith("Input."):
            label = element["label"].removesuffix(" (frivilligt)").removesuffix(" (vapaaehtoinen)")
            fields[label.removesuffix(" (optional)")] = element
            read += [element["label"], str(element.get("value", "")), *(c["title"] for c in element.get("choices", ()))]
            picks += [element] if element["id"].startswith("pick_") else []
    _actions(card.get("actions", ()), read, labels, fields, submits)
    sends = next((a for a in card.get("actions", ()) if a.get("associatedInputs") == "auto"), None)
    for element in picks if sends else ():
        for choice in element["choices"]:
            data = sends["data"] | {element["id"]: choice["value"]}
            labels.setdefault(choice["title"], data)
            labels.setdefault(choice["title"].split(":")[0], data)


def _actions(
    actions: Any, read: list[str | None], labels: dict[str, Any], fields: dict[str, Any], submits: list[str]
) -> None:
    for action in actions:
        if action["type"] == "Action.ShowCard":
            _card(action["card"], read, labels, fields if not action["card"].get("actions") else {}, [])
            inner = action["card"].get("actions", ())
            if inner and inner[0]["data"].get("reason"):
                labels[action["title"]] = inner[0]["data"]
        else:
            labels[action["title"]] = action["data"]
            if action.get("associatedInputs") == "auto":
                submits.append(action["title"])
