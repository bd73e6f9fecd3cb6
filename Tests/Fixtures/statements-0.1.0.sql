-- What ingest, worker and relay of 0.1.0 prepare; written by scripts/record-statements, never by hand.

PREPARE s AS
DELETE FROM "dead_letters" WHERE id IN (
  SELECT id FROM "dead_letters"
   WHERE at < $1 AND true
   ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED);
DEALLOCATE s;

PREPARE s AS
DELETE FROM "erasures" WHERE user_id IN (
  SELECT user_id FROM "erasures"
   WHERE erased_at < $1 AND finished_at IS NOT NULL
   ORDER BY erased_at LIMIT $2 FOR UPDATE SKIP LOCKED);
DEALLOCATE s;

PREPARE s AS
DELETE FROM "inbound_messages" WHERE message_sid IN (
  SELECT message_sid FROM "inbound_messages"
   WHERE received_at < $1 AND true
   ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED);
DEALLOCATE s;

PREPARE s AS
DELETE FROM "otp_challenges" WHERE id IN (
  SELECT id FROM "otp_challenges"
   WHERE created_at < $1 AND true
   ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED);
DEALLOCATE s;

PREPARE s AS
DELETE FROM "outbound_messages" WHERE id IN (
  SELECT id FROM "outbound_messages"
   WHERE created_at < $1 AND true
   ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED);
DEALLOCATE s;

PREPARE s AS
DELETE FROM erased_codes WHERE sent_at < $1;
DEALLOCATE s;

PREPARE s AS
DELETE FROM outbox_relays WHERE sink = $1 AND lease_until < clock_timestamp() - interval '1 hour';
DEALLOCATE s;

PREPARE s AS
DELETE FROM outbox_relays WHERE sink = $1 AND owner = $2;
DEALLOCATE s;

PREPARE s AS
DELETE FROM users WHERE id = $1;
DEALLOCATE s;

PREPARE s AS
INSERT INTO backfill_watermark AS w (read_until, owner, leased_until)
VALUES (now(), $1, now() + make_interval(secs => $2))
ON CONFLICT (singleton) DO UPDATE
   SET owner = excluded.owner, leased_until = excluded.leased_until
 WHERE (w.leased_until IS NULL OR w.leased_until <= now() OR w.owner = excluded.owner)
   AND w.updated_at <= now() - make_interval(secs => $3)
RETURNING read_until, xmax = 0;
DEALLOCATE s;

PREPARE s AS
INSERT INTO claim_media (id, user_id, url, media_type, sha256, content, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (user_id) WHERE claim_id IS NULL DO UPDATE SET
  id = excluded.id, url = excluded.url, media_type = excluded.media_type, sha256 = excluded.sha256,
  content = excluded.content, created_at = excluded.created_at;
DEALLOCATE s;

PREPARE s AS
INSERT INTO claims
  (id, user_id, reference, origin_crs, destination_crs, scheduled_departure, reported_delay_minutes, cancelled,
   ticket_fare_pence, ticket_class, ticket_type, ticket_media_url, ticket_media_type, status, created_at,
   updated_at)
VALUES
  ($1, $2, $3, $4, $5, $6,
   $7, $8, $9, $10,
   $11, $12, $13, 'submitted', $14,
   $15);
DEALLOCATE s;

PREPARE s AS
INSERT INTO dead_letters (message_sid, sender, reason, error, deliveries, raw, at, correlation_id)
SELECT $1, $2, $3, $4, $5::integer,
       $6::bytea, $7::timestamptz, $8::text
 WHERE $9::text IS NULL OR $10 = coalesce((SELECT max(cleaned_at)::text FROM erasures), '')
ON CONFLICT (message_sid, at) DO NOTHING;
DEALLOCATE s;

PREPARE s AS
INSERT INTO erased_codes (number_mac, sent_at, locked_at)
VALUES ($1, $2, $3);
DEALLOCATE s;

PREPARE s AS
INSERT INTO erasures (user_id, message_sid, source, erased_at, correlation_id, known_since, addresses)
SELECT $1, $2, $3, $4, $5, (SELECT created_at FROM users WHERE id = $6),
       coalesce(array_agg(DISTINCT address), '{}')
  FROM (
    SELECT unnest($7::text[]) AS address
    UNION SELECT sender FROM users WHERE id = $8
    UNION SELECT 'whatsapp:' || phone_number FROM users WHERE id = $9
    UNION SELECT external_user_id FROM users WHERE id = $10) known
 WHERE address IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM users other WHERE other.sender = address AND other.id <> $11);
DEALLOCATE s;

PREPARE s AS
INSERT INTO inbound_messages
  (message_sid, sender, kind, raw, received_at, processed_at, fence, correlation_id, conversation_id, outcome)
VALUES
  ($1, $2, $3, $4, $5,
   $6, $7, $8, $9,
   $10);
DEALLOCATE s;

PREPARE s AS
INSERT INTO inbound_messages
  (message_sid, sender, kind, received_at, processed_at, correlation_id, outcome)
