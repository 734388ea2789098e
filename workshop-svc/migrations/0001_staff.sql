-- Where and who: bays, teams, the staff file with certificates, attendance (W-01, S-01).
CREATE TABLE bay (
  store_id BINARY(16) NOT NULL,
  bay_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  display_name VARCHAR(60) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  equipment LONGTEXT NOT NULL,
  skills LONGTEXT NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'CLOSED')),
  close_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, bay_id),
  UNIQUE KEY bay_name (store_id, display_name),
  KEY bay_kind (store_id, kind),
  KEY bay_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE team (
  store_id BINARY(16) NOT NULL,
  team_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  display_name VARCHAR(60) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  leader_id BINARY(16) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, team_id),
  UNIQUE KEY team_name (store_id, display_name),
  KEY team_kind (store_id, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE staff_member (
  store_id BINARY(16) NOT NULL,
  staff_member_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  staff_number VARCHAR(20) NOT NULL,
  name VARBINARY(400) NOT NULL,
  subject VARCHAR(200) NOT NULL,
  post VARCHAR(40) NOT NULL,
  team_id BINARY(16) NULL,
  manager_id BINARY(16) NULL,
  stand_in_id BINARY(16) NULL,
  skills LONGTEXT NOT NULL,
  shifts LONGTEXT NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('ACTIVE', 'INACTIVE')),
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, staff_member_id),
  UNIQUE KEY staff_member_number (store_id, staff_number),
  UNIQUE KEY staff_member_subject (store_id, subject),
  KEY staff_member_post (store_id, post),
  KEY staff_member_team (store_id, team_id),
  KEY staff_member_state (store_id, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE staff_certificate (
  store_id BINARY(16) NOT NULL,
  staff_member_id BINARY(16) NOT NULL,
  certificate_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  code VARCHAR(20) NOT NULL,
  display_name VARCHAR(100) NOT NULL,
  issue_date DATE NOT NULL,
  expiry_date DATE NOT NULL,
  PRIMARY KEY (store_id, staff_member_id, certificate_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE attendance (
  store_id BINARY(16) NOT NULL,
  attendance_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  staff_member_id BINARY(16) NOT NULL,
  work_date DATE NOT NULL,
  presence VARCHAR(40) NOT NULL,
  first_in_time DATETIME(6) NULL,
  last_in_time DATETIME(6) NULL,
  last_out_time DATETIME(6) NULL,
  attended_seconds BIGINT NOT NULL,
  reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, attendance_id),
  KEY attendance_staff (store_id, staff_member_id, work_date),
  KEY attendance_date (store_id, work_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
