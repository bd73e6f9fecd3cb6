-- People who were erased: that it was done and how much there was, and for as long as it is not finished what is still needed.
-- Docs: docs/decisions/0016-erasure.md.

CREATE TABLE erasures (
    user_id     uuid        NOT NULL,
    message_sid text        NOT NULL,
    source      text        NOT NULL,
    known_since timestamptz,
    erased_at   timestamptz NOT NULL,
    addresses   text[],
    counts      jsonb       NOT NULL DEFAULT '{}',
    cleaned_at  timestamptz,
    finished_at timestamptz,
    CONSTRAINT erasures_pkey PRIMARY KEY (user_id),
    CONSTRAINT erasures_message_sid_key UNIQUE (message_sid),
    CONSTRAINT erasures_source_check CHECK (source IN ('requested', 'operator')),
    CONSTRAINT erasures_addresses_check CHECK ((addresses IS NULL) = (cleaned_at IS NOT NULL)),
    CONSTRAINT erasures_finished_at_check CHECK (finished_at IS NULL OR cleaned_at IS NOT NULL)
);
COMMENT ON COLUMN erasures.user_id IS 'The id they had; one of no meaning when only messages of theirs were kept.';
COMMENT ON COLUMN erasures.message_sid IS 'What asked for it: the message that confirmed, or the event of the operator.';
COMMENT ON COLUMN erasures.addresses IS 'Under which they wrote; null as soon as the last trace in Redis is gone, which takes seconds.';
COMMENT ON COLUMN erasures.cleaned_at IS 'When the reply had gone and nothing named them any more, but for what the relay had still to publish.';
COMMENT ON COLUMN erasures.finished_at IS 'When the event stream was clean too.';
CREATE INDEX erasures_open_idx ON erasures (erased_at) WHERE finished_at IS NULL;
CREATE INDEX erasures_cleaned_at_idx ON erasures (cleaned_at);

-- Codes that people who were erased had sent to a number on the same day: else an erasure would lift the limits.
-- The number is there as an HMAC whose key is not in the database; rows go after a day.
CREATE TABLE erased_codes (
    number_mac bytea       NOT NULL,
    sent_at    timestamptz NOT NULL,
    locked_at  timestamptz,
    CONSTRAINT erased_codes_number_mac_check CHECK (octet_length(number_mac) = 32)
);
COMMENT ON COLUMN erased_codes.locked_at IS 'When too many wrong tries locked the person, if they did.';
CREATE INDEX erased_codes_number_mac_idx ON erased_codes (number_mac, sent_at DESC);
CREATE INDEX erased_codes_sent_at_idx ON erased_codes (sent_at);

-- Retention of spent codes.
CREATE INDEX otp_challenges_created_at_idx ON otp_challenges (created_at);

-- As take_turn, of somebody who was known when they were read: it makes no row for who was erased since.
--
-- Raises WA002: read again.
CREATE FUNCTION take_known_turn(
  p_id uuid, p_sender text, p_phone_number text, p_external_user_id text, p_display_name text,
  p_fence bigint, p_received_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM users WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the person was erased meanwhile' USING ERRCODE = 'WA002';
  END IF;
  PERFORM take_turn(p_id, p_sender, p_phone_number, p_external_user_id, p_display_name, p_fence, p_received_at);
END $$;
