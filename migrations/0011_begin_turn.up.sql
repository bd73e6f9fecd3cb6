-- First in a write unit of somebody who is known: take_known_turn and require_latest in one statement, and in one change of
-- the person's row where nothing about it is new. Both stay: for those who are not known, and for the release before.
--
-- Raises what they raise: WA001 when a later owner has committed, WA002 when what was read is no longer so.
CREATE FUNCTION begin_turn(
  p_id uuid, p_sender text, p_phone_number text, p_external_user_id text, p_display_name text,
  p_fence bigint, p_received_at timestamptz, p_latest bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users u SET
    fence = p_fence,
    external_user_id = coalesce(p_external_user_id, u.external_user_id),
    display_name = coalesce(p_display_name, u.display_name),
    last_inbound_at = greatest(u.last_inbound_at, p_received_at),
    updated_at = now()
  WHERE u.id = p_id AND u.sender = p_sender AND u.fence <= p_fence
    AND (u.phone_number IS NOT NULL OR p_phone_number IS NULL);
  IF NOT FOUND THEN
    -- Another address, a number that is new, an erasure, a later owner: the long way knows which.
    PERFORM take_known_turn(
      p_id, p_sender, p_phone_number, p_external_user_id, p_display_name, p_fence, p_received_at);
  END IF;
  -- With the row locked, as seen from here on.
  IF p_latest IS DISTINCT FROM (
    SELECT i.sequence FROM inbound_messages i
     WHERE i.sender = p_sender AND i.processed_at IS NOT NULL
     ORDER BY i.sequence DESC LIMIT 1)
  THEN
    RAISE EXCEPTION 'another message of this sender was handled meanwhile' USING ERRCODE = 'WA002';
  END IF;
END $$;
