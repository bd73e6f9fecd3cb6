-- Which conversation a message belongs to. A conversation is what one person and we say without a pause longer than the
-- state is kept (REDIS_CACHE_TTL_SECONDS); its id is in the stored state, in these rows, in log lines (conversation_id)
-- and in the payload of events. So any message's correlation id leads to the whole:
--
--   SELECT o.* FROM inbound_messages i JOIN inbound_messages o USING (sender, conversation_id) WHERE i.correlation_id = '…'
--
-- Docs: docs/tracing.md.
ALTER TABLE inbound_messages ADD COLUMN conversation_id uuid;
COMMENT ON COLUMN inbound_messages.conversation_id IS 'Null of rows from before there was one, of what is no part of a conversation, and after an erasure.';

ALTER TABLE outbound_messages ADD COLUMN conversation_id uuid;
COMMENT ON COLUMN outbound_messages.conversation_id IS 'That of the message it answers.';

ALTER TABLE dead_letters ADD COLUMN correlation_id text;
COMMENT ON COLUMN dead_letters.correlation_id IS 'Of its envelope; null when that cannot be read, and after an erasure.';

ALTER TABLE erasures ADD COLUMN correlation_id text;
COMMENT ON COLUMN erasures.correlation_id IS 'Of the message that asked for it, for the log; null once the erasure is finished.';

-- As record_processed of before, which the release before calls, and with the conversation.
CREATE FUNCTION record_processed(
  p_message_sid text, p_raw bytea, p_processed_at timestamptz, p_fence bigint, p_correlation_id text, p_outcome jsonb,
  p_conversation_id uuid
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM record_processed(p_message_sid, p_raw, p_processed_at, p_fence, p_correlation_id, p_outcome);
  UPDATE inbound_messages SET conversation_id = p_conversation_id WHERE message_sid = p_message_sid;
END $$;
