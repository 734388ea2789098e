-- Imports of the catalogue (P-01): the file as it comes, its lines as they were checked, what was wrong with them. A
-- line keeps what it made of its part, so the lines are the trail of what an import changed.
CREATE TABLE part_import (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  upload_request_id BINARY(16) NOT NULL,
  mode VARCHAR(40) NOT NULL,
  file_name VARCHAR(200) NOT NULL,
  size_bytes BIGINT NOT NULL,
  received_bytes BIGINT NOT NULL,
  reason VARCHAR(300) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  state VARCHAR(40) NOT NULL,
  line_count INT NOT NULL,
  good_count INT NOT NULL,
  bad_count INT NOT NULL,
  created_count INT NOT NULL,
  updated_count INT NOT NULL,
  unchanged_count INT NOT NULL,
  price_count INT NOT NULL,
  failure_zh VARCHAR(500) NOT NULL,
  failure_en VARCHAR(500) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NULL,
  checked_bytes BIGINT NOT NULL,
  checked_line INT NOT NULL,
  loaded_line INT NOT NULL,
  columns VARCHAR(1000) NOT NULL,
  PRIMARY KEY (store_id, part_import_id),
  UNIQUE KEY part_import_upload (store_id, upload_request_id),
  KEY part_import_state (store_id, state),
  KEY part_import_create_time (store_id, create_time),
  KEY part_import_open (state, create_time),
  CONSTRAINT part_import_received CHECK (received_bytes <= size_bytes AND checked_bytes <= received_bytes),
  CONSTRAINT part_import_state CHECK (state IN ('UPLOADING', 'CHECKING', 'LOADING', 'DONE', 'FAILED', 'CANCELLED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Gone when the import has ended.
CREATE TABLE part_import_chunk (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  start_offset BIGINT NOT NULL,
  data LONGBLOB NOT NULL,
  PRIMARY KEY (store_id, part_import_id, start_offset)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_import_line (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  line_number INT NOT NULL,
  outcome VARCHAR(40) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  name_zh VARCHAR(100) NOT NULL,
  name_en VARCHAR(100) NOT NULL,
  brand VARCHAR(60) NOT NULL,
  original TINYINT(1) NOT NULL,
  unit VARCHAR(40) NOT NULL,
  step_milli BIGINT NOT NULL,
  tax_basis_points INT NULL,
  safety_critical TINYINT(1) NOT NULL,
  high_value TINYINT(1) NOT NULL,
  shelf_life_days INT NOT NULL,
  tracking VARCHAR(40) NOT NULL,
  category VARCHAR(40) NOT NULL,
  pack_quantity_milli BIGINT NOT NULL,
  old_part_tracked TINYINT(1) NOT NULL,
  successor_number VARCHAR(40) NOT NULL,
  retail_price_amount BIGINT NULL,
  part_price_id BINARY(16) NULL,
  before_json LONGTEXT NULL,
  PRIMARY KEY (store_id, part_import_id, line_number),
  UNIQUE KEY part_import_line_number (store_id, part_import_id, part_number),
  CONSTRAINT part_import_line_outcome CHECK (outcome IN ('NEW', 'CHANGED', 'SAME', 'BAD'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_import_fitment (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  line_number INT NOT NULL,
  position INT NOT NULL,
  model_code VARCHAR(40) NOT NULL,
  vin_prefix VARCHAR(11) NOT NULL,
  serial_from VARCHAR(6) NOT NULL,
  serial_to VARCHAR(6) NOT NULL,
  PRIMARY KEY (store_id, part_import_id, line_number, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_import_reference (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  line_number INT NOT NULL,
  position INT NOT NULL,
  brand VARCHAR(60) NOT NULL,
  reference_number VARCHAR(40) NOT NULL,
  PRIMARY KEY (store_id, part_import_id, line_number, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_import_error (
  store_id BINARY(16) NOT NULL,
  part_import_id BINARY(16) NOT NULL,
  line_number INT NOT NULL,
  error_number INT NOT NULL,
  version BIGINT NOT NULL,
  field VARCHAR(60) NOT NULL,
  rule VARCHAR(40) NOT NULL,
  zh VARCHAR(500) NOT NULL,
  en VARCHAR(500) NOT NULL,
  PRIMARY KEY (store_id, part_import_id, line_number, error_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
