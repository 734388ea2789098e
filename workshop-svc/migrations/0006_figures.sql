-- The figures (workshop-svc/figures) look at all stores at once, which no index that begins with the store can serve.
-- Each of these finds what is under way by its state, or what a window of time holds by that time, and nothing of the
-- years before. Behind the store stand the columns a month's figures add up: they are read from the index alone.
CREATE INDEX figures ON job (state, finish_time, store_id, technician_id, standard_minutes, clocked_seconds, rework_count);
CREATE INDEX figures ON workshop_order (state, complete_time, store_id, promised_time, work_kind, rework_count);
CREATE INDEX figures ON clocking (end_time, store_id, technician_id, start_time, pause_reason);
CREATE INDEX figures ON attendance (work_date, store_id, staff_member_id, attended_seconds, last_in_time, last_out_time);
CREATE INDEX figures ON verification (create_time, store_id, difference_count);
CREATE INDEX figures ON part_request (state, store_id);
CREATE INDEX figures ON finding (state, store_id);
CREATE INDEX figures ON delay_report (create_time, store_id);
CREATE INDEX figures ON inspection (create_time, store_id, level, passed);
CREATE INDEX figures ON slot_hold (end_time, store_id);
CREATE INDEX figures ON staff_certificate (expiry_date, store_id, staff_member_id);
