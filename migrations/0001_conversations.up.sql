-- People, what they said and were told, and what they claim. Times are timestamptz; names of constraints are part of
-- the contract, as the programs match on them.

CREATE TABLE users (
    id                uuid        NOT NULL DEFAULT gen_random_uuid(),
    sender            text        NOT NULL,
    phone_number      varchar(16),
    external_user_id  text,
    display_name      text,
    verified_at       timestamptz,
    terms_accepted_at timestamptz,
    terms_version     text,
    opted_out_at      timestamptz,
    blocked_at        timestamptz,
    block_reason      text,
    last_inbound_at   timestamptz,
    fence             bigint      NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_sender_key UNIQUE (sender),
    CONSTRAINT users_phone_number_key UNIQUE (phone_number),
    CONSTRAINT users_external_user_id_key UNIQUE (external_user_id),
    CONSTRAINT users_sender_check CHECK (sender <> ''),
    CONSTRAINT users_phone_number_check CHECK (phone_number ~ '^\+[1-9][0-9]{1,14}$'),
    CONSTRAINT users_fence_check CHECK (fence >= 0)
);
COMMENT ON TABLE users IS 'One row a person who has ever written to us.';
COMMENT ON COLUMN users.sender IS 'Channel address that identifies the person: the external user id when there is one, else the number.';
COMMENT ON COLUMN users.phone_number IS 'E.164.';
COMMENT ON COLUMN users.fence IS 'The highest fence that has written for this sender; a lower one is a worker that lost its lease.';

CREATE TABLE user_preferences (
    user_id                 uuid        NOT NULL,
    notifications_enabled   boolean     NOT NULL DEFAULT true,
    language                text        NOT NULL DEFAULT 'en-GB',
    timezone                text        NOT NULL DEFAULT 'Europe/London',
    delay_threshold_minutes integer     NOT NULL DEFAULT 15,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_preferences_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_preferences_delay_threshold_minutes_check CHECK (delay_threshold_minutes BETWEEN 0 AND 1440)
);

CREATE TABLE otp_challenges (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid        NOT NULL,
    code_mac    bytea       NOT NULL,
    salt        bytea       NOT NULL,
    channel     text        NOT NULL,
    sent_to     text        NOT NULL,
    expires_at  timestamptz NOT NULL,
    attempts    smallint    NOT NULL DEFAULT 0,
    consumed_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT otp_challenges_pkey PRIMARY KEY (id),
    CONSTRAINT otp_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT otp_challenges_code_mac_check CHECK (octet_length(code_mac) = 32),
    CONSTRAINT otp_challenges_salt_check CHECK (octet_length(salt) >= 16),
    CONSTRAINT otp_challenges_channel_check CHECK (channel IN ('whatsapp', 'sms')),
    CONSTRAINT otp_challenges_attempts_check CHECK (attempts >= 0)
);
COMMENT ON COLUMN otp_challenges.code_mac IS 'HMAC-SHA256 of the code, the salt and the user; its key is not in the database.';
-- The newest code of a user, and how many were sent lately.
CREATE INDEX otp_challenges_user_id_created_at_idx ON otp_challenges (user_id, created_at DESC);
-- The limits hold for a number as well, whoever claims it.
CREATE INDEX otp_challenges_sent_to_created_at_idx ON otp_challenges (sent_to, created_at DESC);

CREATE TABLE claims (
    id                     uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id                uuid        NOT NULL,
    reference              text        NOT NULL,
    origin_crs             char(3)     NOT NULL,
    destination_crs        char(3)     NOT NULL,
    scheduled_departure    timestamptz NOT NULL,
    reported_delay_minutes integer,
    cancelled              boolean     NOT NULL DEFAULT false,
    ticket_fare_pence      integer,
    ticket_class           text,
    ticket_type            text,
    ticket_media_url       text,
    ticket_media_type      text,
    status                 text        NOT NULL DEFAULT 'submitted',
    compensation_pence     integer,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT claims_pkey PRIMARY KEY (id),
    CONSTRAINT claims_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT claims_reference_key UNIQUE (reference),
    CONSTRAINT claims_origin_crs_check CHECK (origin_crs ~ '^[A-Z]{3}$'),
    CONSTRAINT claims_destination_crs_check CHECK (destination_crs ~ '^[A-Z]{3}$'),
    CONSTRAINT claims_route_check CHECK (origin_crs <> destination_crs),
    CONSTRAINT claims_reported_delay_minutes_check CHECK (reported_delay_minutes >= 0),
    CONSTRAINT claims_ticket_fare_pence_check CHECK (ticket_fare_pence > 0),
    CONSTRAINT claims_status_check
        CHECK (status IN ('submitted', 'evaluating', 'eligible', 'ineligible', 'paid', 'rejected')),
    CONSTRAINT claims_compensation_pence_check CHECK (compensation_pence >= 0)
);
-- A passenger's claims, newest first.
CREATE INDEX claims_user_id_created_at_idx ON claims (user_id, created_at DESC);

