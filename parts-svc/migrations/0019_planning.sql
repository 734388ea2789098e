-- Demand history (P-06). part_demand, stock_month and demand_position are projections of the ledger, the reservations
-- and the lost sales: counted up to position_time, which moves in the transaction that adds what lies before it.
CREATE TABLE part_demand (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  month DATE NOT NULL,
  version BIGINT NOT NULL,
  order_milli BIGINT NOT NULL,
  sale_milli BIGINT NOT NULL,
  special_order_milli BIGINT NOT NULL,
  lost_milli BIGINT NOT NULL,
  cost_amount BIGINT NOT NULL,
  special_order_cost_amount BIGINT NOT NULL,
  received_milli BIGINT NOT NULL,
  requested_line_count INT NOT NULL,
  served_line_count INT NOT NULL,
  lost_line_count INT NOT NULL,
  last_demand_time DATETIME(6) NULL,
  first_receipt_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, part_id, month),
  KEY part_demand_month (store_id, month)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE stock_month (
  store_id BINARY(16) NOT NULL,
  month DATE NOT NULL,
  version BIGINT NOT NULL,
  requested_line_count BIGINT NOT NULL,
  served_line_count BIGINT NOT NULL,
  lost_line_count BIGINT NOT NULL,
  cost_amount BIGINT NOT NULL,
  special_order_cost_amount BIGINT NOT NULL,
  value_change_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, month)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE demand_position (
  store_id BINARY(16) NOT NULL,
  position_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE lost_sale (
  store_id BINARY(16) NOT NULL,
  lost_sale_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  cause VARCHAR(40) NOT NULL,
  reason VARCHAR(300) NOT NULL,
  reservation_id BINARY(16) NULL,
  actor VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, lost_sale_id),
  KEY lost_sale_part (store_id, part_id),
  KEY lost_sale_reservation (store_id, reservation_id),
  KEY lost_sale_create_time (store_id, create_time),
  CONSTRAINT lost_sale_quantity CHECK (quantity_milli > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How much was missing when the line was first asked for; NULL when the request only goes on with what another document
-- had asked for. What makes the fill rate.
ALTER TABLE reservation_line ADD COLUMN first_short_milli BIGINT NULL;
ALTER TABLE reservation ADD KEY reservation_create_time (store_id, create_time);

-- Replenishment (P-06). running_store_id is the store while a run is worked out, then NULL: one at a time.
CREATE TABLE replenishment_run (
  store_id BINARY(16) NOT NULL,
  replenishment_run_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('RUNNING', 'READY', 'APPROVED', 'REJECTED', 'SUPERSEDED')),
  run_date DATE NOT NULL,
  safety_factor_basis_points INT NOT NULL,
  safety_days INT NOT NULL,
  cycle_days INT NOT NULL,
  lead_time_days INT NOT NULL,
  demand_weight_3_months INT NOT NULL,
  demand_weight_6_months INT NOT NULL,
  demand_weight_12_months INT NOT NULL,
  part_count BIGINT NOT NULL,
  looked_at_count BIGINT NOT NULL,
  proposal_count BIGINT NOT NULL,
  urgent_count BIGINT NOT NULL,
  without_supplier_count BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  last_part_id BINARY(16) NULL,
  actor VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  ready_time DATETIME(6) NULL,
  decide_time DATETIME(6) NULL,
  decider VARCHAR(200) NOT NULL,
  reason VARCHAR(300) NOT NULL,
  orders LONGTEXT NOT NULL,
  running_store_id BINARY(16) NULL,
  PRIMARY KEY (store_id, replenishment_run_id),
  UNIQUE KEY replenishment_run_number (store_id, number),
  UNIQUE KEY replenishment_run_running (store_id, running_store_id),
  KEY replenishment_run_state (store_id, state),
  KEY replenishment_run_create_time (store_id, create_time),
  KEY replenishment_run_going (state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE replenishment_proposal (
  store_id BINARY(16) NOT NULL,
  replenishment_run_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  supplier_id BINARY(16) NULL,
  supplier_name VARCHAR(100) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('PROPOSED', 'LEFT_OUT', 'ORDERED')),
  demand_3_months_milli BIGINT NOT NULL,
  days_3_months INT NOT NULL,
  demand_6_months_milli BIGINT NOT NULL,
  days_6_months INT NOT NULL,
  demand_12_months_milli BIGINT NOT NULL,
  days_12_months INT NOT NULL,
  average_daily_micro BIGINT NOT NULL,
  season_basis_points INT NOT NULL,
  daily_micro BIGINT NOT NULL,
  lead_time_days INT NOT NULL,
  safety_stock_milli BIGINT NOT NULL,
  reorder_point_milli BIGINT NOT NULL,
  backorder_milli BIGINT NOT NULL,
  available_milli BIGINT NOT NULL,
  predecessor_available_milli BIGINT NOT NULL,
  on_order_milli BIGINT NOT NULL,
  need_milli BIGINT NOT NULL,
  pack_quantity_milli BIGINT NOT NULL,
  proposed_milli BIGINT NOT NULL,
  quantity_milli BIGINT NOT NULL,
  unit_price_amount BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  urgent TINYINT(1) NOT NULL,
  urgent_point_milli BIGINT NOT NULL,
  change_reason VARCHAR(300) NOT NULL,
  changer VARCHAR(200) NOT NULL,
  purchase_order_id BINARY(16) NULL,
  PRIMARY KEY (store_id, replenishment_run_id, part_id),
  KEY replenishment_proposal_part (store_id, part_id),
  KEY replenishment_proposal_supplier (store_id, supplier_id),
  KEY replenishment_proposal_state (store_id, state),
  KEY replenishment_proposal_urgent (store_id, urgent),
  CONSTRAINT replenishment_proposal_quantity CHECK (proposed_milli > 0 AND quantity_milli >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
