-- Second in a write unit, when take_turn holds the person's row: whether the decision was made from what is still the
-- latest. A former owner with a lower fence may commit until the new one does, between the new one's read and commit;
-- where their messages differ (one was given up on, or lost with Redis), nothing else would show it.
--
-- Raises WA002: read again.
CREATE FUNCTION require_latest(p_sender text, p_sequence bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_sequence IS DISTINCT FROM (
    SELECT i.sequence FROM inbound_messages i
     WHERE i.sender = p_sender AND i.processed_at IS NOT NULL
     ORDER BY i.sequence DESC LIMIT 1)
  THEN
    RAISE EXCEPTION 'another message of this sender was handled meanwhile' USING ERRCODE = 'WA002';
  END IF;
END $$;
