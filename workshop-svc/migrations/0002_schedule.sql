-- Slots (R-02, W-01). A hold occupies every quarter of an hour of its span as one row of slot_unit: its primary key
-- keeps a bay, its second key a technician from being planned twice, whatever runs at the same time.
CREATE TABLE slot_hold (
  store_id BINARY(16) NOT NULL,
  slot_hold_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  holder_id BINARY(16) NOT NULL,
  skill VARCHAR(40) NOT NULL,
  bay_id BINARY(16) NOT NULL,
  bay_name VARCHAR(60) NOT NULL,
  technician_id BINARY(16) NOT NULL,
  start_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, slot_hold_id),
  KEY slot_hold_holder (store_id, holder_id),
  KEY slot_hold_bay (store_id, bay_id, start_time),
  KEY slot_hold_start (store_id, start_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE slot_unit (
  store_id BINARY(16) NOT NULL,
  bay_id BINARY(16) NOT NULL,
  unit_time DATETIME(6) NOT NULL,
  technician_id BINARY(16) NOT NULL,
  slot_hold_id BINARY(16) NOT NULL,
  PRIMARY KEY (store_id, bay_id, unit_time),
  UNIQUE KEY slot_unit_technician (store_id, technician_id, unit_time),
  KEY slot_unit_time (store_id, unit_time),
  KEY slot_unit_hold (store_id, slot_hold_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
