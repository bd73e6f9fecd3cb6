-- The outbox: an insert-only log, split into shards, whose order inside a shard is the order of commits.
-- A sink's position is one row a shard in outbox_cursors; nothing ever updates an event.
-- Names are unqualified: the session's search_path names the one schema (docs/decisions/0003-insert-only-outbox.md).

-- What this log is. After a restore from a backup the log has another history: give it another log_id.
CREATE TABLE outbox_meta (
    one    boolean  PRIMARY KEY DEFAULT true CONSTRAINT outbox_meta_one_row CHECK (one),
    log_id uuid     NOT NULL DEFAULT gen_random_uuid(),
    shards smallint NOT NULL DEFAULT 64 CONSTRAINT outbox_meta_shards CHECK (shards BETWEEN 1 AND 1024)
);
INSERT INTO outbox_meta DEFAULT VALUES;

-- CACHE must stay 1: numbers kept by a session would come out of order inside a shard.
CREATE SEQUENCE outbox_sequence AS bigint CACHE 1;

CREATE TABLE outbox_events (
    id             uuid        NOT NULL,                                -- v7, made by the writer: what consumers deduplicate by
    sequence       bigint      NOT NULL DEFAULT nextval('outbox_sequence'),
    shard          smallint    NOT NULL,                                -- fnv1a64(ordering_key) mod 64, computed by the writer
    ordering_key   text        NOT NULL,                                -- the user: what concerns one person stays in order
    aggregate_type text        NOT NULL,
    aggregate_id   uuid        NOT NULL,
    event_type     text        NOT NULL,
    event_version  smallint    NOT NULL DEFAULT 1,
    payload        jsonb       NOT NULL,
    correlation_id text        NOT NULL,
    causation_id   text,                                                -- the MessageSid that caused it
    traceparent    text,
    occurred_at    timestamptz NOT NULL DEFAULT clock_timestamp(),      -- read under the shard's lock
    xid            xid8        NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT outbox_events_pkey PRIMARY KEY (shard, sequence, occurred_at)
) PARTITION BY RANGE (occurred_at);

-- Takes what no day's partition was made for, so that a stopped relay never makes a write fail.
CREATE TABLE outbox_events_default PARTITION OF outbox_events DEFAULT;

-- Position, lease and fencing epoch of a sink in a shard: the only rows that publishing updates.
CREATE TABLE outbox_cursors (
    sink             text        NOT NULL,
    shard            smallint    NOT NULL,
    last_sequence    bigint      NOT NULL DEFAULT 0,
    last_occurred_at timestamptz NOT NULL DEFAULT '-infinity',          -- of that event: spares reading old partitions
    owner            text,
    epoch            bigint      NOT NULL DEFAULT 0,                    -- grows with every change of owner
    lease_until      timestamptz NOT NULL DEFAULT '-infinity',
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT outbox_cursors_pkey PRIMARY KEY (sink, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- The relays that are alive, the ones without a shard too: what a fair share is a share of.
CREATE TABLE outbox_relays (
    sink        text        NOT NULL,
    owner       text        NOT NULL,
    lease_until timestamptz NOT NULL,
    CONSTRAINT outbox_relays_pkey PRIMARY KEY (sink, owner)
) WITH (fillfactor = 50);

-- Appends an event: the last statement of a transaction, with one ordering key a transaction.
-- The shard's lock is held until the commit is visible, so that sequence and commits have one order; locks are the
-- table's own (its oid), so that two schemas of one database do not wait for each other.
CREATE FUNCTION outbox_append(
    p_id uuid, p_shard integer, p_ordering_key text, p_aggregate_type text, p_aggregate_id uuid, p_event_type text,
    p_event_version integer, p_payload jsonb, p_correlation_id text, p_causation_id text, p_traceparent text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    appended bigint;
BEGIN
    PERFORM pg_advisory_xact_lock('outbox_events'::regclass::oid::integer, p_shard);
    INSERT INTO outbox_events (id, shard, ordering_key, aggregate_type, aggregate_id, event_type, event_version, payload,
                               correlation_id, causation_id, traceparent)
    VALUES (p_id, p_shard, p_ordering_key, p_aggregate_type, p_aggregate_id, p_event_type, p_event_version, p_payload,
            p_correlation_id, p_causation_id, p_traceparent)
    RETURNING sequence INTO appended;
    RETURN appended;
END $$;

-- Gives a sink its cursors, at the oldest event that is still there. Safe to call again.
CREATE FUNCTION outbox_register_sink(p_sink text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_cursors (sink, shard)
    SELECT p_sink, s FROM outbox_meta m, generate_series(0, m.shards - 1) s
    ON CONFLICT DO NOTHING;
$$;

-- Makes the partitions of today and the next days (UTC), drops those older than p_keep that every cursor has passed,
-- and says what it did or had to leave. Gives up after half a second of waiting for a lock; one at a time.
CREATE FUNCTION outbox_maintain(p_keep interval DEFAULT '7 days', p_ahead integer DEFAULT 2)
RETURNS TABLE (action text, partition text) LANGUAGE plpgsql AS $$
DECLARE
    today   date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    day     date;
    is_held boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock('outbox_meta'::regclass::oid::integer, 0) THEN
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', '500ms', true);
    FOR day IN SELECT generate_series(today, today + p_ahead, interval '1 day')::date LOOP
        partition := 'outbox_events_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- A day that has begun in the default partition stays there.
        IF EXISTS (SELECT FROM outbox_events_default d
                   WHERE d.occurred_at >= day::timestamp AT TIME ZONE 'UTC'
                     AND d.occurred_at < (day + 1)::timestamp AT TIME ZONE 'UTC') THEN
            action := 'left to the default partition';
            RETURN NEXT;
            CONTINUE;
        END IF;
        -- Attaching does not stop writers, CREATE TABLE ... PARTITION OF would.
        EXECUTE format('CREATE TABLE %I (LIKE outbox_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
        EXECUTE format('ALTER TABLE outbox_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition,
                       day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
        action := 'made';
        RETURN NEXT;
    END LOOP;
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'outbox_events'::regclass AND c.relname ~ '^outbox_events_[0-9]{8}$'
          AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' < clock_timestamp() - p_keep
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM outbox_cursors) OR EXISTS (SELECT FROM outbox_cursors c
                        WHERE EXISTS (SELECT FROM %I e WHERE e.shard = c.shard AND e.sequence > c.last_sequence))', partition)
        INTO is_held;
        IF is_held THEN
            action := 'held: a sink is behind';
        ELSE
            EXECUTE format('DROP TABLE %I', partition);
            action := 'dropped';
        END IF;
        RETURN NEXT;
    END LOOP;
    DELETE FROM outbox_events_default d
    WHERE d.occurred_at < clock_timestamp() - p_keep
      AND EXISTS (SELECT FROM outbox_cursors c WHERE c.shard = d.shard)
      AND NOT EXISTS (SELECT FROM outbox_cursors c WHERE c.shard = d.shard AND c.last_sequence < d.sequence);
END $$;

-- Which events which sink has published, for people: the log itself holds no such column.
CREATE VIEW outbox_progress AS
SELECT e.id, e.sequence, e.shard, e.event_type, e.occurred_at, c.sink, e.sequence <= c.last_sequence AS is_published
FROM outbox_events e JOIN outbox_cursors c ON c.shard = e.shard;

SELECT outbox_maintain();
