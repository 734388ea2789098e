-- Recall and service campaigns of the manufacturer (P-17): their parts and their vehicles.
CREATE TABLE recall_campaign (
  store_id BINARY(16) NOT NULL,
  recall_campaign_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  campaign_number VARCHAR(40) NOT NULL,
  title VARCHAR(200) NOT NULL,
  safety TINYINT(1) NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NULL,
  labour_operation_code VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL,
  close_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, recall_campaign_id),
  UNIQUE KEY recall_campaign_number (store_id, campaign_number),
  KEY recall_campaign_state (store_id, state),
  KEY recall_campaign_open (state, store_id, recall_campaign_id),
  CONSTRAINT recall_campaign_state CHECK (state IN ('OPEN', 'CLOSED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE recall_part (
  store_id BINARY(16) NOT NULL,
  recall_campaign_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  quantity_milli BIGINT NOT NULL,
  PRIMARY KEY (store_id, recall_campaign_id, part_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE recall_vehicle (
  store_id BINARY(16) NOT NULL,
  recall_campaign_id BINARY(16) NOT NULL,
  vin VARCHAR(17) NOT NULL,
  version BIGINT NOT NULL,
  state VARCHAR(40) NOT NULL,
  order_id BINARY(16) NULL,
  create_time DATETIME(6) NOT NULL,
  done_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, recall_campaign_id, vin),
  KEY recall_vehicle_vin (store_id, vin),
  KEY recall_vehicle_state (store_id, recall_campaign_id, state),
  KEY recall_vehicle_by_state (store_id, state),
  CONSTRAINT recall_vehicle_state CHECK (state IN ('OPEN', 'DONE'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
