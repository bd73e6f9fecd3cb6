DROP FUNCTION take_turn(uuid, text, text, text, text, bigint, timestamptz);