VALUES
  ($1, $2, $3,
   $4, $5, $6,
   $7)
ON CONFLICT (message_sid) DO NOTHING;
DEALLOCATE s;

PREPARE s AS
INSERT INTO otp_challenges (id, user_id, code_mac, salt, channel, sent_to, expires_at, attempts, created_at)
SELECT $1, $2, $3, $4,
       $5, $6, $7, 0, $8
 WHERE (SELECT count(*) FROM otp_challenges c
         WHERE c.sent_to = $9 AND c.user_id <> $10
           AND c.created_at > $11) <= $12;
DEALLOCATE s;

PREPARE s AS
INSERT INTO outbound_messages
  (id, in_reply_to, position, sender, recipient, channel, body, state, challenge_id, content_sid,
   content_variables, correlation_id, conversation_id)
VALUES
  ($1, $2, $3, $4, $5, $6, $7, $8,
   $9, $10, $11, $12, $13);
DEALLOCATE s;

PREPARE s AS
INSERT INTO outbox_relays (sink, owner, lease_until) VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond')
ON CONFLICT (sink, owner) DO UPDATE SET lease_until = excluded.lease_until;
DEALLOCATE s;

PREPARE s AS
INSERT INTO user_preferences (user_id, language) VALUES ($1, $2)
ON CONFLICT (user_id) DO UPDATE SET language = excluded.language, updated_at = $3;
DEALLOCATE s;

PREPARE s AS
INSERT INTO user_preferences (user_id, notifications_enabled) VALUES ($1, $2)
ON CONFLICT (user_id)
DO UPDATE SET notifications_enabled = excluded.notifications_enabled, updated_at = $3;
DEALLOCATE s;

PREPARE s AS
INSERT INTO user_preferences (user_id, timezone) VALUES ($1, $2)
ON CONFLICT (user_id) DO UPDATE SET timezone = excluded.timezone, updated_at = $3;
DEALLOCATE s;

PREPARE s AS
SELECT $1 AND EXISTS (
  SELECT 1 FROM outbox_cursors c JOIN outbox_events e ON e.shard = c.shard AND e.sequence > c.last_sequence
   WHERE c.sink = 'redis' AND c.shard = $2
     AND e.ordering_key = $3);
DEALLOCATE s;

PREPARE s AS
SELECT 'whatsapp:' || phone_number, sender FROM users
 WHERE phone_number = ANY ($1) AND sender = external_user_id
   AND NOT EXISTS (SELECT 1 FROM users own WHERE own.sender = 'whatsapp:' || users.phone_number);
DEALLOCATE s;

PREPARE s AS
SELECT (SELECT count(*) FROM inbound_messages
         WHERE received_at >= $1 AND received_at < $2
           AND (cardinality($3::text[]) = 0 OR sender = ANY ($4))
           AND (processed_at IS NULL OR $5::boolean AND kind = 'message'
                AND position(':replay:' IN message_sid) = 0))
     + (SELECT count(DISTINCT message_sid) FROM dead_letters
         WHERE replayed_at IS NULL AND discarded_at IS NULL AND at >= $6
           AND (cardinality($7::text[]) = 0 OR sender = ANY ($8)));
DEALLOCATE s;

PREPARE s AS
SELECT CASE WHEN is_replay AND state <> 'dead' THEN 'replay' ELSE state END, count(*)
FROM outbox_parked WHERE sink = $1 GROUP BY 1;
DEALLOCATE s;

PREPARE s AS
SELECT CASE WHEN processed_at > $1 THEN outcome->>'state' END, sequence FROM inbound_messages
 WHERE sender = $2 AND processed_at IS NOT NULL
 ORDER BY sequence DESC LIMIT 1;
DEALLOCATE s;

PREPARE s AS
SELECT DISTINCT m.place
  FROM unnest($1::text[], $2::timestamptz[])
       WITH ORDINALITY AS m (sender, received, place)
  JOIN users u ON u.sender = m.sender
  JOIN otp_challenges c ON c.user_id = u.id
 WHERE m.received >= c.created_at - interval '1 minute'
   AND m.received < least(coalesce(c.consumed_at, 'infinity'), c.expires_at + interval '1 hour');
DEALLOCATE s;

PREPARE s AS
SELECT DISTINCT sink FROM outbox_cursors ORDER BY 1;
DEALLOCATE s;

PREPARE s AS
SELECT NOT EXISTS (SELECT FROM outbox_sinks WHERE sink = $1);
DEALLOCATE s;

PREPARE s AS
SELECT action, partition FROM outbox_maintain();
DEALLOCATE s;

PREPARE s AS
SELECT c.shard, (SELECT e.sequence FROM outbox_events e
                  WHERE e.shard = c.shard AND e.occurred_at <= $1
                  ORDER BY e.sequence DESC LIMIT 1)
  FROM outbox_cursors c WHERE c.sink = $2;
DEALLOCATE s;

