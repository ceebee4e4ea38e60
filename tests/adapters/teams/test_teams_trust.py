"""Tokens that were found good are not looked at again for some minutes; what was not is looked at every time."""

from __future__ import annotations

import asyncio
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams import keys, tokens
from adapters.teams.contract import Refused
from adapters.teams.payload import address
from adapters.teams.tokens import OwnToken, Trusted
from adapters.teams.wire import BotFramework
from tests.fakes.teams import Credentials, FakeTeams, activity


async def test_a_good_token_is_looked_at_once(
    fake: FakeTeams, sdk: BotFramework, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = activity(fake.url)
    token = fake.token(sent)
    await sdk.verify(token, sent)

    async def looked(*_: object) -> None:
        raise Refused(401, "looked at")

    monkeypatch.setattr(sdk, "_check", looked)
    for _ in range(3):
        await sdk.verify(token, activity(fake.url, text="another"))
    for other in (
        activity("https://evil.example"),  # good for one service is good for no other
        activity(fake.url, channelId="webchat"),
        activity(fake.url, channelId=None),
        activity(fake.url, serviceUrl=f"{fake.url}\n"),
    ):
        with pytest.raises(Refused):
            await sdk.verify(token, other)
    with pytest.raises(Refused, match="looked at"):
        await sdk.verify(fake.token(sent, nbf=int(time.time()) - 20), sent)
    with pytest.raises(Refused):
        await sdk.verify(token + "x", sent)


async def test_a_wrong_token_never_becomes_a_good_one(fake: FakeTeams, sdk: BotFramework) -> None:
    sent = activity(fake.url)
    wrong = fake.token(sent, key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    for _ in range(3):
        with pytest.raises(Refused):
            await sdk.verify(wrong, sent)


async def test_a_token_is_good_for_no_longer_than_it_holds(
    fake: FakeTeams, sdk: BotFramework, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.time()]
    monkeypatch.setattr(tokens, "time", lambda: now[0])
    sent, trusted = activity(fake.url), Trusted()
    for lasts, known in ((120, 100), (7200, tokens.TRUSTED - 1)):
        token = fake.token(sent, exp=int(now[0]) + lasts)
        trusted.add(token, "msteams", fake.url)
        began = now[0]
        now[0] = began + known
        assert trusted.knows(token, "msteams", fake.url)
        now[0] = began + min(lasts, tokens.TRUSTED) + 1
        assert not trusted.knows(token, "msteams", fake.url)
    trusted.add("Bearer garbage", "msteams", fake.url)
    assert not trusted.knows("Bearer garbage", "msteams", fake.url)


async def test_new_keys_mean_a_new_look(fake: FakeTeams, sdk: BotFramework) -> None:
    """A key that Microsoft has withdrawn opens nothing any more, also for tokens that were good."""
    sent = activity(fake.url)
    token = fake.token(sent)
    await sdk.verify(token, sent)
    fake.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    await sdk.keys()
    with pytest.raises(Refused):
        await sdk.verify(token, sent)
    await sdk.verify(fake.token(sent), sent)


async def test_while_keys_cannot_be_fetched_those_of_before_serve(
    fake: FakeTeams, sdk: BotFramework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And they are not asked for with every message."""
    sent, now = activity(fake.url), [time.monotonic()]
    await sdk.verify(fake.token(sent), sent)
    monkeypatch.setattr(keys, "monotonic", lambda: now[0])
    now[0] += keys.LAST + 1
    fake.keys_down = True
    for number in range(5):
        await sdk.verify(fake.token(sent, nbf=int(time.time()) - 20 - number), sent)
    assert fake.key_calls == 2
    now[0] += keys.PAUSE + 1
    fake.keys_down = False
    await sdk.verify(fake.token(sent, nbf=int(time.time()) - 60), sent)
    assert fake.key_calls == 3


async def test_a_refused_token_is_renewed_once_for_all() -> None:
    credentials = Credentials()
    own = OwnToken(credentials)
    first = await own.get()
    found = await asyncio.gather(*(own.get(refused=first) for _ in range(20)))
    assert set(found) == {"token-2"}
    assert credentials.asked == 2


async def test_many_sends_renew_a_refused_token_once(
    fake: FakeTeams, sdk: BotFramework, credentials: Credentials
) -> None:
    where, said = address(activity(fake.url)), {"type": "message", "text": "hej"}
    await sdk.send(where, said)
    fake.wanted_token = "token-2"
    await asyncio.gather(*(sdk.send(where, said) for _ in range(10)))
    assert credentials.asked == 2
