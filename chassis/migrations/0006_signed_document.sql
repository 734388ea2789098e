-- What exactly was signed, by whom (G-04). Content and signer are encrypted; rows are never changed.
CREATE TABLE signed_document (
  store_id BINARY(16) NOT NULL,
  signature_id BINARY(16) NOT NULL,
  document_kind VARCHAR(60) NOT NULL,
  document_id BINARY(16) NOT NULL,
  document_version BIGINT NOT NULL,
  signer VARBINARY(600) NOT NULL,
  signer_role VARCHAR(60) NOT NULL,
  method VARCHAR(60) NOT NULL,
  evidence VARCHAR(300) NOT NULL,
  sign_time DATETIME(6) NOT NULL,
  digest BINARY(32) NOT NULL,
  content LONGBLOB NOT NULL,
  recorder VARCHAR(200) NOT NULL,
  PRIMARY KEY (store_id, signature_id),
  KEY by_document (store_id, document_kind, document_id, document_version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
