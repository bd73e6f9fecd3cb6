DROP FUNCTION require_latest(text, bigint);
