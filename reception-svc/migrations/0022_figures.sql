-- The figures (reception-svc/figures) look at all stores at once, which no index that begins with the store can serve.
-- Each of these finds what is open by its state, or what a window of time holds by state and time, and nothing of the
-- years before.
CREATE INDEX figures ON appointment (state, start_time, store_id);
CREATE INDEX figures ON appointment_deposit (state, store_id);
CREATE INDEX figures ON visit (state, arrival_time, store_id);
CREATE INDEX figures ON board_entry (on_board, store_id);
CREATE INDEX figures ON diagnosis (state, store_id);
CREATE INDEX figures ON repair_order (state, create_time, store_id);
CREATE INDEX figures ON add_on (state, create_time, store_id);
CREATE INDEX figures ON settlement (state, issue_time, store_id);
CREATE INDEX figures ON receivable (state, store_id);
CREATE INDEX figures ON payer_share (state, store_id);
CREATE INDEX figures ON payment (create_time, store_id);
CREATE INDEX figures ON gate_pass (state, store_id);
CREATE INDEX figures ON delivery (create_time, store_id);
CREATE INDEX figures ON price_change (state, store_id);
