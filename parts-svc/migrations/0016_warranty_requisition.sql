-- Warranty requisitions (P-14). open_holder_line_id is the order's line until the requisition is refused or cancelled:
-- its unique key keeps a line from being asked for twice.
CREATE TABLE warranty_requisition (
  store_id BINARY(16) NOT NULL,
  warranty_requisition_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('REQUESTED', 'SENT_BACK', 'REFUSED', 'APPROVED', 'ISSUED', 'WRITTEN_OFF', 'CANCELLED')),
  order_id BINARY(16) NOT NULL,
  order_number VARCHAR(40) NOT NULL,
  fault VARCHAR(1000) NOT NULL,
  applicant VARCHAR(200) NOT NULL,
  decider VARCHAR(200) NOT NULL,
  decision_reason VARCHAR(300) NOT NULL,
  issue_ids LONGTEXT NOT NULL,
  service_report_number VARCHAR(60) NOT NULL,
  service_report_signature VARBINARY(4000) NULL,
  postage_state VARCHAR(40) NOT NULL,
  postage_amount BIGINT NOT NULL,
  postage_purpose VARCHAR(300) NOT NULL,
  postage_asker VARCHAR(200) NOT NULL,
  postage_decider VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  decide_time DATETIME(6) NULL,
  write_off_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, warranty_requisition_id),
  UNIQUE KEY warranty_requisition_number (store_id, number),
  KEY warranty_requisition_state (store_id, state),
  KEY warranty_requisition_order (store_id, order_id),
  KEY warranty_requisition_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE warranty_requisition_line (
  store_id BINARY(16) NOT NULL,
  warranty_requisition_id BINARY(16) NOT NULL,
  warranty_requisition_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  holder_line_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  issued_milli BIGINT NOT NULL,
  open_holder_line_id BINARY(16) NULL,
  PRIMARY KEY (store_id, warranty_requisition_id, warranty_requisition_line_id),
  UNIQUE KEY warranty_requisition_line_open (store_id, open_holder_line_id),
  CONSTRAINT warranty_requisition_line_sum CHECK (quantity_milli > 0 AND issued_milli >= 0 AND issued_milli <= quantity_milli)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
