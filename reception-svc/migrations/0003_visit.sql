-- Visits (R-10, R-11) and what is recorded at check-in (R-12 to R-14). present_plate and held_key_tag are NULL once the
-- vehicle or the keys are gone, so that the unique keys hold only for what is here now.
CREATE TABLE visit (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('WAITING', 'GREETED', 'OPEN', 'CLOSED')),
  gate_card_number VARCHAR(40) NOT NULL,
  plate VARCHAR(20) NOT NULL,
  without_vehicle TINYINT(1) NOT NULL,
  arrival_time DATETIME(6) NULL,
  recorded_by VARCHAR(200) NOT NULL,
  greet_time DATETIME(6) NULL,
  greeting_seconds INT NOT NULL,
  greeted_in_time TINYINT(1) NOT NULL,
  out_of_order_reason VARCHAR(200) NOT NULL,
  adviser VARCHAR(200) NOT NULL,
  purpose VARCHAR(40) NOT NULL,
  appointment_id BINARY(16) NULL,
  customer_id BINARY(16) NULL,
  vehicle_id BINARY(16) NULL,
  vin VARCHAR(17) NOT NULL,
  model_code VARCHAR(40) NOT NULL,
  model_name VARCHAR(100) NOT NULL,
  odometer_km INT NOT NULL,
  repair_order_id BINARY(16) NULL,
  outcome VARCHAR(40) NOT NULL,
  answer VARCHAR(1000) NOT NULL,
  open_time DATETIME(6) NULL,
  close_time DATETIME(6) NULL,
  present_plate VARCHAR(20) NULL,
  plate_reason VARCHAR(200) NOT NULL,
  PRIMARY KEY (store_id, visit_id),
  UNIQUE KEY by_number (store_id, number),
  UNIQUE KEY vehicle_present (store_id, present_plate),
  KEY by_state (store_id, state, arrival_time),
  KEY by_arrival_time (store_id, arrival_time),
  KEY by_plate (store_id, plate, arrival_time),
  KEY by_adviser (store_id, adviser, arrival_time),
  KEY by_customer (store_id, customer_id),
  KEY by_vehicle (store_id, vehicle_id),
  KEY by_purpose (store_id, purpose),
  KEY by_outcome (store_id, outcome)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE walk_around (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  covers LONGTEXT NOT NULL,
  marks LONGTEXT NOT NULL,
  odometer_km INT NOT NULL,
  odometer_reason VARCHAR(200) NOT NULL,
  last_odometer_km INT NOT NULL,
  energy_kind VARCHAR(40) NOT NULL,
  energy_percent INT NOT NULL,
  warning_lamps LONGTEXT NOT NULL,
  interior_notes VARCHAR(500) NOT NULL,
  tyres LONGTEXT NOT NULL,
  inspector VARCHAR(200) NOT NULL,
  record_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, visit_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE belongings (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  items LONGTEXT NOT NULL,
  box_seal_number VARCHAR(40) NOT NULL,
  valuables_advice_given TINYINT(1) NOT NULL,
  signature VARBINARY(4000) NOT NULL,
  record_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, visit_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE custody (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  papers LONGTEXT NOT NULL,
  key_tag_number VARCHAR(20) NOT NULL,
  key_hook VARCHAR(20) NOT NULL,
  key_count INT NOT NULL,
  held_key_tag VARCHAR(20) NULL,
  record_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, visit_id),
  UNIQUE KEY key_tag_held (store_id, held_key_tag)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE customer_statement (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  customer_statement_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  words VARBINARY(9000) NOT NULL,
  answers LONGBLOB NOT NULL,
  recorder VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, visit_id, customer_statement_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
