"""Compares events with what docs/events says of them; run by the tests, with the interpreter that scripts/setup makes.

check_events.py FOLDER documents TYPE...      the documents are right in themselves and know these types and no others
check_events.py FOLDER stream < LINES         a JSON object a line: the fields of a stream's entry
check_events.py FOLDER webhook < LINES        a JSON object a line: {"secret", "headers", "body"} of a delivery
check_events.py FOLDER kafka < LINES          a JSON object a line: {"key", "headers", "value"} of a record

Ends with 0 and says how many events of which types it saw, or with 1 and all that is wrong.
"""
import json
import pathlib
import sys

import yaml
from cloudevents.core.bindings import kafka as kafka_binding
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator
from standardwebhooks.webhooks import Webhook

folder = pathlib.Path(sys.argv[1])
problems: list[str] = []


def schema(name: str) -> dict:
    return json.loads((folder / "schemas" / f"{name}.json").read_text())


def undocumented(value: object, described: dict, path: str) -> list[str]:
    """Members that are published and not described: consumers may ignore them, we must not forget them."""
    if not isinstance(value, dict):
        return []
    known = described.get("properties")
    if known is None:
        return []
    found = [f"{path}/{name}" for name in value if name not in known]
    for name in value:
        if name in known:
            found += undocumented(value[name], known[name], f"{path}/{name}")
    return found


def compare(value: object, name: str, what: str) -> None:
    described = schema(name)
    validator = Draft202012Validator(described, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(value):
        problems.append(f"{what}: {name}: {error.json_path}: {error.message}")
    for path in undocumented(value, described, ""):
        problems.append(f"{what}: {name}: {path} is not described")


def payload(kind: str, data: object, what: str) -> None:
    if not (folder / "schemas" / f"{kind}.json").exists():
        problems.append(f"{what}: the type {kind} has no schema")
        return
    compare(data, kind, what)
    for name in ("correlation_id", "causation_id"):
        if not isinstance(data, dict) or name not in data:
            problems.append(f"{what}: {name} is missing")


def resolve(reference: str, document: dict) -> bool:
    if not reference.startswith("#/"):
        return (folder / reference).exists()
    place: object = document
    for step in reference[2:].split("/"):
        if not isinstance(place, dict) or step not in place:
            return False
        place = place[step]
    return True


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for member in value.values() for found in references(member)]
    return [found for member in value for found in references(member)] if isinstance(value, list) else []


def documents(types: set[str]) -> str:
    names = {path.stem for path in (folder / "schemas").glob("*.json")}
    described = names - {"cloudevent", "stream-entry"}
    for name in sorted(types - described):
        problems.append(f"the type {name} has no schema in docs/events/schemas")
    for name in sorted(described - types):
        problems.append(f"the schema of {name} is of no type that there is")
    for name in sorted(names):
        Draft202012Validator.check_schema(schema(name))
        if name in described:
            if not schema(name).get("examples"):
                problems.append(f"{name} has no example")
            for example in schema(name).get("examples", []):
                payload(name, example, "the example")
        else:
            listed = set(schema(name)["properties"]["type"]["enum"])
            for difference in sorted(listed ^ types):
                problems.append(f"{name}.json: the list of types differs by {difference}")
    api = yaml.safe_load((folder / "asyncapi.yaml").read_text())
    if api["asyncapi"] != "3.0.0":
        problems.append("asyncapi.yaml is not AsyncAPI 3.0.0")
    for reference in references(api):
        if not resolve(reference, api):
            problems.append(f"asyncapi.yaml: {reference} leads nowhere")
    messages = api["components"]["messages"]
    told = {message["name"] for message in messages.values()}
    for difference in sorted(told ^ types):
        problems.append(f"asyncapi.yaml: the messages differ from the types by {difference}")
    for message in messages.values():
        if message["payload"]["$ref"] != f"./schemas/{message['name']}.json":
            problems.append(f"asyncapi.yaml: {message['name']} has the payload of another")
    for name, channel in api["channels"].items():
        if {link["$ref"].rsplit("/", 1)[1] for link in channel["messages"].values()} != set(messages):
            problems.append(f"asyncapi.yaml: the channel {name} has not all messages")
    return f"{len(described)} types are described"


def stream() -> str:
    seen = []
    for line in sys.stdin:
        fields = json.loads(line)
        compare(fields, "stream-entry", fields["id"])
        payload(fields["type"], json.loads(fields["data"]), fields["id"])
        seen.append(fields["type"])
    return f"{len(seen)} events: {' '.join(sorted(set(seen)))}"


def webhook() -> str:
    seen = []
    for line in sys.stdin:
        delivery = json.loads(line)
        headers, body = delivery["headers"], delivery["body"].encode()
        # Raises for a wrong signature, and for a timestamp that is five minutes off.
        Webhook(delivery["secret"]).verify(body, headers)
        event = from_structured(HTTPMessage(headers, body), JSONFormat(), CloudEvent)
        parsed = json.loads(body)
        if headers["webhook-id"] != event.get_id():
            problems.append(f"{event.get_id()}: webhook-id is {headers['webhook-id']}")
        if headers["content-type"] != "application/cloudevents+json":
            problems.append(f"{event.get_id()}: the content type is {headers['content-type']}")
        compare(parsed, "cloudevent", event.get_id())
        payload(event.get_type(), event.get_data(), event.get_id())
        if parsed["partitionkey"] != parsed["subject"]:
            problems.append(f"{event.get_id()}: the partition key is not the subject")
        if parsed["correlationid"] != parsed["data"]["correlation_id"]:
            problems.append(f"{event.get_id()}: two correlation ids")
        if parsed.get("causationid") != parsed["data"]["causation_id"]:
            problems.append(f"{event.get_id()}: two causation ids")
        seen.append(event.get_type())
    return f"{len(seen)} events: {' '.join(sorted(set(seen)))}"


def kafka() -> str:
    seen = []
    for line in sys.stdin:
        record = json.loads(line)
        headers, value = record["headers"], record["value"].encode()
        message = kafka_binding.KafkaMessage({name: text.encode() for name, text in headers.items()}, record["key"], value)
        event = kafka_binding.from_binary(message, JSONFormat(), CloudEvent)
        attributes = {name.removeprefix("ce_"): text for name, text in headers.items() if name.startswith("ce_")}
        attributes["datacontenttype"] = headers["content-type"]
        attributes["dataversion"] = int(attributes["dataversion"])
        compare({**attributes, "data": event.get_data()}, "cloudevent", event.get_id())
        payload(event.get_type(), event.get_data(), event.get_id())
        if attributes["partitionkey"] != record["key"]:
            problems.append(f"{event.get_id()}: the partition key is not the record's")
        for name in ("correlation_id", "x-correlation-id"):
            if headers[name] != event.get_data()["correlation_id"]:
                problems.append(f"{event.get_id()}: another {name}")
        seen.append(event.get_type())
    return f"{len(seen)} events: {' '.join(sorted(set(seen)))}"


match sys.argv[2]:
    case "documents":
        summary = documents(set(sys.argv[3:]))
    case "stream":
        summary = stream()
    case "webhook":
        summary = webhook()
    case "kafka":
        summary = kafka()
    case other:
        sys.exit(f"{other} is none of documents, stream, webhook and kafka")
print("\n".join(problems) or summary)
sys.exit(1 if problems else 0)
