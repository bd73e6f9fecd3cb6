"""What a worker asks of the database for each message, written down from the server's log, and the same as scripts for pgbench.

One passenger's messages are handled while Postgres logs every statement with its values. In the scripts the passenger, the
MessageSid, the ids of replies, the fence and the like are pgbench's variables, so that clients repeat it for many passengers;
all else is as it was.
"""
import collections
import dataclasses
import re

import stock
from ground import Ground
from handling import Provider, handle
from plan import Failure

ENTRY = re.compile(r"^@(\d+) (\S+) LOG:  execute \S+: (.*?)\n@\1 \2 DETAIL:  parameters: (.*?)$(?=\n@|\Z)", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
# Of pgbench's variables: who writes, and a number that no other message of a database has.
WHO, MESSAGE = ":who", ":message"


@dataclasses.dataclass
class Unit:
    """One transaction: its statements, each with its values as literals."""

    statements: list[tuple[str, list[str]]]

    @property
    def writes(self) -> bool:
        """Whether its end waits for the disk."""
        words = " ".join(text for text, _ in self.statements)
        return bool(re.search(r"\b(INSERT|UPDATE|DELETE|take_turn|take_known_turn|outbox_append)\b", words))


def record(ground: Ground, provider: Provider, run: int, seed: int, passenger: int) -> list[list[Unit]]:
    """The units of each message of the course, which one passenger says once."""
    # Two reloads: what is to be logged is the server's own setting, not a connection's.
    logged = {"log_statement": "all", "log_line_prefix": "@%p %v "}
    for name, value in logged.items():
        ground.sql(f"ALTER SYSTEM SET {name} = '{value}'")
    ground.sql("SELECT pg_reload_conf()")
    start = ground.postgres_server.log.stat().st_size
    stock.fill(ground, stock.conversations(run, len(stock.COURSE), 1, seed))
    handle(ground, provider, len(stock.COURSE))
    for name in logged:
        ground.sql(f"ALTER SYSTEM RESET {name}")
    ground.sql("SELECT pg_reload_conf()")
    with ground.postgres_server.log.open("rb") as log:
        log.seek(start)
        text = log.read().decode(errors="replace").replace("\n\t", "\n")
    return sorted_by_message(ground, run, text)


def sorted_by_message(ground: Ground, run: int, text: str) -> list[list[Unit]]:
    """Which transactions belong to which message: those that name it or one of its replies."""
    units: dict[tuple[str, str], Unit] = collections.defaultdict(lambda: Unit([]))
    for process, transaction, statement, values in ENTRY.findall(text):
        units[process, transaction].statements.append((statement, [value for _, value in VALUE.findall(values)]))
    found = []
    for index in range(len(stock.COURSE)):
        sid = stock.sid_of(run, index)
        names = {sid, *ground.sql(f"SELECT id FROM outbound_messages WHERE in_reply_to = '{sid}'").split()}
        mine = [unit for unit in units.values() if any(value.strip("'") in names for _, values in unit.statements for value in values)]
        if not any(unit.writes for unit in mine):
            raise Failure(f"nothing in Postgres' log is about {sid}: {ground.postgres_server.log}")
        found.append(mine)
    return found


def replacements(ground: Ground, run: int, index: int, seed: int, passenger: int) -> dict[str, str]:
    """The values of one message, and what takes their place."""
    sid, phone = stock.sid_of(run, index), stock.number(seed, passenger)
    number = f"lpad(to_hex(({MESSAGE})::bigint), 32, '0')"
    sender = f"'whatsapp:' || {stock.phone_number(seed, WHO)}"
    latest = f"SELECT sequence FROM inbound_messages WHERE sender = {sender} AND processed_at IS NOT NULL ORDER BY sequence DESC LIMIT 1"
    found = {
        sid: f"('SM' || {number})", phone: stock.phone_number(seed, WHO), "whatsapp:" + phone: f"({sender})",
        ground.sql(f"SELECT id FROM users WHERE sender = 'whatsapp:{phone}'"): stock.user_id(WHO)}
    row = ground.sql(f"SELECT fence, correlation_id, sequence FROM inbound_messages WHERE message_sid = '{sid}'").split()
    before = ground.sql(f"SELECT max(sequence) FROM inbound_messages WHERE sender = 'whatsapp:{phone}' AND sequence < {row[2]}")
    # The fence grows with every message, and none is as high as that of a real one.
    found |= {row[0]: f"(10000000000000000 + ({MESSAGE})::bigint)", row[1]: number, before: f"({latest})"}
    replies = ground.sql(f"SELECT id, provider_sid FROM outbound_messages WHERE in_reply_to = '{sid}' ORDER BY position")
    for place, (identity, provider) in enumerate(line.split() for line in replies.splitlines()):
        found[identity] = f"overlay({number} placing '{place}' from 1)::uuid"
        found[provider] = f"('SM' || overlay({number} placing 'a{place}' from 1))"
    return found


def script(units: list[Unit], values: dict[str, str]) -> str:
    """The units of one message for pgbench: each one pipeline, as the worker sends it."""
    lines = ["\\set turn :turn + 1", "\\set who :client_id * :share + :turn % :share", "\\set message :client_id * 100000000 + :turn"]
    for unit in units:
        lines.append("\\startpipeline")
        for text, literals in unit.statements:
            given = [values.get(literal.strip("'"), literal) for literal in literals]
            if "outbox_append" in text:
                # Which shard of the log: of everybody's own, that clients do not wait for each other more than workers do.
                given[1] = f"(({WHO})::bigint % 64)::integer"
                given[2] += "::text"
            lines.append(re.sub(r"\$(\d+)", lambda match: given[int(match[1]) - 1], text) + ";")
        lines.append("\\endpipeline")
    return "\n".join(lines) + "\n"


def scripts(ground: Ground, recorded: list[list[Unit]], run: int, seed: int, passenger: int) -> list[str]:
    """One script for each message of the course."""
    return [script(units, replacements(ground, run, index, seed, passenger)) for index, units in enumerate(recorded)]