CREATE TABLE inbound_messages (
    message_sid    text        NOT NULL,
    sender         text        NOT NULL,
    kind           text        NOT NULL,
    raw            bytea,
    received_at    timestamptz NOT NULL,
    processed_at   timestamptz,
    fence          bigint      NOT NULL DEFAULT 0,
    sequence       bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    correlation_id text,
    outcome        jsonb,
    CONSTRAINT inbound_messages_pkey PRIMARY KEY (message_sid),
    CONSTRAINT inbound_messages_kind_check CHECK (kind IN ('message', 'status', 'event'))
);
COMMENT ON COLUMN inbound_messages.raw IS 'As received; what may hold a code is stored redacted, and null after an erasure.';
COMMENT ON COLUMN inbound_messages.outcome IS 'Next state and replies: what is repeated when the message is delivered again.';
-- The latest outcome of a sender, which restores its state when Redis has lost it.
CREATE UNIQUE INDEX inbound_messages_sender_sequence_idx ON inbound_messages (sender, sequence DESC);
-- Retention, and replay by time.
CREATE INDEX inbound_messages_received_at_idx ON inbound_messages (received_at);
-- What was stored and never processed.
CREATE INDEX inbound_messages_unprocessed_idx ON inbound_messages (received_at) WHERE processed_at IS NULL;

CREATE TABLE outbound_messages (
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    in_reply_to    text,
    position       smallint    NOT NULL DEFAULT 0,
    sender         text        NOT NULL,
    recipient      text        NOT NULL,
    channel        text        NOT NULL DEFAULT 'whatsapp',
    body           text        NOT NULL,
    challenge_id   uuid,
    state          text        NOT NULL DEFAULT 'sending',
    attempts       smallint    NOT NULL DEFAULT 0,
    attempted_at   timestamptz,
    provider_sid   text,
    error_code     text,
    correlation_id text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbound_messages_pkey PRIMARY KEY (id),
    CONSTRAINT outbound_messages_in_reply_to_position_key UNIQUE (in_reply_to, position),
    CONSTRAINT outbound_messages_provider_sid_key UNIQUE (provider_sid),
    CONSTRAINT outbound_messages_challenge_id_fkey
        FOREIGN KEY (challenge_id) REFERENCES otp_challenges (id) ON DELETE SET NULL,
    CONSTRAINT outbound_messages_channel_check CHECK (channel IN ('whatsapp', 'sms')),
    CONSTRAINT outbound_messages_state_check
        CHECK (state IN ('sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'unknown')),
    CONSTRAINT outbound_messages_position_check CHECK (position >= 0),
    CONSTRAINT outbound_messages_attempts_check CHECK (attempts >= 0)
);
COMMENT ON COLUMN outbound_messages.sender IS 'The person it is for, as in users.sender.';
COMMENT ON COLUMN outbound_messages.recipient IS 'The channel address it goes to, which for a code may be a number for SMS.';
COMMENT ON COLUMN outbound_messages.body IS 'A message with a code has a placeholder in its place.';
-- What is still to be sent or looked up, which is next to nothing of the table.
CREATE INDEX outbound_messages_open_idx ON outbound_messages (sender, state) WHERE state IN ('sending', 'unknown');
CREATE INDEX outbound_messages_sender_created_at_idx ON outbound_messages (sender, created_at DESC);
CREATE INDEX outbound_messages_challenge_id_idx ON outbound_messages (challenge_id) WHERE challenge_id IS NOT NULL;
-- Retention.
CREATE INDEX outbound_messages_created_at_idx ON outbound_messages (created_at);

CREATE TABLE dead_letters (
    id          bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    message_sid text        NOT NULL,
    sender      text        NOT NULL,
    reason      text        NOT NULL,
    error       text,
    deliveries  integer     NOT NULL DEFAULT 0,
    raw         bytea,
    at          timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz,
    CONSTRAINT dead_letters_pkey PRIMARY KEY (id),
    CONSTRAINT dead_letters_deliveries_check CHECK (deliveries >= 0)
);
COMMENT ON COLUMN dead_letters.raw IS 'The envelope as it was in the queue; null after an erasure.';
CREATE INDEX dead_letters_message_sid_idx ON dead_letters (message_sid);
CREATE INDEX dead_letters_sender_idx ON dead_letters (sender);
CREATE INDEX dead_letters_at_idx ON dead_letters (at);

CREATE TABLE backfill_watermark (
    singleton  boolean     NOT NULL DEFAULT true,
    read_until timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT backfill_watermark_pkey PRIMARY KEY (singleton),
    CONSTRAINT backfill_watermark_singleton_check CHECK (singleton)
);
COMMENT ON TABLE backfill_watermark IS 'One row at most: up to when the provider''s list of messages was last read.';
