"""Activities as incoming messages: what is said, pressed, attached and named; everything else is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams import html
from adapters.teams.payload import conversation, tenant
from adapters.teams.press import press
from adapters.teams.read import asked_about, read, searched
from bot.messages import File, Incoming, Person
from knowledge.models import Language
from tests.fakes.teams import ANNA, BOT, TENANT, activity, execute, in_channel

URL = "https://smba.example/teams/"


def taken(given: dict[str, Any]) -> Incoming:
    """The message in an activity that holds one."""
    found = read(given, "hango")
    assert found is not None
    return found


def editor(content: str, **given: Any) -> dict[str, Any]:
    """A message as Teams' editor sends it: the text flattened, and the HTML beside it."""
    return activity(URL, text="flat", attachments=[{"contentType": "text/html", "content": content}], **given)


def test_a_personal_message() -> None:
    found = taken(activity(URL, text="Får jag publicera?", textFormat="plain"))
    assert found.text == "Får jag publicera?"
    assert found.organisation == "hango"
    assert found.conversation == f"teams:{TENANT}:a:1anna"
    assert found.person == Person(f"teams:{TENANT}:aad-anna", "Anna Åkesson")
    assert found.private
    assert found.language is Language.SV
    assert found.address["reference"]["conversation"]["tenantId"] == TENANT
    assert found.address["reference"]["serviceUrl"] == URL
    assert found.address["reference"]["bot"] == BOT


def test_the_same_activity_is_the_same_event() -> None:
    one = activity(URL, text="a")
    assert taken(one).event == taken(dict(one)).event
    assert taken(one).event != taken(activity(URL, text="a")).event
    assert len(taken(activity(URL, text="a", id="x" * 500)).event or "") < 60


@pytest.mark.parametrize(
    ("locale", "language"),
    [("sv-SE", "sv"), ("fi-FI", "fi"), ("en-US", "en"), ("de-DE", None), ("", None), (7, None)],
)
def test_the_language_of_teams(locale: Any, language: str | None) -> None:
    found = taken(activity(URL, text="a", locale=locale, entities=[]))
    assert found.language == (Language(language) if language else None)


def test_a_person_without_a_directory_id_has_the_id_of_teams() -> None:
    found = taken(activity(URL, text="a", **{"from": {"id": "29:x", "name": "X"}}))
    assert found.person == Person(f"teams:{TENANT}:29:x", "X")


def test_the_tenant_is_the_channels_not_the_models() -> None:
    assert tenant(activity(URL, channelData={"tenant": {"id": "guest-of"}})) == "guest-of"
    assert tenant(activity(URL, channelData={})) == TENANT
    assert read(activity(URL, text="a", channelData={}, conversation={"id": "c"}), "hango") is None


def test_a_very_long_conversation_id_fits_the_store() -> None:
    assert len(conversation(TENANT, "a:" + "x" * 900)) < 255
    assert conversation(TENANT, "a:" + "x" * 900) != conversation(TENANT, "a:" + "x" * 901)


# -- mentions --------------------------------------------------------------------------------------------------------


def test_a_mention_in_a_channel() -> None:
    found = taken(in_channel(URL, "får jag publicera?"))
    assert found.text == "får jag publicera?"
    assert not found.private
    assert found.conversation.endswith("19:general@thread.tacv2;messageid=1")


def test_without_a_mention_a_channel_is_none_of_our_business() -> None:
    assert read(in_channel(URL, "x") | {"entities": [], "text": "hej"}, "hango") is None


def test_a_mention_in_the_editor_is_removed_and_others_stay() -> None:
    content = (
        '<p><span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">Someguide</span>&nbsp;'
        'chefen är <span itemtype="http://schema.skype.com/Mention" itemid="1">Sofia Berg</span>, ok?</p>'
    )
    mentions = [
        {"type": "mention", "mentioned": BOT, "text": "<at>Someguide</at>"},
        {"type": "mention", "mentioned": {"id": "29:sofia", "name": "Sofia Berg"}, "text": "<at>Sofia Berg</at>"},
    ]
    found = taken(editor(content, entities=mentions, conversation={"id": "19:x", "conversationType": "groupChat"}))
    assert found.text == "chefen är Sofia Berg, ok?"
    assert found.mentions == (Person(f"teams:{TENANT}:29:sofia", "Sofia Berg"),)


def test_words_that_only_look_like_a_mention_stay() -> None:
    assert taken(activity(URL, text="if a <b and c> d")).text == "if a <b and c> d"
    assert taken(activity(URL, text="<at>Someguide</at> hej", entities=[])).text == "Someguide hej"


def test_only_a_mention_is_a_message_too() -> None:
    assert taken(in_channel(URL, "")).text == ""


