-- The three-level inspection (W-09) and the wash (W-10).
CREATE TABLE checklist (
  store_id BINARY(16) NOT NULL,
  checklist_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  work_kind VARCHAR(40) NOT NULL,
  level VARCHAR(40) NOT NULL,
  items LONGTEXT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, checklist_id),
  UNIQUE KEY checklist_work_kind (store_id, work_kind, level)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE inspection (
  store_id BINARY(16) NOT NULL,
  inspection_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  job_id BINARY(16) NULL,
  level VARCHAR(40) NOT NULL,
  items LONGTEXT NOT NULL,
  passed TINYINT(1) NOT NULL,
  faults LONGTEXT NOT NULL,
  suggestions LONGTEXT NOT NULL,
  cautions LONGTEXT NOT NULL,
  inspected_by VARCHAR(200) NOT NULL,
  signature VARBINARY(4000) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, inspection_id),
  UNIQUE KEY inspection_number (store_id, number),
  KEY inspection_order (store_id, repair_order_id),
  KEY inspection_job (store_id, job_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The order row is locked by every command on it, so one wash of an order is under way at a time.
CREATE TABLE wash (
  store_id BINARY(16) NOT NULL,
  wash_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  repair_order_id BINARY(16) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('WASHING', 'CLEAN', 'FAILED', 'ABANDONED')),
  started_by VARCHAR(200) NOT NULL,
  result LONGTEXT NULL,
  finished_by VARCHAR(200) NOT NULL,
  finish_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, wash_id),
  KEY wash_order (store_id, repair_order_id),
  KEY wash_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
