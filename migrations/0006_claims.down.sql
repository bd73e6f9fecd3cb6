DROP TABLE claim_media;
UPDATE claims SET status = 'rejected' WHERE status = 'withdrawn';
ALTER TABLE claims
    DROP CONSTRAINT claims_status_check,
    ADD CONSTRAINT claims_status_check
        CHECK (status IN ('submitted', 'evaluating', 'eligible', 'ineligible', 'paid', 'rejected')),
    DROP COLUMN ticket_media_sha256,
    DROP COLUMN ticket_media_bytes,
    DROP COLUMN evaluated_at,
    DROP COLUMN evaluated_delay_minutes,
    DROP COLUMN evaluation_reason;