# -- the editor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Hej</p><p>&nbsp;</p><p>rad&nbsp;två</p>", "Hej\n\nrad två"),
        ("<div>a<br>b<br/>c</div>", "a\nb\nc"),
        ("<ul><li>ett</li><li>två</li></ul><ol><li>x</li><li>y</li></ol>", "– ett\n– två\n\n1. x\n2. y"),
        ("<p>kiva <emoji id='smile' alt='🙂' title='Smile'></emoji></p>", "kiva 🙂"),
        ('<p>ok <img alt="👍" itemtype="http://schema.skype.com/Emoji" src="https://x"></p>', "ok 👍"),
        ('<p><a href="https://a.fi/b">https://a.fi/b</a></p>', "https://a.fi/b"),
        ('<p><a href="https://a.fi/b">vår sida</a></p>', "vår sida (https://a.fi/b)"),
        ('<p><a href="javascript:alert(1)">klicka</a></p>', "klicka"),
        ("<p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3"),
        ("<script>alert(1)</script><style>p{}</style><p>x</p>", "x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<pre>kod</pre>", "kod"),
        (
            '<blockquote itemtype="http://schema.skype.com/Reply"><b>Bo</b><p>Kom!</p></blockquote><p>Får jag?</p>',
            "Får jag?",
        ),
        (
            '<blockquote itemtype="http://schema.skype.com/Reply"><p>Får jag lägga ut?</p></blockquote>',
            "Får jag lägga ut?",
        ),
        ("<blockquote><p>citat</p></blockquote><p>mitt</p>", "citat\n\nmitt"),
        ('<attachment id="1"></attachment><p>x</p>', "x"),
    ],
)
def test_what_the_editor_sends_is_read_as_what_it_means(content: str, text: str) -> None:
    assert taken(editor(content)).text == text


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<li>",
                "<ol>",
                "</ol>",
                "<at>",
                "<a href='x'>",
                "</a>",
                "<blockquote>",
                "</blockquote>",
                "<!--",
                "<![CDATA[",
                "&#xd800;",
                "&nbsp",
                "x",
                "<",
                ">",
            ]
        )
    ).map("".join)
)
def test_any_html_gives_words(content: str) -> None:
    words, pictures = html.read(content, ["x"])
    words.encode("utf-8")
    assert pictures >= 0


# -- presses ---------------------------------------------------------------------------------------------------------


def test_a_press_by_execute_and_by_submit_is_the_same() -> None:
    data = {
        "action": "s:1:put:unit",
        "language": "fi",
        "thing": "k",
        "f_unit": " Päiväkoti ",
        "f_often": 3,
        "f_ok": True,
    }
    for sent in (execute(URL, data), activity(URL, value=data)):
        found = taken(sent)
        assert found.choice == "s:1:put:unit"
        assert found.language is Language.FI
        assert found.form == {"unit": "Päiväkoti", "often": "3", "ok": "true"}
        assert found.text == ""


def test_a_choice_of_several_is_a_list() -> None:
    found = taken(execute(URL, {"action": "a", "lists": ["f_g"], "f_g": "x,y", "f_t": "x,y"}))
    assert found.form == {"g": ["x", "y"], "t": "x,y"}
    assert taken(execute(URL, {"action": "a", "lists": ["f_g"], "f_g": ""})).form == {"g": []}


def test_a_picked_entry_is_the_action() -> None:
    assert taken(execute(URL, {"action": "", "pick": "pick_1", "pick_1": "flow:x"})).choice == "flow:x"
    assert read(execute(URL, {"action": "", "pick": "pick_1"}), "hango") is None


def test_a_reason_comes_along() -> None:
    found = taken(execute(URL, {"action": "r:1:reject", "reason": "reason_2", "reason_2": "för kort"}))
    assert found.form == {"reason": "för kort"}


def test_a_suggestion_is_what_it_says() -> None:
    found = taken(execute(URL, {"say": "Får jag?", "language": "sv"}))
    assert (found.text, found.choice) == ("Får jag?", None)


def test_a_dialogs_press() -> None:
    sent = activity(URL, "invoke", name="task/submit", value={"data": {"action": "a", "f_x": "1"}})
    assert taken(sent).form == {"x": "1"}


def test_an_action_is_never_longer_than_the_store_takes() -> None:
    found = press(execute(URL, {"action": "x" * 9000, "thing": "y" * 9000}))
    assert found is not None
    assert (len(found.action), len(found.key)) == (255, 255)


# -- files -----------------------------------------------------------------------------------------------------------


