"""Postgres' own benchmark with the worker's statements: what the database alone allows."""
import re
import subprocess

import servers
from ground import Ground
from handling import Cost
from plan import Failure


def run(ground: Ground, scripts: list[str], clients: int, seconds: float, people: int, first: int) -> Cost:
    """So many clients who each handle one message after the other, as fast as they can; prepared, and with the worker's pipelines.

    `first` is a number above that of every message which earlier runs on this database have written.
    """
    words: list = [
        servers.postgres_programs() / "pgbench", "-h", "127.0.0.1", "-p", ground.postgres_port, "-U", "postgres", "-n", "-M", "prepared",
        "-c", clients, "-j", min(clients, 2), "-T", max(1, round(seconds)), "-D", f"turn={first}", "-D", f"share={people // clients}"]
    for index, text in enumerate(scripts):
        path = ground.folder / f"message-{index}.sql"
        path.write_text(text)
        words += ["-f", path]
    sent, before = replies(ground), ground.postgres_server.cpu()
    done = subprocess.run([str(word) for word in [*words, ground.database]], capture_output=True, text=True, timeout=seconds + 120,
                          check=False, env=dict(servers.PLAIN, PGOPTIONS="-c search_path=whatsapp_handler"))
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    count = re.search(r"transactions actually processed: (\d+)", done.stdout)
    failed = re.search(r"failed transactions: (\d+)", done.stdout)
    if done.returncode != 0 or not rate or not count or (failed and failed[1] != "0") or " aborted" in done.stderr:
        raise Failure(f"pgbench: {(done.stderr or done.stdout).strip()[-600:]}")
    cost = Cost(int(count[1]), int(count[1]) / float(rate[1]), {"Postgres": ground.postgres_server.cpu() - before})
    if (sent := replies(ground) - sent) < cost.messages:
        raise Failure(f"pgbench has repeated {cost.messages} messages and sent {sent} replies: its statements are no longer the worker's")
    return cost


def replies(ground: Ground) -> int:
    """How many replies the database says are sent: each message has one at least."""
    return int(ground.sql("SELECT count(*) FROM outbound_messages WHERE state = 'sent'"))
