DROP TABLE backfill_watermark;
DROP TABLE dead_letters;
DROP TABLE outbound_messages;
DROP TABLE inbound_messages;
DROP TABLE claims;
DROP TABLE otp_challenges;
DROP TABLE user_preferences;
DROP TABLE users;