PREPARE s AS
SELECT c.shard, c.epoch, c.last_sequence, d.attempts,
       e.sequence, e.id, e.event_type, e.event_version, e.ordering_key, e.occurred_at, e.payload,
       e.traceparent, e.aggregate_type, e.aggregate_id, e.correlation_id, e.causation_id
FROM unnest($1::smallint[], $2::bigint[]) AS n (shard, epoch)
JOIN outbox_cursors c
  ON c.sink = $3 AND c.shard = n.shard AND c.owner = $4 AND c.epoch = n.epoch
CROSS JOIN LATERAL (
    SELECT l.event, l.attempts
    FROM (
        SELECT p.sequence, p.event, p.attempts,
               bool_and(p.next_attempt_at <= clock_timestamp()) OVER (
                   PARTITION BY p.ordering_key ORDER BY p.sequence ROWS UNBOUNDED PRECEDING) AS is_due
        FROM outbox_parked p
        WHERE p.sink = c.sink AND p.shard = c.shard AND p.is_replay = $5::boolean
          AND p.state <> 'dead'
          AND NOT ($6::boolean AND EXISTS (
              SELECT FROM outbox_parked g
              WHERE g.sink = p.sink AND g.ordering_key = p.ordering_key AND NOT g.is_replay
                AND g.state = 'dead' AND g.sequence < p.sequence))
    ) l
    WHERE l.is_due ORDER BY l.sequence LIMIT $7::bigint
) d
CROSS JOIN LATERAL jsonb_populate_record(NULL::outbox_events, d.event) e;
DEALLOCATE s;

PREPARE s AS
SELECT c.shard, c.last_sequence, e.sequence, e.id, e.event_type, e.event_version, e.ordering_key,
       e.occurred_at, e.payload, e.traceparent, e.aggregate_type, e.aggregate_id, e.correlation_id,
       e.causation_id,
       (SELECT EXISTS (SELECT FROM outbox_parked WHERE sink = $1))
           AND EXISTS (SELECT FROM outbox_parked p
                       WHERE p.sink = c.sink AND p.ordering_key = e.ordering_key AND NOT p.is_replay
                         AND (p.state <> 'dead' OR $2::boolean)) AS is_blocked
FROM unnest($3::smallint[], $4::bigint[]) AS n (shard, epoch)
JOIN outbox_cursors c
  ON c.sink = $5 AND c.shard = n.shard AND c.owner = $6 AND c.epoch = n.epoch
CROSS JOIN LATERAL (
    SELECT * FROM outbox_events e
    WHERE e.shard = c.shard AND e.sequence > c.last_sequence
      AND e.occurred_at >= c.last_occurred_at - interval '1 day'
    ORDER BY e.sequence LIMIT $7::bigint
) e;
DEALLOCATE s;

PREPARE s AS
SELECT coalesce((SELECT max(cleaned_at)::text FROM erasures), '');
DEALLOCATE s;

PREPARE s AS
SELECT coalesce(disabled_reason, 'no reason was given') FROM outbox_sinks
WHERE sink = $1 AND disabled_at IS NOT NULL;
DEALLOCATE s;

PREPARE s AS
SELECT coalesce(max(version), 0) FROM schema_migrations;
DEALLOCATE s;

PREPARE s AS
SELECT count(*) FILTER (WHERE c.owner IS NULL OR c.lease_until <= clock_timestamp()),
       coalesce(sum(behind.events), 0)::bigint,
       greatest(extract(epoch FROM clock_timestamp() - min(behind.oldest)) * 1000000, 0)::bigint
FROM outbox_cursors c
CROSS JOIN LATERAL (
    SELECT count(*) AS events, min(occurred_at) AS oldest
    FROM (
        SELECT e.occurred_at FROM outbox_events e
        WHERE e.shard = c.shard AND e.sequence > c.last_sequence
          AND e.occurred_at >= c.last_occurred_at - interval '1 day'
        ORDER BY e.sequence LIMIT $1::bigint
    ) e
) behind
WHERE c.sink = $2;
DEALLOCATE s;

PREPARE s AS
SELECT count(*), coalesce(max(id), 0)
  FROM dead_letters
 WHERE (cardinality($1::text[]) = 0 OR message_sid = ANY ($2))
   AND (cardinality($3::text[]) = 0 OR sender = ANY ($4))
   AND ($5::text IS NULL OR reason = $6) AND at >= $7 AND at < $8
   AND ($9::boolean OR (replayed_at IS NULL AND discarded_at IS NULL));
DEALLOCATE s;

PREPARE s AS
SELECT e.sequence FROM erasures x JOIN outbox_events e ON e.ordering_key = x.user_id::text
 WHERE e.payload ?| $1;
DEALLOCATE s;

PREPARE s AS
SELECT e.user_id, e.message_sid, e.erased_at, e.known_since, e.addresses IS NULL,
       array_to_string(e.addresses, ' '),
       e.erased_at > $1 AND EXISTS (
         SELECT 1 FROM outbound_messages o
          WHERE o.in_reply_to = e.message_sid AND o.state IN ('sending', 'unknown')),
       e.correlation_id
  FROM erasures e WHERE e.finished_at IS NULL ORDER BY e.erased_at LIMIT $2;
