-- Where parts are (P-02) and the ledger of their movements (P-03). Balances are projections: part_stock of the whole
-- store, stock_balance of each bin. What must never happen is refused here once more.
CREATE TABLE warehouse (
  store_id BINARY(16) NOT NULL,
  warehouse_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  code VARCHAR(20) NOT NULL,
  display_name VARCHAR(100) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, warehouse_id),
  UNIQUE KEY warehouse_code (store_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A bin's code is unique in the store, so that it means one place when it is called across the counter.
CREATE TABLE location (
  store_id BINARY(16) NOT NULL,
  location_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  warehouse_id BINARY(16) NULL,
  code VARCHAR(30) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  station_name VARCHAR(100) NOT NULL,
  closed TINYINT(1) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, location_id),
  UNIQUE KEY location_code (store_id, code),
  KEY location_warehouse (store_id, warehouse_id),
  KEY location_kind (store_id, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE stock_document (
  store_id BINARY(16) NOT NULL,
  stock_document_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  reason VARCHAR(300) NOT NULL,
  reference VARCHAR(60) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, stock_document_id),
  UNIQUE KEY stock_document_number (store_id, number),
  KEY stock_document_kind (store_id, kind),
  KEY stock_document_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE stock_movement (
  store_id BINARY(16) NOT NULL,
  stock_movement_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  from_location_id BINARY(16) NOT NULL,
  to_location_id BINARY(16) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  cost_amount BIGINT NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  document_kind VARCHAR(40) NOT NULL,
  document_id BINARY(16) NOT NULL,
  document_number VARCHAR(40) NOT NULL,
  document_line_id BINARY(16) NULL,
  reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, stock_movement_id),
  KEY stock_movement_part (store_id, part_id, batch_code),
  KEY stock_movement_from (store_id, from_location_id),
  KEY stock_movement_to (store_id, to_location_id),
  KEY stock_movement_document (store_id, document_id),
  KEY stock_movement_create_time (store_id, create_time),
  CONSTRAINT stock_movement_quantity CHECK (quantity_milli > 0),
  CONSTRAINT stock_movement_cost CHECK (cost_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE stock_balance (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  location_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  on_hand_milli BIGINT NOT NULL,
  PRIMARY KEY (store_id, part_id, location_id),
  KEY stock_balance_location (store_id, location_id),
  CONSTRAINT stock_balance_not_negative CHECK (on_hand_milli >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_stock (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  on_hand_milli BIGINT NOT NULL,
  reserved_milli BIGINT NOT NULL,
  short_milli BIGINT NOT NULL,
  owned_milli BIGINT NOT NULL,
  value_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, part_id),
  UNIQUE KEY part_stock_number (store_id, part_number),
  CONSTRAINT part_stock_reserved CHECK (reserved_milli >= 0 AND reserved_milli <= on_hand_milli),
  CONSTRAINT part_stock_short CHECK (short_milli >= 0),
  CONSTRAINT part_stock_owned CHECK (on_hand_milli >= 0 AND owned_milli >= on_hand_milli),
  CONSTRAINT part_stock_value CHECK (value_amount >= 0 AND (owned_milli > 0 OR value_amount = 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
