-- The first statement of every write unit: takes the person's row lock and checks the fence in one step.
-- A separate SELECT of the fence would race with the sender's new owner.
--
-- Creates the person when unknown. A person first known by number keeps their row when the provider begins to tell
-- their external user id: the row is found by number and takes the new sender.
--
-- Raises WA001 when a later owner has already committed (we are the zombie; nothing of the unit happens), and
-- WA002 when the row is not the one that was read (another path created it meanwhile; read again).
CREATE FUNCTION take_turn(
  p_id uuid, p_sender text, p_phone_number text, p_external_user_id text, p_display_name text,
  p_fence bigint, p_received_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  taken uuid;
BEGIN
  IF p_phone_number IS NOT NULL THEN
    UPDATE users SET sender = p_sender
     WHERE phone_number = p_phone_number AND sender <> p_sender
       AND NOT EXISTS (SELECT 1 FROM users known WHERE known.sender = p_sender);
  END IF;
  INSERT INTO users AS u (id, sender, phone_number, external_user_id, display_name, fence, last_inbound_at)
  VALUES (
    p_id, p_sender,
    CASE WHEN NOT EXISTS (SELECT 1 FROM users other WHERE other.phone_number = p_phone_number) THEN p_phone_number END,
    p_external_user_id, p_display_name, p_fence, p_received_at)
  ON CONFLICT (sender) DO UPDATE SET
    fence = excluded.fence,
    phone_number = coalesce(u.phone_number, excluded.phone_number),
    external_user_id = coalesce(excluded.external_user_id, u.external_user_id),
    display_name = coalesce(excluded.display_name, u.display_name),
    last_inbound_at = greatest(u.last_inbound_at, excluded.last_inbound_at),
    updated_at = now()
  WHERE u.fence <= excluded.fence
  RETURNING u.id INTO taken;
  IF taken IS NULL THEN
    RAISE EXCEPTION 'a later owner of this sender has committed' USING ERRCODE = 'WA001';
  ELSIF taken <> p_id THEN
    RAISE EXCEPTION 'the person was created meanwhile' USING ERRCODE = 'WA002';
  END IF;
END $$;
