"""What a measurement begins with: people whom the database knows, and messages of theirs that wait in the queue."""
import itertools
import time
import urllib.parse

from ground import ACCOUNT, SENDER, Ground

# What one passenger says, in this order, again and again: each has an answer, two of eight write an event too.
COURSE = ("hi", "help", "status", "STOP", "START", "terms", "menu", "status")
# Somebody of whom nothing is stored: they are registered by the first, and asked for a code.
FIRST_WORDS = ("hi", "help", "yes")
INGRESS = "{wa:0}:in"
# Where messages are put that workers are not to see yet.
ASIDE = "{wa:0}:bench"
SEPARATOR = b"\x1f"


def number(seed: int, passenger: int) -> str:
    """The number of a passenger, as the simulator's load makes it: country code 999 is nobody's."""
    return f"+999{seed % 10_000:04d}{passenger:06d}"


def user_id(passenger: str) -> str:
    """SQL for the id of the user whose place in `people` is the SQL `passenger`."""
    return f"('00000000-0000-4000-8000-' || lpad(({passenger})::bigint::text, 12, '0'))::uuid"


def phone_number(seed: int, passenger: str) -> str:
    """SQL for `number`."""
    return f"('+999{seed % 10_000:04d}' || lpad(({passenger})::bigint::text, 6, '0'))"


def people(ground: Ground, seed: int, count: int) -> None:
    """Stores registered people who are in a conversation: each has written once and was answered once."""
    phone = phone_number(seed, "i")
    sid = f"'SM' || md5('heard of ' || {phone})"
    ground.sql(f"""
        INSERT INTO users (id, sender, phone_number, display_name, verified_at, terms_accepted_at, terms_version, last_inbound_at)
        SELECT {user_id("i")}, 'whatsapp:' || {phone}, {phone}, 'Passenger ' || i, now(), now(), '1', now()
          FROM generate_series(0, {count - 1}) i;
        INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, correlation_id, outcome)
        SELECT {sid}, 'whatsapp:' || {phone}, 'message', convert_to('Body=menu&NumMedia=0', 'UTF8'), now(), now(), gen_random_uuid()::text,
               '{{"replies":[],"state":{{"fields":{{}},"name":"menu","version":1}}}}'
          FROM generate_series(0, {count - 1}) i;
        INSERT INTO outbound_messages (in_reply_to, sender, recipient, body, state, attempts, attempted_at, provider_sid)
        SELECT {sid}, 'whatsapp:' || {phone}, 'whatsapp:' || {phone}, 'You are registered.', 'delivered', 1, now(), 'SM' || md5({phone})
          FROM generate_series(0, {count - 1}) i;
        ANALYZE""")


def envelope(sid: str, sender: str, kind: str, body: bytes) -> bytes:
    """An accepted message as ingest queues it (Sources/Common/Queue/Envelope.swift)."""
    head = ("v1", sid, sender, str(time.time_ns() // 1000), f"bench-{sid[-32:]}", kind)
    return SEPARATOR.join(part.encode() for part in head) + SEPARATOR + body


def message(run: int, index: int, passenger: int, seed: int, words: str) -> bytes:
    """The envelope of a passenger's message; run and index make its MessageSid."""
    sid, phone = sid_of(run, index), number(seed, passenger)
    form = [("SmsMessageSid", sid), ("NumMedia", "0"), ("ProfileName", f"Passenger {passenger}"), ("MessageType", "text"),
            ("SmsSid", sid), ("WaId", phone[1:]), ("SmsStatus", "received"), ("Body", words), ("To", SENDER), ("NumSegments", "1"),
            ("ReferralNumMedia", "0"), ("MessageSid", sid), ("AccountSid", ACCOUNT), ("From", "whatsapp:" + phone),
            ("ApiVersion", "2010-04-01")]
    return envelope(sid, "whatsapp:" + phone, "message", urllib.parse.urlencode(form).encode())


def sid_of(run: int, index: int) -> str:
    """The MessageSid of a run's message."""
    return f"SM{run:016x}{index:016x}"


def nothing(run: int, index: int, together: int) -> bytes:
    """A report of a status that says nothing we keep: it is claimed, read and settled like any other, and that is all.

    So many are of each reply (Twilio sends three), and neighbours in the queue, so that one claim takes them all.
    """
    sid = sid_of(run, index)
    body = f"MessageSid={sid}&MessageStatus=receiving&AccountSid={ACCOUNT}".encode()
    return envelope(sid + ":receiving", f"status:00000000-0000-4000-8000-{index // together:012x}", "status", body)


def conversations(run: int, count: int, senders: int, seed: int, course: tuple[str, ...] = COURSE):
    """So many messages: everybody says the course's first word, then everybody the next; neighbours are strangers."""
    for index in range(count):
        turn, place = divmod(index, senders)
        yield message(run, index, scattered(place, senders), seed, course[turn % len(course)])


def scattered(place: int, senders: int) -> int:
    """Somebody else for every place, from all over the table."""
    return place * 999_983 % senders


def fill(ground: Ground, envelopes) -> None:
    """Puts messages aside, for `let_in`."""
    envelopes = iter(envelopes)
    while batch := list(itertools.islice(envelopes, 2000)):
        ground.redis.pipeline([("RPUSH", ASIDE, *batch[first:first + 100]) for first in range(0, len(batch), 100)])


def let_in(ground: Ground) -> None:
    """Has them wait in the queue, all at once and past every limit of ingest's."""
    ground.redis.call("RENAME", ASIDE, INGRESS)
