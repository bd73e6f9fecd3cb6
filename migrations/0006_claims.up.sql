-- What claims keep of their tickets and of their evaluation, and claims that were taken back.

ALTER TABLE claims
    ADD COLUMN ticket_media_sha256     bytea,
    ADD COLUMN ticket_media_bytes      integer,
    ADD COLUMN evaluated_at            timestamptz,
    ADD COLUMN evaluated_delay_minutes integer,
    ADD COLUMN evaluation_reason       text,
    ADD CONSTRAINT claims_ticket_media_sha256_check CHECK (octet_length(ticket_media_sha256) = 32),
    ADD CONSTRAINT claims_ticket_media_bytes_check CHECK (ticket_media_bytes > 0),
    DROP CONSTRAINT claims_status_check,
    ADD CONSTRAINT claims_status_check
        CHECK (status IN ('submitted', 'evaluating', 'eligible', 'ineligible', 'paid', 'rejected', 'withdrawn'));
COMMENT ON COLUMN claims.evaluated_at IS 'When the evaluation that counts was made: an earlier one that arrives later changes nothing.';
COMMENT ON COLUMN claims.evaluation_reason IS 'In the words of the service that evaluates; null after an erasure.';

-- The files themselves: one for the claim that a passenger is making, one for each claim that was made.
CREATE TABLE claim_media (
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    claim_id   uuid,
    url        text        NOT NULL,
    media_type text        NOT NULL,
    sha256     bytea       NOT NULL,
    content    bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT claim_media_pkey PRIMARY KEY (id),
    CONSTRAINT claim_media_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT claim_media_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES claims (id) ON DELETE CASCADE,
    CONSTRAINT claim_media_claim_id_key UNIQUE (claim_id),
    CONSTRAINT claim_media_media_type_check
        CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    CONSTRAINT claim_media_sha256_check CHECK (octet_length(sha256) = 32),
    CONSTRAINT claim_media_content_check CHECK (octet_length(content) BETWEEN 1 AND 16000000)
);
COMMENT ON COLUMN claim_media.claim_id IS 'Null while the claim is being made.';
COMMENT ON COLUMN claim_media.media_type IS 'What the content is, whatever the sender said.';
-- Compressed already.
ALTER TABLE claim_media ALTER COLUMN content SET STORAGE EXTERNAL;
-- A second upload replaces the first.
CREATE UNIQUE INDEX claim_media_draft_idx ON claim_media (user_id) WHERE claim_id IS NULL;
CREATE INDEX claim_media_user_id_idx ON claim_media (user_id);
-- Retention.
CREATE INDEX claim_media_created_at_idx ON claim_media (created_at);
