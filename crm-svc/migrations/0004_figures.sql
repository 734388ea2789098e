-- The figures (crm-svc/figures) look at all stores at once, which no index that begins with the store can serve. Each of
-- these finds what is open by its state, or what a window of time holds, and nothing of the years before.
CREATE INDEX figures ON service_record (delivery_time, store_id);
CREATE INDEX figures ON recommendation (state, store_id);
CREATE INDEX figures ON follow_up (state, due_time, store_id);
CREATE INDEX figures ON reminder (state, remind_time, store_id);