DEALLOCATE s;

PREPARE s AS
SELECT id, message_sid, sender, reason, error, deliveries, raw, at, replayed_at, discarded_at
  FROM dead_letters
 WHERE (cardinality($1::text[]) = 0 OR message_sid = ANY ($2))
   AND (cardinality($3::text[]) = 0 OR sender = ANY ($4))
   AND ($5::text IS NULL OR reason = $6) AND at >= $7 AND at < $8
   AND ($9::boolean OR (replayed_at IS NULL AND discarded_at IS NULL)) AND id <= $10
   AND (at, id) > ($11::timestamptz, $12::bigint)
 ORDER BY at, id LIMIT $13;
DEALLOCATE s;

PREPARE s AS
SELECT id, reference, origin_crs, destination_crs, scheduled_departure, status, compensation_pence,
       evaluated_at, created_at
  FROM claims WHERE user_id = (SELECT id FROM users WHERE sender = $1 OR phone_number = $2
 ORDER BY (sender = $3) DESC LIMIT 1)
 ORDER BY (reference = $4 OR id = $5) DESC NULLS LAST, created_at DESC, id DESC LIMIT $6;
DEALLOCATE s;

PREPARE s AS
SELECT id, sender, 'whatsapp:' || phone_number, external_user_id FROM users
 WHERE sender = $1 OR external_user_id = $2 OR phone_number = $3
 ORDER BY (sender = $4) DESC, created_at;
DEALLOCATE s;

PREPARE s AS
SELECT jsonb_build_object($1::text, (
  SELECT count(*) FROM "claim_media" WHERE user_id = $2), $3::text, (
  SELECT count(*) FROM "claims" WHERE user_id = $4), $5::text, (
  SELECT count(*) FROM "otp_challenges" WHERE user_id = $6), $7::text, (
  SELECT count(*) FROM "user_preferences" WHERE user_id = $8), $9::text, (
  SELECT count(*) FROM "users" WHERE id = $10), $11::text, (
  SELECT count(*) FROM "inbound_messages" WHERE (sender = ANY (($12::text[])) OR sender = $13)), $14::text, (
  SELECT count(*) FROM "outbound_messages" WHERE sender = ANY (($15::text[]))), $16::text, (
  SELECT count(*) FROM "dead_letters" WHERE (sender = ANY (($17::text[])) OR sender = $18)), $19::text, (
  SELECT count(*) FROM "outbox_events" WHERE shard = $20 AND ordering_key = $21
  AND payload ?| $22), $23::text, (
  SELECT count(*) FROM "outbox_parked" WHERE ordering_key = $24 AND event->'payload' ?| $25))::text;
DEALLOCATE s;

PREPARE s AS
SELECT log_id FROM outbox_meta;
DEALLOCATE s;

PREPARE s AS
SELECT m.*, CASE WHEN m.is_processed THEN
         (SELECT count(*) FROM inbound_messages run
           WHERE run.sender = m.sender AND starts_with(run.message_sid, m.message_sid || ':replay:'))
       ELSE 0 END AS runs
  FROM (
    (SELECT i.message_sid, i.sender, i.kind, i.raw, i.received_at, i.correlation_id,
            i.processed_at IS NOT NULL AS is_processed, i.sequence AS place, NULL::timestamptz AS at
       FROM inbound_messages i
      WHERE i.received_at >= $1 AND i.received_at < $2
        AND (cardinality($3::text[]) = 0 OR i.sender = ANY ($4))
        AND (i.processed_at IS NULL AND NOT EXISTS (
               SELECT FROM dead_letters d
                WHERE d.message_sid = i.message_sid AND d.replayed_at IS NULL AND d.discarded_at IS NULL)
          OR i.processed_at IS NOT NULL AND $5::boolean AND i.kind = 'message'
             AND position(':replay:' IN i.message_sid) = 0)
        AND i.received_at >= $6
        AND (i.received_at, i.sequence, i.message_sid) > ($7::timestamptz, $8::bigint, $9::text)
      ORDER BY i.received_at, i.sequence, i.message_sid LIMIT $10)
    UNION ALL
    (SELECT l.message_sid, l.sender, NULL, l.raw, l.received_at, NULL, false, l.id, l.at
       FROM (SELECT d.*, CASE WHEN h.micros ~ '^[0-9]{1,16}$'
                         THEN timestamptz 'epoch' + h.micros::bigint * interval '1 microsecond'
                         ELSE d.at END AS received_at
               FROM dead_letters d,
                    LATERAL (SELECT split_part(encode(substring(d.raw FROM 1 FOR 700), 'escape'),
                                               chr(31), 4) AS micros) h
              WHERE d.replayed_at IS NULL AND d.discarded_at IS NULL AND d.at >= $11
                AND (cardinality($12::text[]) = 0 OR d.sender = ANY ($13))
                AND NOT EXISTS (SELECT FROM dead_letters later
                                 WHERE later.message_sid = d.message_sid AND later.id > d.id
                                   AND later.replayed_at IS NULL AND later.discarded_at IS NULL)) l
      WHERE l.received_at >= $14 AND l.received_at < $15
        AND (l.received_at, l.id, l.message_sid) > ($16::timestamptz, $17::bigint, $18::text)
      ORDER BY l.received_at, l.id, l.message_sid LIMIT $19)
  ) m
 ORDER BY m.received_at, m.place, m.message_sid LIMIT $20;
