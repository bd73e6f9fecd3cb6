DROP FUNCTION begin_turn(uuid, text, text, text, text, bigint, timestamptz, bigint);
