-- The price list (R-50): dated versions that are only ever added, and the changes that brought them in.
CREATE TABLE price_change (
  store_id BINARY(16) NOT NULL,
  price_change_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'REJECTED')),
  reason VARCHAR(500) NOT NULL,
  effective_date DATE NULL,
  labour_operations LONGTEXT NOT NULL,
  labour_rates LONGTEXT NOT NULL,
  service_packages LONGTEXT NOT NULL,
  proposed_by VARCHAR(200) NOT NULL,
  decided_by VARCHAR(200) NOT NULL,
  decide_time DATETIME(6) NULL,
  decision_reason VARCHAR(500) NOT NULL,
  effective_time DATETIME(6) NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, price_change_id),
  UNIQUE KEY by_number (store_id, number),
  KEY by_state (store_id, state),
  KEY by_create_time (store_id, create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE labour_operation (
  store_id BINARY(16) NOT NULL,
  labour_operation_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  code VARCHAR(40) NOT NULL,
  model_group VARCHAR(40) NOT NULL,
  display_name VARCHAR(200) NOT NULL,
  english_name VARCHAR(200) NOT NULL,
  standard_minutes INT NOT NULL,
  skill VARCHAR(40) NOT NULL,
  `system` VARCHAR(40) NOT NULL,
  certificate_code VARCHAR(40) NOT NULL,
  safety_critical TINYINT(1) NOT NULL,
  withdrawn TINYINT(1) NOT NULL,
  effective_time DATETIME(6) NULL,
  price_change_id BINARY(16) NULL,
  PRIMARY KEY (store_id, labour_operation_id),
  UNIQUE KEY dated (store_id, code, model_group, effective_time),
  KEY by_effective_time (store_id, effective_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE labour_rate (
  store_id BINARY(16) NOT NULL,
  labour_rate_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  skill VARCHAR(40) NOT NULL,
  hourly_amount BIGINT NOT NULL,
  effective_time DATETIME(6) NULL,
  price_change_id BINARY(16) NULL,
  PRIMARY KEY (store_id, labour_rate_id),
  UNIQUE KEY dated (store_id, skill, effective_time),
  KEY by_effective_time (store_id, effective_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE service_package (
  store_id BINARY(16) NOT NULL,
  service_package_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  code VARCHAR(40) NOT NULL,
  model_group VARCHAR(40) NOT NULL,
  display_name VARCHAR(200) NOT NULL,
  english_name VARCHAR(200) NOT NULL,
  operation_codes LONGTEXT NOT NULL,
  parts LONGTEXT NOT NULL,
  withdrawn TINYINT(1) NOT NULL,
  effective_time DATETIME(6) NULL,
  price_change_id BINARY(16) NULL,
  PRIMARY KEY (store_id, service_package_id),
  UNIQUE KEY dated (store_id, code, model_group, effective_time),
  KEY by_effective_time (store_id, effective_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
