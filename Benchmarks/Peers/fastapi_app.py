"""FastAPI, Twilio's own RequestValidator and redis-py's asyncio client with hiredis' parser: checks the signature, appends,
answers."""
import json
import os
from urllib.parse import parse_qsl

import redis.asyncio as redis
from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator

ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

app = FastAPI()
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
url = os.environ["PUBLIC_WEBHOOK_URL"]
# Who finds no connection waits for one, as with the other peers, instead of failing.
pool = redis.BlockingConnectionPool.from_url(os.environ["REDIS_URL"], max_connections=64, timeout=10)
client = redis.Redis(connection_pool=pool)


@app.post("/webhook/twilio")
async def hook(request: Request):
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
        return Response("bad signature", status_code=403)
    await client.rpush("peer:inbound", json.dumps(form))
    return Response(ANSWER, media_type="text/xml")
