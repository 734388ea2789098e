-- What the parts are like (P-11) and what stores could give each other. running_store_id is the store until the
-- evaluation is done, then NULL: one at a time.
CREATE TABLE part_evaluation (
  store_id BINARY(16) NOT NULL,
  part_evaluation_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('MEASURING', 'RANKING', 'DONE')),
  run_date DATE NOT NULL,
  part_count BIGINT NOT NULL,
  measured_count BIGINT NOT NULL,
  ranked_count BIGINT NOT NULL,
  consumption_amount BIGINT NOT NULL,
  ranked_amount BIGINT NOT NULL,
  last_part_id BINARY(16) NULL,
  last_amount BIGINT NOT NULL,
  class_a_count BIGINT NOT NULL,
  class_b_count BIGINT NOT NULL,
  class_c_count BIGINT NOT NULL,
  slow_count BIGINT NOT NULL,
  dead_count BIGINT NOT NULL,
  actor VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  done_time DATETIME(6) NULL,
  running_store_id BINARY(16) NULL,
  PRIMARY KEY (store_id, part_evaluation_id),
  UNIQUE KEY part_evaluation_running (store_id, running_store_id),
  KEY part_evaluation_state (store_id, state),
  KEY part_evaluation_create_time (store_id, create_time),
  KEY part_evaluation_going (state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_figure (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  part_evaluation_id BINARY(16) NOT NULL,
  evaluate_time DATETIME(6) NOT NULL,
  abc_class VARCHAR(40) NOT NULL,
  xyz_class VARCHAR(40) NOT NULL,
  stock_class VARCHAR(40) NOT NULL,
  consumption_amount BIGINT NOT NULL,
  monthly_mean_milli BIGINT NOT NULL,
  monthly_deviation_milli BIGINT NOT NULL,
  variation_basis_points BIGINT NOT NULL,
  daily_micro BIGINT NOT NULL,
  on_hand_milli BIGINT NOT NULL,
  available_milli BIGINT NOT NULL,
  on_order_milli BIGINT NOT NULL,
  value_amount BIGINT NOT NULL,
  cover_days BIGINT NULL,
  idle_days BIGINT NOT NULL,
  shortage_milli BIGINT NOT NULL,
  surplus_milli BIGINT NOT NULL,
  PRIMARY KEY (store_id, part_id),
  KEY part_figure_number (store_id, part_number),
  KEY part_figure_abc (store_id, abc_class, xyz_class),
  KEY part_figure_xyz (store_id, xyz_class),
  KEY part_figure_stock (store_id, stock_class),
  KEY part_figure_consumption (store_id, consumption_amount, part_id),
  KEY part_figure_value (store_id, value_amount),
  KEY part_figure_idle (store_id, idle_days),
  KEY part_figure_shortage (store_id, shortage_milli),
  KEY part_figure_surplus (store_id, surplus_milli)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE transfer_proposal (
  store_id BINARY(16) NOT NULL,
  transfer_proposal_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  from_store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  shortage_milli BIGINT NOT NULL,
  surplus_milli BIGINT NOT NULL,
  idle_days BIGINT NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'REQUESTED', 'DISMISSED', 'OUTDATED')),
  transfer_id BINARY(16) NULL,
  reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, transfer_proposal_id),
  KEY transfer_proposal_from (store_id, from_store_id),
  KEY transfer_proposal_part (store_id, part_id),
  KEY transfer_proposal_state (store_id, state),
  KEY transfer_proposal_create_time (store_id, create_time),
  CONSTRAINT transfer_proposal_quantity CHECK (quantity_milli > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A page in the order of part numbers: MariaDB takes no order from a unique key once the list's own tie-breaker, the
-- primary key, follows, and would sort the whole catalogue.
ALTER TABLE part ADD KEY part_number_order (store_id, part_number, part_id);
ALTER TABLE part_stock ADD KEY part_stock_number_order (store_id, part_number, part_id);
