"""The fake Slack's Web API: what each method does, and which of Slack's errors it raises (`Error`)."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes import slack_limits
from tests.fakes.slack_world import APP, Channel, Error, Team, World


class Methods(World):
    """A method of Slack's, such as chat.postMessage, is a method here: `_chat_postMessage`."""

    # -- methods: who we are -------------------------------------------------------------------------------------------

    def _auth_test(self, team: Team, _: dict[str, Any]) -> dict[str, Any]:
        named: dict[str, Any] = {"enterprise_id": team.enterprise} if team.enterprise else {}
        ids = {"team_id": team.id, "user_id": team.bot, "bot_id": team.bot_id}
        named |= {"is_enterprise_install": team.of_all}
        return {"url": "https://x.slack.com/", "team": "Kommunen", "user": "someguide", **ids, **named}

    def _apps_connections_open(self, _: None, __: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http", "ws") + "/link"}

    def _users_info(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "users:read")
        user = self.users.get(str(arguments.get("user")))
        if user is None:
            raise Error("user_not_found")
        shown = dict(user)
        if str(arguments.get("include_locale")).lower() not in ("true", "1"):
            shown.pop("locale", None)
        return {"user": shown}

    def _usergroups_users_list(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "usergroups:read")
        if arguments.get("usergroup") not in self.usergroups:
            raise Error("no_such_subteam")
        return {"users": self.usergroups[arguments["usergroup"]]}

    @staticmethod
    def _needs(team: Team, scope: str) -> None:
        if scope not in team.scopes.split(","):
            raise Error("missing_scope")

    # -- methods: conversations ----------------------------------------------------------------------------------------

    def _conversations_open(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "im:write")
        user = self.users.get(str(arguments.get("users")))
        if user is None or user["team_id"] != team.id:
            raise Error("user_not_found")
        if user.get("is_bot"):
            raise Error("cannot_dm_bot")
        if user.get("deleted"):
            raise Error("user_disabled")
        return {"channel": {"id": self.private(user["id"], team.id).id}}

    def _conversations_info(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        member = team.bot in channel.members or bool(channel.user)
        return {
            "channel": {"id": channel.id, "name": channel.name, "is_archived": channel.archived, "is_member": member}
        }

    def _conversations_members(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        limit, start = int(arguments.get("limit") or 100), int(arguments.get("cursor") or 0)
        more = str(start + limit) if start + limit < len(channel.members) else ""
        return {
            "members": channel.members[start : start + limit],
            "response_metadata": {"next_cursor": more},
        }

    def _conversations_history(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        top = [m for m in channel.messages if m.get("thread_ts", m["ts"]) == m["ts"]]
        return {"messages": top[::-1][: int(arguments.get("limit") or 100)]}

    def _conversations_replies(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        found = [m for m in channel.messages if arguments.get("ts") in (m["ts"], m.get("thread_ts"))]
        if not found:
            raise Error("thread_not_found")
        return {"messages": found[: int(arguments.get("limit") or 1000)]}

    def _channel(self, team: Team, arguments: dict[str, Any]) -> Channel:
        channel = self.channels.get(str(arguments.get("channel") or arguments.get("channel_id")))
        if channel is None or channel.team != team.id:
            raise Error("channel_not_found")
        return channel

    # -- methods: messages ---------------------------------------------------------------------------------------------

    def _chat_postMessage(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._writable(team, arguments)
        if self.strict_pace and time.time() - self._posted.get(channel.id, 0.0) < 0.98:
            raise Error("ratelimited")
        self._check_message(arguments)
        self._posted[channel.id] = time.time()
        message = {"type": "message", "user": team.bot, "bot_id": team.bot_id, "ts": self.ts()}
        message |= {k: arguments[k] for k in ("text", "blocks", "thread_ts") if k in arguments}
        if "thread_ts" in arguments and channel.message(arguments["thread_ts"]) is None and not channel.user:
            raise Error("thread_not_found")
        root = channel.message(str(arguments.get("thread_ts")))
        if root is not None:
            root["thread_ts"] = root["ts"]  # as Slack does, once a message has replies
        channel.messages.append(message)
        self.threads.get((channel.id, str(arguments.get("thread_ts"))), {}).pop("status", None)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_update(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._writable(team, arguments)
        message = channel.message(str(arguments.get("ts")))
        if message is None:
            raise Error("message_not_found")
        if message.get("user") != team.bot:
            raise Error("cant_update_message")
        self._check_message(arguments)
        message |= {k: arguments[k] for k in ("text", "blocks") if k in arguments}
        message["edited"] = {"user": team.bot, "ts": self.ts()}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}

    def _chat_delete(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._writable(team, arguments)
        message = channel.message(str(arguments.get("ts")))
        if message is None:
            raise Error("message_not_found")
        channel.messages.remove(message)
        return {"channel": channel.id, "ts": message["ts"]}

    def _chat_postEphemeral(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._writable(team, arguments)
        if arguments.get("user") not in channel.members:
            raise Error("user_not_in_channel")
        self._check_message(arguments)
        self.ephemerals.append({**arguments, "ts": self.ts()})
        return {"message_ts": self.ephemerals[-1]["ts"]}

    def _writable(self, team: Team, arguments: dict[str, Any]) -> Channel:
        self._needs(team, "chat:write")
        channel = self._channel(team, arguments)
        if channel.archived:
            raise Error("is_archived")
        if channel.user and self.users[channel.user].get("deleted"):
            raise Error("account_inactive")
        if not channel.user and team.bot not in channel.members:
            raise Error("not_in_channel")
        return channel

    def _check_message(self, arguments: dict[str, Any]) -> None:
        wrong = slack_limits.message(arguments)
        if wrong:
            self.problems += wrong
            long = any("msg_blocks_too_long" in w for w in wrong)
            raise Error("msg_blocks_too_long" if long else "invalid_blocks")

    # -- methods: views ------------------------------------------------------------------------------------------------

    def _views_open(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self._use(arguments)
        self.stacks[user] = []
        return self._shown(team, user, arguments)

    def _views_push(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self._use(arguments)
        if len(self.stacks.get(user, [])) >= 3:
            raise Error("push_limit_reached")
        return self._shown(team, user, arguments)

    def _views_update(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        wanted = arguments.get("view_id")
        if not wanted and arguments.get("external_id"):
            external = arguments["external_id"]
            wanted = next((v["id"] for v in self.views.values() if v.get("external_id") == external), None)
        view = self.views.get(str(wanted))
        if view is None or not any(view["id"] in stack for stack in self.stacks.values()):
            raise Error("not_found")
        if arguments.get("hash") and arguments["hash"] != view["hash"]:
            raise Error("hash_conflict")
        return {"view": self._change(view, self._check_view(arguments))}

    def _views_publish(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("user_id") not in self.users:
            raise Error("user_not_found")
        view = self._check_view(arguments)
        if view.get("type") != "home":
            raise Error("invalid_arguments")
        shown = self._view(team, view)
        self.homes[(team.id, arguments["user_id"])] = shown
        return {"view": shown}

    def _use(self, arguments: dict[str, Any]) -> str:
        trigger = self._triggers.get(str(arguments.get("trigger_id")))
        if trigger is None:
            raise Error("invalid_trigger")
        if trigger[2]:
            raise Error("exchanged_trigger_id")
        if trigger[1] < time.time():
            raise Error("expired_trigger_id")
        trigger[2] = True
        return str(trigger[0])

    def _shown(self, team: Team, user: str, arguments: dict[str, Any]) -> dict[str, Any]:
        view = self._view(team, self._check_view(arguments))
        self.stacks.setdefault(user, []).append(view["id"])
        return {"view": view}

    def _view(self, team: Team, view: dict[str, Any]) -> dict[str, Any]:
        number = next(self._count)
        made = {"private_metadata": "", "callback_id": "", **view, "id": f"V{number}", "hash": f"{number}.h"}
        made |= {"team_id": team.id, "app_id": APP, "bot_id": team.bot_id, "state": {"values": {}}}
        self.views[made["id"]] = made
        return made

    def _change(self, view: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        kept = {k: view[k] for k in ("id", "team_id", "app_id", "bot_id", "state")}
        view.clear()
        view.update({"private_metadata": "", "callback_id": "", **new, **kept, "hash": f"{next(self._count)}.h"})
        return view

    def _check_view(self, arguments: dict[str, Any]) -> dict[str, Any]:
        view = arguments.get("view")
        wrong = slack_limits.view(view) if isinstance(view, dict) else ["no view"]
        if wrong:
            self.problems += wrong
            raise Error("invalid_arguments")
        assert isinstance(view, dict)
        return view

    def modal(self, user: str) -> dict[str, Any] | None:
        """The window that a person sees."""
        stack = self.stacks.get(user)
        return self.views[stack[-1]] if stack else None

    # -- methods: files and assistant ----------------------------------------------------------------------------------

    def _files_getUploadURLExternal(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._needs(team, "files:write")
        name = f"F{next(self._count)}"
        self.files[name] = {"id": name, "name": arguments.get("filename"), "length": int(arguments["length"])}
        return {"upload_url": f"{self.url}/upload/{name}", "file_id": name}

    def _files_info(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "files:read")
        if arguments.get("file") not in self.files:
            raise Error("file_not_found")
        return {"file": self.files[arguments["file"]]}

    def _files_completeUploadExternal(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for file in arguments["files"]:
            if len(self.contents.get(file["id"], b"")) != self.files[file["id"]]["length"]:
                raise Error("file_not_found")
            self.files[file["id"]] |= {k: arguments.get(k) for k in ("channel_id", "thread_ts")}
        return {"files": arguments["files"]}

    def _assistant_threads_setSuggestedPrompts(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        if not 1 <= len(arguments["prompts"]) <= 4:
            raise Error("invalid_arguments")
        self._assistant(team, arguments)["prompts"] = arguments["prompts"]

    def _assistant_threads_setStatus(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._assistant(team, arguments)["status"] = arguments["status"]

    def _assistant_threads_setTitle(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._assistant(team, arguments)["title"] = arguments["title"]

    def _assistant(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "assistant:write")
        key = (str(arguments.get("channel_id")), str(arguments.get("thread_ts")))
        return self.threads.setdefault(key, {})
