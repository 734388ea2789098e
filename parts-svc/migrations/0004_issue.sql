-- Issue and return notes (P-05): signed when made, never changed.
CREATE TABLE issue (
  store_id BINARY(16) NOT NULL,
  issue_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  order_id BINARY(16) NOT NULL,
  technician VARCHAR(200) NOT NULL,
  cost_amount BIGINT NOT NULL,
  source_issue_id BINARY(16) NULL,
  reason VARCHAR(300) NOT NULL,
  technician_signature VARBINARY(4000) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, issue_id),
  UNIQUE KEY issue_number (store_id, number),
  KEY issue_order (store_id, order_id),
  KEY issue_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE issue_line (
  store_id BINARY(16) NOT NULL,
  issue_id BINARY(16) NOT NULL,
  issue_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  holder_line_id BINARY(16) NOT NULL,
  reservation_id BINARY(16) NOT NULL,
  reservation_line_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  cost_amount BIGINT NOT NULL,
  location_id BINARY(16) NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  source_issue_line_id BINARY(16) NULL,
  PRIMARY KEY (store_id, issue_id, issue_line_id),
  KEY issue_line_source (store_id, source_issue_line_id),
  KEY issue_line_reservation (store_id, reservation_line_id),
  CONSTRAINT issue_line_quantity CHECK (quantity_milli > 0 AND cost_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
