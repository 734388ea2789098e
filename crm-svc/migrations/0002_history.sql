-- What happened with a customer (C-03).
CREATE TABLE service_record (
  store_id BINARY(16) NOT NULL,
  service_record_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  vehicle_id BINARY(16) NOT NULL,
  customer_id BINARY(16) NOT NULL,
  vin VARCHAR(17) NOT NULL,
  repair_order_number VARCHAR(40) NOT NULL,
  delivery_time DATETIME(6) NOT NULL,
  odometer_km INT NOT NULL,
  work_kind VARCHAR(40) NOT NULL,
  adviser VARCHAR(200) NOT NULL,
  works LONGTEXT NOT NULL,
  parts LONGTEXT NOT NULL,
  labour_amount BIGINT NOT NULL,
  parts_amount BIGINT NOT NULL,
  total_amount BIGINT NOT NULL,
  currency_code VARCHAR(3) NOT NULL,
  satisfaction_score INT NOT NULL,
  shared_with_group TINYINT(1) NOT NULL,
  PRIMARY KEY (store_id, service_record_id),
  KEY service_record_vehicle (store_id, vehicle_id, delivery_time),
  KEY service_record_customer (store_id, customer_id),
  KEY service_record_vin (store_id, vin),
  KEY service_record_number (store_id, repair_order_number),
  KEY service_record_delivery (store_id, delivery_time),
  KEY service_record_kind (store_id, work_kind),
  -- The history of a vehicle over all stores of the group, where its owner agreed.
  KEY service_record_group (vin, shared_with_group, delivery_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE recommendation (
  store_id BINARY(16) NOT NULL,
  recommendation_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  vehicle_id BINARY(16) NOT NULL,
  customer_id BINARY(16) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  safety_critical TINYINT(1) NOT NULL,
  `system` VARCHAR(40) NOT NULL,
  offered_amount BIGINT NOT NULL,
  repair_order_number VARCHAR(40) NOT NULL,
  decline_time DATETIME(6) NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'CLOSED')),
  close_reason VARCHAR(300) NOT NULL,
  PRIMARY KEY (store_id, recommendation_id),
  KEY recommendation_vehicle (store_id, vehicle_id, state),
  KEY recommendation_customer (store_id, customer_id),
  KEY recommendation_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE interaction (
  store_id BINARY(16) NOT NULL,
  interaction_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  customer_id BINARY(16) NOT NULL,
  vehicle_id BINARY(16) NULL,
  kind VARCHAR(40) NOT NULL,
  interaction_time DATETIME(6) NULL,
  summary VARBINARY(4100) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  document_number VARCHAR(40) NOT NULL,
  PRIMARY KEY (store_id, interaction_id),
  KEY interaction_customer (store_id, customer_id, interaction_time),
  KEY interaction_kind (store_id, kind),
  KEY interaction_time (store_id, interaction_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
