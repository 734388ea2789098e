-- The catalogue (P-01). A part's number is unique in its store; prices are only ever added.
CREATE TABLE part (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
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
  successor_part_id BINARY(16) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, part_id),
  UNIQUE KEY part_number (store_id, part_number),
  KEY part_brand (store_id, brand),
  KEY part_category (store_id, category),
  KEY part_safety_critical (store_id, safety_critical),
  KEY part_high_value (store_id, high_value),
  KEY part_successor (store_id, successor_part_id),
  CONSTRAINT part_step CHECK (step_milli > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_fitment (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  model_code VARCHAR(40) NOT NULL,
  position INT NOT NULL,
  PRIMARY KEY (store_id, part_id, model_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_cross_reference (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  brand VARCHAR(60) NOT NULL,
  reference_number VARCHAR(40) NOT NULL,
  position INT NOT NULL,
  PRIMARY KEY (store_id, part_id, brand, reference_number),
  KEY part_cross_reference_number (store_id, reference_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_price (
  store_id BINARY(16) NOT NULL,
  part_price_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_id BINARY(16) NOT NULL,
  price_level VARCHAR(40) NOT NULL,
  unit_price_amount BIGINT NOT NULL,
  effective_time DATETIME(6) NOT NULL,
  reason VARCHAR(300) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, part_price_id),
  UNIQUE KEY part_price_effective (store_id, part_id, price_level, effective_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