DEALLOCATE s;

PREPARE s AS
SELECT message_sid, false FROM inbound_messages WHERE message_sid = ANY ($1)
   AND NOT EXISTS (
     SELECT 1 FROM outbound_messages reply
      WHERE reply.in_reply_to = inbound_messages.message_sid AND reply.state IN ('sending', 'unknown')
        AND reply.updated_at > now() - interval '1 hour')
UNION ALL SELECT message_sid, true FROM dead_letters WHERE message_sid = ANY ($2);
DEALLOCATE s;

PREPARE s AS
SELECT n.shard, n.epoch, e.sequence, e.occurred_at
FROM unnest($1::smallint[], $2::bigint[],
            $3::bigint[], $4::text[])
     AS n (shard, epoch, sequence, id)
JOIN outbox_events e
  ON e.shard = n.shard AND e.sequence = n.sequence AND e.id::text = coalesce(n.id, e.id::text);
DEALLOCATE s;

PREPARE s AS
SELECT o.id, o.in_reply_to, o.position, o.sender, o.recipient, o.channel, o.body, o.state, o.attempts,
o.attempted_at, o.provider_sid, o.challenge_id, c.salt, o.content_sid, o.content_variables::text, o.created_at
  FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
 WHERE o.in_reply_to = $1 ORDER BY o.position;
DEALLOCATE s;

PREPARE s AS
SELECT o.id, o.in_reply_to, o.position, o.sender, o.recipient, o.channel, o.body, o.state, o.attempts,
o.attempted_at, o.provider_sid, o.challenge_id, c.salt, o.content_sid, o.content_variables::text, o.created_at
  FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
 WHERE o.sender = $1 AND o.state IN ('sending', 'unknown') AND o.in_reply_to <> $2
   AND o.created_at > $3
   AND (o.attempted_at IS NULL OR (o.challenge_id IS NULL AND o.content_sid IS NULL))
 ORDER BY o.created_at, o.in_reply_to, o.position LIMIT 20;
DEALLOCATE s;

PREPARE s AS
SELECT o.id, o.in_reply_to, o.position, o.sender, o.recipient, o.channel, o.body, o.state, o.attempts,
o.attempted_at, o.provider_sid, o.challenge_id, c.salt, o.content_sid, o.content_variables::text, o.created_at, u.id, u.opted_out_at IS NOT NULL, o.correlation_id,
       o.conversation_id
  FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
  LEFT JOIN LATERAL (
    SELECT id, opted_out_at FROM users
     WHERE (sender = o.sender OR phone_number = regexp_replace(o.sender, '^whatsapp:', ''))
       -- The reply to who was erased is not for who has their address now.
       AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.message_sid = o.in_reply_to)
     ORDER BY (sender = o.sender) DESC LIMIT 1) u ON true
 WHERE o.id = $1 OR ($2::uuid IS NULL AND o.provider_sid = $3);
DEALLOCATE s;

PREPARE s AS
SELECT outbox_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
DEALLOCATE s;

PREPARE s AS
SELECT outbox_register_sink($1);
DEALLOCATE s;

PREPARE s AS
SELECT owner FROM outbox_relays WHERE sink = $1 AND lease_until > clock_timestamp();
DEALLOCATE s;

PREPARE s AS
SELECT owner, extract(epoch FROM leased_until - now())::double precision FROM backfill_watermark
 WHERE leased_until > now() AND owner IS NOT NULL;
DEALLOCATE s;

PREPARE s AS
SELECT pg_advisory_xact_lock('erasures'::regclass::oid::integer, 0);
DEALLOCATE s;

PREPARE s AS
SELECT pg_advisory_xact_lock(hashtext('code to a number'), hashtext($1));
DEALLOCATE s;

PREPARE s AS
SELECT pg_advisory_xact_lock_shared('erasures'::regclass::oid::integer, 0);
DEALLOCATE s;

PREPARE s AS
SELECT processed_at IS NOT NULL, outcome->>'state' FROM inbound_messages WHERE message_sid = $1;
DEALLOCATE s;

PREPARE s AS
SELECT record_processed($1, $2, $3, $4,
                        $5, $6,
                        $7);
DEALLOCATE s;

PREPARE s AS
SELECT require_latest($1, $2);
DEALLOCATE s;

PREPARE s AS
SELECT sender FROM users WHERE id = $1;
DEALLOCATE s;

PREPARE s AS
SELECT sender FROM users WHERE phone_number = $1 AND sender <> $2;
DEALLOCATE s;

