-- What sending, dead letters, replays and backfill keep beside what they had.

ALTER TABLE outbound_messages
    ADD COLUMN content_sid       text,
    ADD COLUMN content_variables jsonb,
    ADD COLUMN duplicate_sids    text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN outbound_messages.content_sid IS 'The approved template that is sent in place of the body, outside the 24-hour window.';
COMMENT ON COLUMN outbound_messages.duplicate_sids IS 'Further messages that the provider turned out to have made of this one: counted, never hidden.';

ALTER TABLE dead_letters ADD COLUMN discarded_at timestamptz;
COMMENT ON COLUMN dead_letters.at IS 'When it was given up on, by the clock of Redis, to the millisecond.';
-- The same letter is copied from Redis as often as it is seen there, and kept once.
CREATE UNIQUE INDEX dead_letters_message_sid_at_idx ON dead_letters (message_sid, at);
-- What waits for an operator, which should be nothing.
CREATE INDEX dead_letters_open_idx ON dead_letters (at) WHERE replayed_at IS NULL AND discarded_at IS NULL;

ALTER TABLE backfill_watermark
    ADD COLUMN owner        text,
    ADD COLUMN leased_until timestamptz;
COMMENT ON COLUMN backfill_watermark.leased_until IS 'One worker at a time reads the provider''s list.';

-- Records a message that was stored before it was handled. Raises WA002 when it has been handled meanwhile.
CREATE FUNCTION record_processed(
  p_message_sid text, p_raw bytea, p_processed_at timestamptz, p_fence bigint, p_correlation_id text, p_outcome jsonb
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- A new place in the sequence: the latest outcome of a sender is the one that was reached last.
  UPDATE inbound_messages
     SET raw = p_raw, processed_at = p_processed_at, fence = p_fence, outcome = p_outcome, sequence = DEFAULT,
         correlation_id = p_correlation_id
   WHERE message_sid = p_message_sid AND processed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the message was handled meanwhile' USING ERRCODE = 'WA002';
  END IF;
END $$;
