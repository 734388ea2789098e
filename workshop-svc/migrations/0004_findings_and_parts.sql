-- Part requests (W-07), findings and decisions (W-08), delays (R-33).
CREATE TABLE part_request (
  store_id BINARY(16) NOT NULL,
  part_request_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  job_id BINARY(16) NOT NULL,
  technician_id BINARY(16) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('REQUESTED', 'FULFILLED', 'CANCELLED')),
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, part_request_id),
  UNIQUE KEY part_request_number (store_id, number),
  KEY part_request_order (store_id, repair_order_id, state),
  KEY part_request_job (store_id, job_id),
  KEY part_request_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_request_line (
  store_id BINARY(16) NOT NULL,
  part_request_id BINARY(16) NOT NULL,
  part_request_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  holder_line_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  issued_milli BIGINT NOT NULL,
  PRIMARY KEY (store_id, part_request_id, part_request_line_id),
  CONSTRAINT part_request_line_sum CHECK (quantity_milli > 0 AND issued_milli >= 0 AND issued_milli <= quantity_milli)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE finding (
  store_id BINARY(16) NOT NULL,
  finding_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  job_id BINARY(16) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  severity VARCHAR(40) NOT NULL,
  safety_critical TINYINT(1) NOT NULL,
  `system` VARCHAR(40) NOT NULL,
  extra_minutes INT NOT NULL,
  operations LONGTEXT NOT NULL,
  parts LONGTEXT NOT NULL,
  photo_refs LONGTEXT NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('RAISED', 'APPROVED', 'DECLINED', 'WITHDRAWN')),
  raised_by VARCHAR(200) NOT NULL,
  add_on_id BINARY(16) NULL,
  decision_time DATETIME(6) NULL,
  withdraw_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, finding_id),
  KEY finding_order (store_id, repair_order_id),
  KEY finding_job (store_id, job_id),
  KEY finding_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE add_on_decision (
  store_id BINARY(16) NOT NULL,
  add_on_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  finding_id BINARY(16) NULL,
  approved TINYINT(1) NOT NULL,
  safety_critical TINYINT(1) NOT NULL,
  decision_time DATETIME(6) NOT NULL,
  receiver VARCHAR(200) NOT NULL,
  receive_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, add_on_id),
  KEY add_on_decision_order (store_id, repair_order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE delay_report (
  store_id BINARY(16) NOT NULL,
  delay_report_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  job_id BINARY(16) NOT NULL,
  reason VARCHAR(500) NOT NULL,
  promised_time DATETIME(6) NOT NULL,
  expected_time DATETIME(6) NOT NULL,
  reported_by VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, delay_report_id),
  KEY delay_report_order (store_id, repair_order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
