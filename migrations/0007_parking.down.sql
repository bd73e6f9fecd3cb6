DROP FUNCTION outbox_forget_sink(text);
CREATE OR REPLACE FUNCTION outbox_register_sink(p_sink text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_cursors (sink, shard)
    SELECT p_sink, s FROM outbox_meta m, generate_series(0, m.shards - 1) s
    ON CONFLICT DO NOTHING;
$$;
DROP TABLE outbox_parked;
DROP TABLE outbox_sinks;
