DROP FUNCTION record_processed(text, bytea, timestamptz, bigint, text, jsonb);
ALTER TABLE backfill_watermark DROP COLUMN owner, DROP COLUMN leased_until;
DROP INDEX dead_letters_open_idx;
DROP INDEX dead_letters_message_sid_at_idx;
ALTER TABLE dead_letters DROP COLUMN discarded_at;
COMMENT ON COLUMN dead_letters.at IS NULL;
ALTER TABLE outbound_messages DROP COLUMN content_sid, DROP COLUMN content_variables, DROP COLUMN duplicate_sids;
