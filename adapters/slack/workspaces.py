"""Which organisation a Slack workspace belongs to. Nothing of one workspace is reachable through another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from knowledge.models import Language


@dataclass(frozen=True)
class Workspace:
    """One installation of the app. `team` is its name in every address, conversation and person of ours."""

    organisation: str
    token: str = field(repr=False)
    team: str = ""  # T…, or E… where the app is installed to a whole Enterprise Grid
    language: Language = Language.SV  # the organisation's first
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    review_channel: str = ""
    reviewers: str = ""  # a user group (S…); empty: the members of the review channel
    enterprise: str = ""
    user: str = ""  # the bot's own user
    bot: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Whether the app was granted a scope; assumed while it is not known."""
        return not self.scopes or scope in self.scopes

    def person(self, user: str) -> str:
        """A person's id over all channels."""
        return f"slack:{self.team}:{user}"

    def conversation(self, channel: str, thread: str = "") -> str:
        """A conversation's id over all channels."""
        return f"slack:{self.team}:{channel}" + (f":{thread}" if thread else "")


class Workspaces:
    """The workspaces of this installation."""

    def __init__(self, workspaces: Iterable[Workspace]) -> None:
        self._all = list(workspaces)
        self._refused: set[str] = set()  # tokens that Slack does not know
        named = [w.team for w in self._all if w.team]
        if len(set(named)) != len(named):
            raise ValueError("two Slack workspaces of one team id: each team belongs to one organisation")

    def __iter__(self) -> Iterator[Workspace]:
        return iter(list(self._all))

    @property
    def settled(self) -> bool:
        """Whether Slack has said whose every token is; until then, an unknown workspace may yet turn out to be ours."""
        return all(w.team or w.token in self._refused for w in self._all)

    def named(self, workspace: Workspace) -> bool:
        """Whether Slack has said who the bot is, without which a call for it cannot be told from other words."""
        return bool(workspace.user) or workspace.token in self._refused

    @property
    def learned(self) -> bool:
        """Whether Slack has said of every token what it will say."""
        return all(self.named(w) for w in self._all)

    def refuse(self, workspace: Workspace) -> None:
        """Slack does not know the workspace's token: nothing will come from it."""
        self._refused.add(workspace.token)

    def of(self, teams: Iterable[str]) -> Workspace | None:
        """The workspace that one of the ids names: a team's own before its enterprise's."""
        ids = [team for team in teams if team]
        return next((w for team in ids for w in self._all if w.team == team), None)

    def of_organisation(self, organisation: str) -> Workspace | None:
        """The (first) workspace of an organisation."""
        return next((w for w in self._all if w.organisation == organisation), None)

    def learn(self, workspace: Workspace, **known: object) -> Workspace:
        """Keeps what Slack said of a workspace; what was configured stays as it is."""
        learned = replace(workspace, **{k: v for k, v in known.items() if v and not getattr(workspace, k)})  # type: ignore[arg-type]
        self._all[self._all.index(workspace)] = learned
        return learned