def test_files_are_known_by_name_only() -> None:
    attachments = [
        {
            "contentType": "application/vnd.microsoft.teams.file.download.info",
            "name": "klassen.jpg",
            "contentUrl": "https://secret",
            "content": {"downloadUrl": "https://secret", "fileType": "jpg"},
        },
        {"contentType": "image/*", "contentUrl": "https://secret"},
        {"contentType": "text/html", "content": "<p>Får jag?</p>"},
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": {}},
    ]
    found = taken(activity(URL, text="Får jag?", attachments=attachments))
    assert found.files == (File("klassen.jpg", "image/jpeg"), File("image", "image/png"))
    assert found.text == "Får jag?"


def test_a_pasted_picture_is_a_file() -> None:
    assert taken(editor('<p>ok?</p><img src="https://x/y" alt="image">')).files == (File("image", "image/png"),)


# -- what is no message, and installations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["messageUpdate", "messageDelete", "messageReaction", "typing", "event", "endOfConversation", "trace", "x", ""],
)
def test_what_is_no_message_is_nothing(kind: str) -> None:
    assert read(activity(URL, kind, text="hej"), "hango") is None


def test_what_a_bot_says_is_nothing() -> None:
    assert read(activity(URL, text="hej", **{"from": BOT}), "hango") is None
    assert read(activity(URL, text="hej", **{"from": ANNA | {"role": "bot"}}), "hango") is None


def test_an_installation_is_welcomed_once() -> None:
    one = taken(activity(URL, "installationUpdate", action="add"))
    two = taken(activity(URL, "conversationUpdate", membersAdded=[ANNA, BOT]))
    assert one.event == two.event
    assert one.text == "hej"
    assert taken(activity(URL, "installationUpdate", action="add", locale="fi-FI")).text == "hei"
    for sent in (
        activity(URL, "installationUpdate", action="remove"),
        activity(URL, "installationUpdate", action="add-upgrade"),
        activity(URL, "conversationUpdate", membersAdded=[ANNA]),
        activity(URL, "conversationUpdate", membersRemoved=[BOT]),
        activity(URL, "conversationUpdate", channelData={"tenant": {"id": TENANT}, "eventType": "teamRenamed"}),
    ):
        assert read(sent, "hango") is None


def test_where_nobody_has_a_language_the_organisation_has_one() -> None:
    sent = activity(URL, "conversationUpdate", membersAdded=[BOT], locale="", entities=[])
    found = read(sent, "aanekoski", Language.FI)
    assert found is not None
    assert (found.text, found.language) == ("hei", None)


# -- the compose box -------------------------------------------------------------------------------------------------


def test_the_compose_box() -> None:
    assert searched(activity(URL, value={"parameters": [{"name": "query", "value": " bild "}]})) == "bild"
    assert searched(activity(URL, value={"parameters": [{"name": "initialRun", "value": "true"}]})) == ""
    body = {"contentType": "html", "content": "<p>Får <b>jag</b>?</p>"}
    assert asked_about(activity(URL, value={"messagePayload": {"body": body}})) == "Får jag?"
    body = {"contentType": "text", "content": "a < b"}
    assert asked_about(activity(URL, value={"messagePayload": {"body": body}})) == "a < b"


# -- anything --------------------------------------------------------------------------------------------------------

NAMES = [
    *("type", "id", "name", "text", "value", "action", "data", "conversation", "channelData", "tenant", "from"),
    *("recipient", "entities", "attachments", "contentType", "content", "mentioned", "membersAdded", "locale", "lists"),
    *("pick", "reason", "conversationType", "isGroup", "team", "serviceUrl", "textFormat", "verb", "parameters"),
    *("messagePayload", "body", "f_x", "say", "aadObjectId", "thing", "language"),
    *("file", "p_x", "held", "uploadInfo", "uploadUrl", "context", "downloadUrl", "contentUrl", "replyToId"),
]
WORDS = st.sampled_from(
    [
        *("message", "invoke", "installationUpdate", "conversationUpdate", "add", "personal", "text/html", "mention"),
        *("<at>x</at>", "image/*", "task/submit", "\ud800", "sv", "f_x"),
        "application/vnd.microsoft.teams.file.download.info",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=30,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=12))
def test_anything_is_a_message_or_nothing(sent: dict[str, Any]) -> None:
    whole = activity(URL) | sent
    for tried in (sent, whole, whole | {"type": "message"}, whole | {"type": "invoke"}):
        found = read(tried, "hango")
        assert found is None or isinstance(found, Incoming)
        if found is not None:
            assert len(found.conversation) <= 255
            assert len(found.event or "") <= 255
            assert found.person is None or len(found.person.id) <= 255
            (found.text + (found.choice or "")).encode("utf-8")
        searched(tried)
        asked_about(tried)
