-- Alone in its file: until an index is made, writers of its table wait, and with an ALTER TABLE before it readers would too.
CREATE INDEX inbound_messages_correlation_id_idx ON inbound_messages (correlation_id) WHERE correlation_id IS NOT NULL;