PREPARE s AS
SELECT sent_at, locked_at FROM erased_codes
 WHERE (number_mac = $1 OR number_mac = $2) AND sent_at > $3
 ORDER BY sent_at DESC LIMIT 40;
DEALLOCATE s;

PREPARE s AS
SELECT sequence FROM outbox_parked WHERE sink = $1 AND NOT is_replay;
DEALLOCATE s;

PREPARE s AS
SELECT sequence, id::text FROM outbox_events
 WHERE shard = $1::smallint AND sequence > $2::bigint AND sequence <= $3::bigint
   AND occurred_at >= $4
 ORDER BY sequence LIMIT $5;
DEALLOCATE s;

PREPARE s AS
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('jit', 'off', true);
DEALLOCATE s;

PREPARE s AS
SELECT shard, CASE WHEN lease_until > clock_timestamp() THEN owner END, epoch FROM outbox_cursors
WHERE sink = $1;
DEALLOCATE s;

PREPARE s AS
SELECT shard, last_sequence FROM outbox_cursors WHERE sink = $1;
DEALLOCATE s;

PREPARE s AS
SELECT sid FROM unnest($1::text[]) WITH ORDINALITY AS listed (sid, place)
 WHERE NOT EXISTS (SELECT 1 FROM outbound_messages o WHERE o.provider_sid = sid AND o.id <> $2)
   AND NOT EXISTS (SELECT 1 FROM outbound_messages o
                    WHERE o.sender = $3 AND o.id <> $4 AND sid = ANY (o.duplicate_sids))
 ORDER BY place;
DEALLOCATE s;

PREPARE s AS
SELECT take_known_turn($1, $2, $3, $4, $5,
  $6, $7);
DEALLOCATE s;

PREPARE s AS
SELECT take_turn($1, $2, $3, $4, $5,
  $6, $7);
DEALLOCATE s;

PREPARE s AS
SELECT u.id, u.phone_number, u.display_name, u.verified_at, u.terms_version, u.opted_out_at, u.blocked_at,
       u.last_inbound_at, p.notifications_enabled, p.language, p.timezone
  FROM users u LEFT JOIN user_preferences p ON p.user_id = u.id
 WHERE u.sender = $1 OR u.phone_number = $2
 ORDER BY (u.sender = $3) DESC LIMIT 1;
DEALLOCATE s;

PREPARE s AS
SELECT user_id::text, counts::text, finished_at IS NOT NULL FROM erasures
 WHERE message_sid = $1 AND cleaned_at IS NOT NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE backfill_watermark SET owner = NULL, leased_until = NULL WHERE owner = $1;
DEALLOCATE s;

PREPARE s AS
UPDATE backfill_watermark SET read_until = greatest(read_until, $1), updated_at = now()
 WHERE owner = $2 AND leased_until > now();
DEALLOCATE s;

PREPARE s AS
UPDATE claims
   SET status = $1, compensation_pence = $2,
       evaluated_at = $3, evaluated_delay_minutes = $4,
       evaluation_reason = $5, updated_at = $6
 WHERE id = $7 AND user_id = $8;
DEALLOCATE s;

PREPARE s AS
UPDATE claims SET status = 'withdrawn', updated_at = $1
 WHERE id = $2 AND user_id = $3 AND status IN ('submitted', 'evaluating');
DEALLOCATE s;

PREPARE s AS
UPDATE dead_letters
   SET sender = '', raw = NULL, error = NULL, correlation_id = NULL,
       discarded_at = CASE WHEN replayed_at IS NULL THEN coalesce(discarded_at, $1) ELSE discarded_at END
 WHERE (sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $2)::text[])) OR sender = $3);
DEALLOCATE s;

PREPARE s AS
UPDATE dead_letters
   SET sender = '', raw = NULL, error = NULL, correlation_id = NULL,
       discarded_at = CASE WHEN replayed_at IS NULL THEN coalesce(discarded_at, $1) ELSE discarded_at END
 WHERE message_sid = $2 OR (at <= $3 AND (
  sender = ANY ($4::text[]) OR sender = $5
  OR ((sender = '' OR sender LIKE 'status:%') AND raw IS NOT NULL
      AND encode(raw, 'escape') ~ ANY ($6::text[]))));
DEALLOCATE s;

