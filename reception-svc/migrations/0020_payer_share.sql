-- What warranty, insurance and manufacturer owe for settled orders (R-43). A projection of ledger_entry.
CREATE TABLE payer_share (
  store_id BINARY(16) NOT NULL,
  payer_share_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  settlement_id BINARY(16) NULL,
  settlement_number VARCHAR(40) NOT NULL,
  repair_order_id BINARY(16) NULL,
  payer VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'PARTLY_COLLECTED', 'COLLECTED')),
  total_amount BIGINT NOT NULL,
  collected_amount BIGINT NOT NULL,
  open_amount BIGINT NOT NULL,
  create_time DATETIME(6) NULL,
  update_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, payer_share_id),
  UNIQUE KEY one_per_payer (store_id, settlement_id, payer),
  KEY by_payer (store_id, payer, state),
  KEY by_state (store_id, state),
  KEY by_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Those of settlements issued before: the entry that booked the share lends it its id.
INSERT INTO payer_share (store_id, payer_share_id, version, settlement_id, settlement_number, repair_order_id, payer,
  state, total_amount, collected_amount, open_amount, create_time, update_time)
SELECT e.store_id, e.ledger_entry_id, 1, e.settlement_id, r.settlement_number, r.repair_order_id, e.debit_account,
  'OPEN', e.amount, 0, e.amount, e.create_time, e.create_time
FROM ledger_entry e JOIN receivable r ON r.store_id = e.store_id AND r.settlement_id = e.settlement_id
WHERE e.credit_account = 'SALES' AND e.debit_account IN ('WARRANTY', 'INSURANCE', 'MANUFACTURER');
