#!/usr/bin/env python3
"""Reads the events from Kafka as a member of a consumer group: pip install aiokafka.

Prints one JSON line for each event that it has not seen before. In your service, put what you do with an event where
`handle` is, and keep the ids you have handled where you keep your data, so that both are written in one transaction.
"""
import argparse
import asyncio
import json
import sqlite3

from aiokafka import AIOKafkaConsumer

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--brokers", default="127.0.0.1:9092", help="host:port, several separated by commas")
arguments.add_argument("--topics", nargs="+", default=["user.registered", "user.verified"])
arguments.add_argument("--group", default="example")
arguments.add_argument("--database", default="example.sqlite")
arguments.add_argument("--events", type=int, default=0, help="end after so many new events; 0 for never")
options = arguments.parse_args()

database = sqlite3.connect(options.database)
database.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)")


def handle(event: dict) -> None:
    print(json.dumps(event), flush=True)


def take(record) -> bool:
    """Handles a record at most once; tells whether it was new."""
    headers = {name: value.decode() for name, value in record.headers}
    with database:  # one transaction: the event is handled and remembered, or neither
        new = database.execute("INSERT OR IGNORE INTO handled VALUES (?)", (headers["ce_id"],)).rowcount == 1
        if new:
            handle({"key": record.key.decode(), **headers, "data": json.loads(record.value)})
    return new


async def main() -> None:
    consumer = AIOKafkaConsumer(
        *options.topics,
        bootstrap_servers=options.brokers,
        group_id=options.group,
        auto_offset_reset="earliest",  # from the oldest event that is kept
        enable_auto_commit=False,
    )
    await consumer.start()
    handled = 0
    try:
        while not options.events or handled < options.events:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                handled += sum(take(record) for record in records)
            # After they were handled: who dies in between is given them again, and knows them.
            await consumer.commit()
    finally:
        await consumer.stop()


asyncio.run(main())