PREPARE s AS
UPDATE dead_letters SET discarded_at = now()
 WHERE id = ANY ($1) AND replayed_at IS NULL AND discarded_at IS NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE dead_letters SET replayed_at = now()
 WHERE id = ANY ($1) AND replayed_at IS NULL AND discarded_at IS NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE erasures SET addresses = NULL, cleaned_at = clock_timestamp() WHERE user_id = $1 AND cleaned_at IS NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE erasures SET counts = jsonb_build_object($1::text, (
  SELECT count(*) FROM "claim_media" WHERE user_id = $2), $3::text, (
  SELECT count(*) FROM "claims" WHERE user_id = $4), $5::text, (
  SELECT count(*) FROM "otp_challenges" WHERE user_id = $6), $7::text, (
  SELECT count(*) FROM "user_preferences" WHERE user_id = $8), $9::text, (
  SELECT count(*) FROM "users" WHERE id = $10), $11::text, (
  SELECT count(*) FROM "inbound_messages" WHERE (sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $12)::text[])) OR sender = $13)), $14::text, (
  SELECT count(*) FROM "outbound_messages" WHERE sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $15)::text[]))), $16::text, (
  SELECT count(*) FROM "dead_letters" WHERE (sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $17)::text[])) OR sender = $18)), $19::text, (
  SELECT count(*) FROM "outbox_events" WHERE shard = $20 AND ordering_key = $21
  AND payload ?| $22), $23::text, (
  SELECT count(*) FROM "outbox_parked" WHERE ordering_key = $24 AND event->'payload' ?| $25)) WHERE user_id = $26;
DEALLOCATE s;

PREPARE s AS
UPDATE erasures SET finished_at = $1, correlation_id = NULL WHERE user_id = $2 AND finished_at IS NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE inbound_messages
   SET sender = '', raw = NULL, correlation_id = NULL, conversation_id = NULL, outcome = '{"erased":true}',
       processed_at = coalesce(processed_at, $1)
 WHERE (sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $2)::text[])) OR sender = $3);
DEALLOCATE s;

PREPARE s AS
UPDATE otp_challenges SET attempts = attempts + 1 WHERE id = $1;
DEALLOCATE s;

PREPARE s AS
UPDATE otp_challenges SET consumed_at = $1 WHERE id = $2;
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages
   SET attempts = attempts + 1, attempted_at = $1, state = 'sending', updated_at = now()
 WHERE id = $2 AND attempts = $3 AND state IN ('sending', 'unknown')
   AND ($4::bigint IS NULL
        OR EXISTS (SELECT 1 FROM users WHERE id = $5 AND fence = $6))
RETURNING attempts;
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages
   SET provider_sid = CASE WHEN EXISTS (SELECT 1 FROM outbound_messages o WHERE o.provider_sid = $1)
                           THEN provider_sid ELSE coalesce(provider_sid, $2) END,
       state = CASE WHEN state = ANY ($3) THEN $4 ELSE state END,
       updated_at = now()
 WHERE id = $5;
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages
   SET sender = '', recipient = '', body = '', content_variables = NULL, correlation_id = NULL,
       conversation_id = NULL,
       state = CASE WHEN state IN ('sending', 'unknown') THEN 'failed' ELSE state END, updated_at = now()
 WHERE in_reply_to = $1;
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages
   SET sender = '', recipient = '', body = '', content_variables = NULL, correlation_id = NULL,
       conversation_id = NULL,
       state = CASE WHEN state IN ('sending', 'unknown') THEN 'failed' ELSE state END, updated_at = now()
 WHERE sender = ANY (((SELECT addresses FROM erasures WHERE user_id = $1)::text[]));
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages
   SET state = 'failed', error_code = $1, updated_at = now()
 WHERE in_reply_to = $2 AND channel = 'whatsapp' AND state = 'sending'
   AND attempted_at IS NULL AND content_sid IS NULL;
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages SET attempted_at = NULL, updated_at = now()
 WHERE id = $1 AND attempts = $2 AND state = 'sending';
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages SET duplicate_sids = array_append(duplicate_sids, $1)
 WHERE id = $2 AND provider_sid <> $3 AND NOT $4 = ANY (duplicate_sids);
DEALLOCATE s;

PREPARE s AS
UPDATE outbound_messages SET state = 'unknown', updated_at = now()
 WHERE id = $1 AND attempts = $2 AND state = 'sending';
DEALLOCATE s;

PREPARE s AS
UPDATE outbox_cursors SET owner = NULL, lease_until = '-infinity', updated_at = clock_timestamp()
WHERE sink = $1 AND owner = $2;
DEALLOCATE s;

PREPARE s AS
UPDATE outbox_cursors c
SET last_sequence = n.sequence, last_occurred_at = n.occurred_at, updated_at = clock_timestamp(),
    lease_until = clock_timestamp() + $1::bigint * interval '1 millisecond'
FROM unnest($2::smallint[], $3::bigint[],
            $4::bigint[],
            $5::timestamptz[])
     AS n (shard, epoch, sequence, occurred_at)
WHERE c.sink = $6 AND c.shard = n.shard AND c.owner = $7 AND c.epoch = n.epoch
RETURNING c.shard;
DEALLOCATE s;

PREPARE s AS
UPDATE outbox_cursors c SET lease_until = clock_timestamp() + $1::bigint * interval '1 millisecond', updated_at = clock_timestamp()
FROM unnest($2::smallint[], $3::bigint[]) AS n (shard, epoch)
WHERE c.sink = $4 AND c.shard = n.shard AND c.owner = $5 AND c.epoch = n.epoch;
DEALLOCATE s;

