-- What of the log a sink would not take, and which sinks there are. Docs: docs/relay.md.

-- The sinks that have cursors, and whether one was switched off until someone decides (an endpoint that answered 410).
CREATE TABLE outbox_sinks (
    sink            text        NOT NULL,
    registered_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at     timestamptz,
    disabled_reason text,
    CONSTRAINT outbox_sinks_pkey PRIMARY KEY (sink)
);
INSERT INTO outbox_sinks (sink, registered_at) SELECT sink, min(updated_at) FROM outbox_cursors GROUP BY sink;

-- Exceptions only: an event that a sink refused and what came after it for the same key; and what someone wants to be
-- published once more (is_replay), which goes beside the others and blocks nobody. The lowest sequence of a key that is
-- not dead is its head: only heads are tried. Dead ones stay for someone to look at.
CREATE TABLE outbox_parked (
    sink            text        NOT NULL,
    sequence        bigint      NOT NULL,
    is_replay       boolean     NOT NULL DEFAULT false,
    shard           smallint    NOT NULL,
    ordering_key    text        NOT NULL,
    event           jsonb       NOT NULL,                               -- the row of outbox_events: survives its partition
    state           text        NOT NULL CONSTRAINT outbox_parked_state CHECK (state IN ('retry', 'blocked', 'dead')),
    attempts        integer     NOT NULL DEFAULT 0,                     -- refusals so far
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_status     integer,
    last_error      text,
    first_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),     -- when it was put here
    CONSTRAINT outbox_parked_pkey PRIMARY KEY (sink, sequence, is_replay)
);
CREATE INDEX outbox_parked_live ON outbox_parked (sink, shard, is_replay, ordering_key, sequence) WHERE state <> 'dead';
CREATE INDEX outbox_parked_key ON outbox_parked (sink, ordering_key, sequence) WHERE NOT is_replay;
CREATE INDEX outbox_parked_dead ON outbox_parked (sink, first_failed_at) WHERE state = 'dead';

-- Gives a sink its cursors, at the oldest event that is still there. Safe to call again. It answers nothing, as before:
-- a relay of the release before has the statement prepared.
CREATE OR REPLACE FUNCTION outbox_register_sink(p_sink text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_cursors (sink, shard)
    SELECT p_sink, s FROM outbox_meta m, generate_series(0, m.shards - 1) s
    ON CONFLICT DO NOTHING;
    INSERT INTO outbox_sinks (sink) VALUES (p_sink) ON CONFLICT DO NOTHING;
$$;

-- Forgets a sink for good, its position and what is parked for it, so that it holds no partition any more. Refused while
-- a relay serves it: take it out of RELAY_SINKS first. Says whether there was one.
CREATE FUNCTION outbox_forget_sink(p_sink text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    was_there boolean;
BEGIN
    IF EXISTS (SELECT FROM outbox_relays WHERE sink = p_sink AND lease_until > clock_timestamp()) THEN
        RAISE EXCEPTION 'a relay serves the sink %', p_sink
            USING ERRCODE = 'object_in_use', HINT = 'take it out of RELAY_SINKS of every relay first';
    END IF;
    DELETE FROM outbox_parked WHERE sink = p_sink;
    DELETE FROM outbox_relays WHERE sink = p_sink;
    DELETE FROM outbox_cursors WHERE sink = p_sink;
    was_there := FOUND;
    DELETE FROM outbox_sinks WHERE sink = p_sink;
    RETURN was_there OR FOUND;
END $$;
