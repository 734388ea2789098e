-- Transfers between stores (P-13): one row for each half, in its own store. Working stock (P-05) and consignment (P-02):
-- notes that are signed when made and never changed.
CREATE TABLE transfer (
  store_id BINARY(16) NOT NULL,
  transfer_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  side VARCHAR(40) NOT NULL,
  other_store_id BINARY(16) NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'SHIPPED', 'RECEIVING', 'DIFFERENCES_OPEN', 'CLOSED', 'REJECTED', 'CANCELLED')),
  reason VARCHAR(300) NOT NULL,
  close_reason VARCHAR(500) NOT NULL,
  reservation_id BINARY(16) NULL,
  needed_time DATETIME(6) NULL,
  requester VARCHAR(200) NOT NULL,
  approver VARCHAR(200) NOT NULL,
  carrier VARCHAR(100) NOT NULL,
  tracking_number VARCHAR(60) NOT NULL,
  transit_location_id BINARY(16) NULL,
  cost_amount BIGINT NOT NULL,
  ship_signature VARBINARY(4000) NULL,
  receive_signature VARBINARY(4000) NULL,
  create_time DATETIME(6) NULL,
  approve_time DATETIME(6) NULL,
  ship_time DATETIME(6) NULL,
  receive_time DATETIME(6) NULL,
  close_time DATETIME(6) NULL,
  process_id BINARY(16) NULL,
  process_refusal VARCHAR(500) NOT NULL,
  PRIMARY KEY (store_id, transfer_id),
  UNIQUE KEY transfer_number (store_id, number),
  KEY transfer_side (store_id, side),
  KEY transfer_other (store_id, other_store_id),
  KEY transfer_state (store_id, state),
  KEY transfer_reservation (store_id, reservation_id),
  KEY transfer_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE transfer_line (
  store_id BINARY(16) NOT NULL,
  transfer_id BINARY(16) NOT NULL,
  transfer_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  part_id BINARY(16) NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  approved_milli BIGINT NOT NULL,
  shipped_milli BIGINT NOT NULL,
  received_milli BIGINT NOT NULL,
  reservation_line_id BINARY(16) NULL,
  PRIMARY KEY (store_id, transfer_id, transfer_line_id),
  CONSTRAINT transfer_line_sum CHECK (
    quantity_milli > 0 AND approved_milli >= 0 AND approved_milli <= quantity_milli AND shipped_milli >= 0
    AND shipped_milli <= approved_milli AND received_milli >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE transfer_item (
  store_id BINARY(16) NOT NULL,
  transfer_id BINARY(16) NOT NULL,
  transfer_item_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  transfer_line_id BINARY(16) NULL,
  part_id BINARY(16) NULL,
  part_number VARCHAR(40) NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  location_id BINARY(16) NULL,
  shipped_milli BIGINT NOT NULL,
  counted_milli BIGINT NULL,
  received_milli BIGINT NOT NULL,
  cost_amount BIGINT NOT NULL,
  settlement VARCHAR(40) NOT NULL,
  settlement_reason VARCHAR(300) NOT NULL,
  settled_milli BIGINT NOT NULL,
  settled_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, transfer_id, transfer_item_id),
  CONSTRAINT transfer_item_sum CHECK (
    shipped_milli > 0 AND received_milli >= 0 AND cost_amount >= 0 AND settled_milli >= 0 AND settled_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE working_stock_note (
  store_id BINARY(16) NOT NULL,
  working_stock_note_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  technician VARCHAR(200) NOT NULL,
  location_id BINARY(16) NULL,
  reason VARCHAR(300) NOT NULL,
  technician_signature VARBINARY(4000) NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, working_stock_note_id),
  UNIQUE KEY working_stock_note_number (store_id, number),
  KEY working_stock_note_technician (store_id, technician),
  KEY working_stock_note_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE working_stock_line (
  store_id BINARY(16) NOT NULL,
  working_stock_note_id BINARY(16) NOT NULL,
  working_stock_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  part_id BINARY(16) NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  location_id BINARY(16) NULL,
  PRIMARY KEY (store_id, working_stock_note_id, working_stock_line_id),
  CONSTRAINT working_stock_line_quantity CHECK (quantity_milli > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE consignment_note (
  store_id BINARY(16) NOT NULL,
  consignment_note_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  location_id BINARY(16) NULL,
  station_name VARCHAR(100) NOT NULL,
  reference VARCHAR(60) NOT NULL,
  order_id BINARY(16) NULL,
  reason VARCHAR(300) NOT NULL,
  cost_amount BIGINT NOT NULL,
  charge_amount BIGINT NOT NULL,
  tax_amount BIGINT NOT NULL,
  currency_code VARCHAR(3) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  signature VARBINARY(4000) NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, consignment_note_id),
  UNIQUE KEY consignment_note_number (store_id, number),
  KEY consignment_note_kind (store_id, kind),
  KEY consignment_note_location (store_id, location_id),
  KEY consignment_note_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE consignment_line (
  store_id BINARY(16) NOT NULL,
  consignment_note_id BINARY(16) NOT NULL,
  consignment_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  part_id BINARY(16) NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  location_id BINARY(16) NULL,
  cost_amount BIGINT NOT NULL,
  unit_price_amount BIGINT NOT NULL,
  charge_amount BIGINT NOT NULL,
  tax_basis_points INT NOT NULL,
  tax_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, consignment_note_id, consignment_line_id),
  CONSTRAINT consignment_line_quantity CHECK (quantity_milli > 0 AND cost_amount >= 0 AND charge_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