PREPARE s AS
UPDATE outbox_events
   SET payload = jsonb_set(jsonb_set(payload, '{phone_number}', 'null', false), '{ticket_url}', 'null', false)
 WHERE shard = $1 AND ordering_key = $2
  AND payload ?| $3;
DEALLOCATE s;

PREPARE s AS
UPDATE outbox_parked
   SET event = jsonb_set(
         jsonb_set(event, '{payload,phone_number}', 'null', false), '{payload,ticket_url}', 'null', false)
 WHERE ordering_key = $1 AND event->'payload' ?| $2;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET blocked_at = $1, block_reason = 'too_many_codes', updated_at = $2 WHERE id = $3;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET opted_out_at = $1, updated_at = $2 WHERE id = $3;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET opted_out_at = NULL, updated_at = $1 WHERE id = $2;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET phone_number = NULL, verified_at = NULL WHERE phone_number = $1 AND id <> $2;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET terms_accepted_at = $1, terms_version = $2, updated_at = $3 WHERE id = $4;
DEALLOCATE s;

PREPARE s AS
UPDATE users SET verified_at = $1, phone_number = $2, blocked_at = NULL, block_reason = NULL,
       updated_at = $3 WHERE id = $4;
DEALLOCATE s;

PREPARE s AS
WITH changed AS (UPDATE outbound_messages
   SET state = $1, error_code = coalesce($2, error_code),
       updated_at = now()
 WHERE id = $3 AND state IN ('sending', 'unknown', 'sent')
RETURNING id)
INSERT INTO outbound_messages
  (id, in_reply_to, position, sender, recipient, channel, body, state, content_sid, content_variables,
   correlation_id, conversation_id)
SELECT $4, o.in_reply_to,
       (SELECT max(position) + 1 FROM outbound_messages WHERE in_reply_to = o.in_reply_to),
       o.sender, o.recipient, o.channel, '', 'sending', $5,
       coalesce($6::jsonb, jsonb_build_object('1', coalesce(nullif(btrim(left(
         regexp_replace(u.display_name, '[[:space:]]+', ' ', 'g'), 60)), ''), 'there'))),
       o.correlation_id, o.conversation_id
  FROM changed JOIN outbound_messages o USING (id) LEFT JOIN users u ON u.id = $7
 WHERE NOT EXISTS (SELECT 1 FROM outbound_messages t
                    WHERE t.in_reply_to = o.in_reply_to AND t.content_sid IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM outbound_messages t
                    WHERE t.sender = o.sender AND t.content_sid = $8 AND $9
                      AND t.created_at > coalesce(u.last_inbound_at, '-infinity'));
DEALLOCATE s;

PREPARE s AS
WITH changed AS (UPDATE outbound_messages
   SET state = $1, error_code = coalesce($2, error_code),
       updated_at = now()
 WHERE id = $3 AND state IN ('sending', 'unknown', 'sent')
RETURNING id)
SELECT outbox_append($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  FROM changed;
DEALLOCATE s;

PREPARE s AS
WITH free AS MATERIALIZED (
    SELECT shard FROM outbox_cursors WHERE sink = $1 AND lease_until < clock_timestamp()
    ORDER BY shard LIMIT $2::bigint FOR UPDATE SKIP LOCKED
)
UPDATE outbox_cursors c
SET owner = $3, epoch = c.epoch + 1, lease_until = clock_timestamp() + $4::bigint * interval '1 millisecond', updated_at = clock_timestamp()
FROM free WHERE c.sink = $5 AND c.shard = free.shard
RETURNING c.shard, c.epoch, c.last_sequence;
DEALLOCATE s;

PREPARE s AS
WITH media AS (
  UPDATE claim_media SET claim_id = $1 WHERE user_id = $2 AND claim_id IS NULL AND url = $3
  RETURNING media_type, sha256, octet_length(content) AS size)
UPDATE claims
   SET ticket_media_type = media.media_type, ticket_media_sha256 = media.sha256, ticket_media_bytes = media.size
  FROM media WHERE claims.id = $4;
DEALLOCATE s;

PREPARE s AS
WITH owner AS MATERIALIZED (SELECT id FROM users WHERE sender = $1 OR phone_number = $2
 ORDER BY (sender = $3) DESC LIMIT 1),
     latest AS MATERIALIZED (
       SELECT sent_to FROM otp_challenges WHERE user_id = (SELECT id FROM owner)
        ORDER BY created_at DESC LIMIT 1)
SELECT c.id, c.code_mac, c.salt, c.sent_to, c.expires_at, c.attempts, c.consumed_at, c.created_at, c.user_id
  FROM otp_challenges c
 WHERE c.created_at > $4
   AND (c.user_id = (SELECT id FROM owner)
        OR c.sent_to = $5 OR c.sent_to = $6
        OR c.sent_to = (SELECT phone_number FROM users WHERE id = (SELECT id FROM owner))
        OR c.sent_to = (SELECT sent_to FROM latest))
 ORDER BY c.created_at DESC LIMIT 100;
DEALLOCATE s;
