-- parts-svc speaks of an appointment by what it holds for it (R-33).
CREATE INDEX by_holding ON appointment (store_id, holding_id);
