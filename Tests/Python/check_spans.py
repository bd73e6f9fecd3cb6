"""Reads what a collector was posted as OTLP/HTTP in JSON, strictly, with OpenTelemetry's own definitions.

check_spans.py < LINES     a JSON object a line: the body of a request

Prints a line a span, by time: service, name, kind, traceId, spanId, parentSpanId, start, end, status, attributes (JSON).
Ends with 1 and all that is wrong.
"""
import base64
import json
import re
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

problems: list[str] = []
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def strict(pairs: list[tuple[str, object]]) -> dict:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        problems.append(f"a member is there twice: {names}")
    return dict(pairs)


def as_protobuf(value: object) -> object:
    """The protocol writes ids in hexadecimal digits where Protobuf's own JSON has base64."""
    if isinstance(value, list):
        return [as_protobuf(member) for member in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, member in value.items():
        if name in IDS:
            if not isinstance(member, str) or not re.fullmatch(f"[0-9a-f]{{{IDS[name]}}}", member) or not member.strip("0"):
                problems.append(f"{name} is no id: {member}")
                continue
            member = base64.b64encode(bytes.fromhex(member)).decode()
        result[name] = as_protobuf(member)
    return result


def value_of(value) -> object:
    return getattr(value, value.WhichOneof("value"))


rows = []
seen: set[bytes] = set()
for line in sys.stdin:
    request = json_format.Parse(
        json.dumps(as_protobuf(json.loads(line, object_pairs_hook=strict))), ExportTraceServiceRequest())
    for resource_spans in request.resource_spans:
        resource = {attribute.key: value_of(attribute.value) for attribute in resource_spans.resource.attributes}
        for name in ("service.name", "service.namespace", "service.instance.id"):
            if not resource.get(name):
                problems.append(f"the resource has no {name}")
        for scope_spans in resource_spans.scope_spans:
            if not scope_spans.scope.name:
                problems.append("the scope has no name")
            for span in scope_spans.spans:
                if len(span.trace_id) != 16 or len(span.span_id) != 8:
                    problems.append(f"{span.name}: an id is missing")
                if span.span_id in seen:
                    problems.append(f"{span.name}: two spans have one id")
                seen.add(span.span_id)
                if not span.name or span.kind == Span.SPAN_KIND_UNSPECIFIED:
                    problems.append(f"{span.name}: no name or kind")
                if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
                    problems.append(f"{span.name}: it ends before it begins")
                if not span.flags & 1:
                    problems.append(f"{span.name}: recorded, and not sampled")
                attributes = {attribute.key: value_of(attribute.value) for attribute in span.attributes}
                if len(attributes) != len(span.attributes):
                    problems.append(f"{span.name}: an attribute is there twice")
                rows.append((span.start_time_unix_nano, "\t".join([
                    resource.get("service.name", ""), span.name,
                    Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(), span.trace_id.hex(),
                    span.span_id.hex(), span.parent_span_id.hex(), str(span.start_time_unix_nano),
                    str(span.end_time_unix_nano),
                    Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_").lower(),
                    json.dumps(attributes, sort_keys=True),
                ])))

if problems:
    print("\n".join(problems), file=sys.stderr)
    sys.exit(1)
for _, row in sorted(rows):
    print(row)
