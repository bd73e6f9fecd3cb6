DROP FUNCTION record_processed(text, bytea, timestamptz, bigint, text, jsonb, uuid);
ALTER TABLE erasures DROP COLUMN correlation_id;
ALTER TABLE dead_letters DROP COLUMN correlation_id;
ALTER TABLE outbound_messages DROP COLUMN conversation_id;
ALTER TABLE inbound_messages DROP COLUMN conversation_id;
