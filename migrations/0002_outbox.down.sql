DROP VIEW outbox_progress;
DROP FUNCTION outbox_maintain(interval, integer);
DROP FUNCTION outbox_register_sink(text);
DROP FUNCTION outbox_append(uuid, integer, text, text, uuid, text, integer, jsonb, text, text, text);
DROP TABLE outbox_relays;
DROP TABLE outbox_cursors;
DROP TABLE outbox_events;
DROP SEQUENCE outbox_sequence;
DROP TABLE outbox_meta;
