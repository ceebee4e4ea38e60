"""The tables. Times are seconds since 1970 (UTC); every row belongs to an organisation and is reached through it only.

Personal data is kept where the job needs it and nowhere else: who a session, a request and a destination belong to.
Questions that were not answered are kept without the person. Migrations in `migrations/versions` make these tables; a
test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("organisation", String(60), primary_key=True),
    Column("person", String(255), primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("language", String(2)),
    Column("conversation", String(255)),  # their private one, by which they can be reached
    Column("address", JSON),
    Column("seen_at", Float, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("organisation", String(60), primary_key=True),
    Column("conversation", String(255), primary_key=True),
    Column("language", String(2)),  # chosen here by "in Finnish"
    Column("answered_in", String(2)),
    Column("offered", JSON, nullable=False),  # topics and labels of the last choices
    Column("asked", JSON),  # the last question and what was said to it, so that it can be handed over with one press
    Column("seen_at", Float, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("event", String(255), primary_key=True),
    Column("deliveries", JSON, nullable=False),  # ids of the outbox rows that answered it
    Column("at", Float, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("person", String(255), nullable=False),
    Column("conversation", String(255), nullable=False),
    Column("flow", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("state", String(20), nullable=False),
    Column("answers", JSON, nullable=False),  # step -> {"value": …, "written": …}
    Column("turn", Integer, nullable=False),  # counts what was shown, so that an old button is known
    Column("asking", String(60)),  # the step that was asked last; None at the summary
    Column("pending", JSON),  # what waits for a yes: a text that may be a question, a cancel
    Column("steps", JSON, nullable=False),  # the flow's step ids when last shown, so that a changed flow is known
    Column("request", String(40)),  # the reference of the request it has become, or corrects
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("warned_at", Float),
    Index(
        "ix_sessions_open",
        "organisation",
        "person",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index("ix_sessions_person", "organisation", "person"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("conversation", String(255), nullable=False),  # messages of one conversation keep their order
    Column("address", JSON, nullable=False),
    Column("message", JSON, nullable=False),
    Column("key", String(255)),  # what the message shows, where a newer one takes its place
    Column("once", String(36), nullable=False),  # the delivery's own name, for platforms that refuse a second of it
    Column("request", String(40)),  # the request that it tells of, for `reconcile`
    Column("purpose", String(40), nullable=False),  # reply, review-card, receipt, approval, decision, …
    Column("state", String(20), nullable=False),  # waiting, sent, replaced, parked
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Float, nullable=False),
    Column("leased_until", Float),
    Column("leased_by", Integer),  # the process that sends it (bot.store.presence); None: only time tells
    Column("error", Text),
    Column("reference", JSON),  # what the platform called the message
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Index("ix_outbox_waiting", "state", "due_at"),
    Index("ix_outbox_key", "organisation", "conversation", "key"),
    Index("ix_outbox_conversation", "conversation", "state"),
    Index("ix_outbox_request", "organisation", "request"),
)

requests = Table(
    "requests",
    metadata,
    Column("organisation", String(60), primary_key=True),
    Column("reference", String(40), primary_key=True),  # NYK-2026-0007
    Column("flow", String(60), nullable=False),
    Column("session", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # of the answers
    Column("revision", Integer, nullable=False),  # counts every change, so that of two at once the first decides
    Column("state", String(20), nullable=False),
    Column("unit", Text, nullable=False, server_default=""),
    Column("language", String(2), nullable=False),
    Column("requester", String(255), nullable=False),
    Column("requester_name", Text, nullable=False, server_default=""),
    Column("approver", String(255)),
    Column("approver_name", Text),
    Column("reviewer", String(255)),
    Column("reviewer_name", Text),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("organisation", "session"),
    Index("ix_requests_state", "organisation", "state"),
    Index("ix_requests_requester", "organisation", "requester"),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("reference", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("what", String(40), nullable=False),
    Column("state", String(20), nullable=False),  # the state that it led to
    Column("person", String(255), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("step", String(60), nullable=False, server_default=""),  # of the flow, that a reviewer's note is on
    Column("answers", JSON),  # questions and answers as they stood, where this made a version
    Column("at", Float, nullable=False),
    Index("ix_history_reference", "organisation", "reference"),
)

numbers = Table(
    "numbers",
    metadata,
    Column("organisation", String(60), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("platform", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("responsible", Text, nullable=False, server_default=""),
    Column("responsible_id", String(255)),  # where the channel knows the person
    Column("publishers", Text, nullable=False, server_default=""),
    Column("substitute", Text, nullable=False, server_default=""),
    Column("opened", String(10), nullable=False, server_default=""),  # YYYY-MM-DD, as far as known
    Column("closed", String(10), nullable=False, server_default=""),
    Column("source", String(255), nullable=False, server_default=""),  # a passage, a request, "import"
    Column("request", String(40)),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("organisation", "platform", "name"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("question", Text, nullable=False),  # with numbers of people taken out, and without the person
    Column("kind", String(20), nullable=False),  # silent, handover, not-helpful
    Column("topic", String(60)),
    Column("answer", Text, nullable=False, server_default=""),  # a reviewer's, for a draft of guidance
    Column("count", Integer, nullable=False, server_default="1"),
    Column("state", String(20), nullable=False),  # open, answered, drafted, closed
    Column("at", Float, nullable=False),
    Index("ix_questions_state", "organisation", "state"),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("question", Text, nullable=False),
    Column("said", Text, nullable=False, server_default=""),
    Column("topic", String(60)),
    Column("state", String(20), nullable=False),  # open, answered
    Column("asker", String(255), nullable=False),  # taken out when answered and told
    Column("conversation", String(255), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address", JSON, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("reviewer", String(255)),
    Column("reviewer_name", Text),
    Column("at", Float, nullable=False),
    Column("answered_at", Float),
    Index("ix_handovers_state", "organisation", "state"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("organisation", String(60), primary_key=True),
    Column("topic", String(60), primary_key=True),
    Column("helpful", Boolean, primary_key=True),
    Column("count", Integer, nullable=False),
)
