DROP FUNCTION take_known_turn(uuid, text, text, text, text, bigint, timestamptz);
DROP INDEX otp_challenges_created_at_idx;
DROP TABLE erased_codes;
DROP TABLE erasures;
