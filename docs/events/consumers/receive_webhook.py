#!/usr/bin/env python3
"""Receives events as signed webhooks: pip install standardwebhooks.

Prints one JSON line for each event that it has not seen before. The secret is RELAY_WEBHOOK_SECRET of the relay, here in
the environment variable WEBHOOK_SECRET. In production this stands behind something that does TLS.
"""
import argparse
import json
import os
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--port", type=int, default=8080)
arguments.add_argument("--database", default="example.sqlite")
options = arguments.parse_args()

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
# The relay keeps up to 16 connections, each a thread here; they take turns with the database.
database = sqlite3.connect(options.database, check_same_thread=False)
turn = threading.Lock()
database.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)")


def handle(event: dict) -> None:
    print(json.dumps(event), flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps the connection for the next event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            # Checks the signature over the bytes as they came, and that the timestamp is within five minutes.
            webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            return self.answer(401)
        event = json.loads(body)
        with turn, database:  # one transaction: the event is handled and remembered, or neither
            new = database.execute("INSERT OR IGNORE INTO handled VALUES (?)", (event["id"],)).rowcount == 1
            if new:
                handle(event)
        # Only now: what is answered 2xx is never sent again.
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", options.port), Receiver).serve_forever()
