#!/usr/bin/env python3
"""Reads the Redis stream of events as a member of a consumer group: pip install redis.

Prints one JSON line for each event that it has not seen before. In your service, put what you do with an event where
`handle` is, and keep the ids you have handled where you keep your data, so that both are written in one transaction.
"""
import argparse
import json
import sqlite3

import redis

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--redis", default="redis://127.0.0.1:6379")
arguments.add_argument("--stream", default="whatsapp_handler.events")
arguments.add_argument("--group", default="example")
arguments.add_argument("--consumer", default="example-1", help="one name a process, the same after a restart")
arguments.add_argument("--database", default="example.sqlite")
arguments.add_argument("--events", type=int, default=0, help="end after so many new events; 0 for never")
options = arguments.parse_args()

server = redis.Redis.from_url(options.redis, decode_responses=True)
database = sqlite3.connect(options.database)
database.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)")
handled = 0


def handle(event: dict) -> None:
    print(json.dumps(event), flush=True)


def take(entry: str, fields: dict) -> None:
    """Handles an entry at most once, then tells Redis that it need not be delivered again."""
    global handled
    event = {**fields, "data": json.loads(fields["data"])}
    with database:  # one transaction: the event is handled and remembered, or neither
        new = database.execute("INSERT OR IGNORE INTO handled VALUES (?)", (event["id"],)).rowcount == 1
        if new:
            handle(event)
            handled += 1
    server.xack(options.stream, options.group, entry)


def enough() -> bool:
    return bool(options.events) and handled >= options.events


try:
    # "0": from the oldest event that is kept. MKSTREAM: the first event may be still to come.
    server.xgroup_create(options.stream, options.group, id="0", mkstream=True)
except redis.ResponseError as error:
    if "BUSYGROUP" not in str(error):
        raise

# First what this consumer was given before it died (">" would never deliver that again), then what is new.
position = "0"
while not enough():
    answer = server.xreadgroup(
        options.group, options.consumer, {options.stream: position}, count=100, block=1000 if position == ">" else None)
    entries = answer[0][1] if answer else []
    for entry, fields in entries:
        take(entry, fields)
        if enough():
            break
    if position != ">":
        position = entries[-1][0] if entries else ">"
