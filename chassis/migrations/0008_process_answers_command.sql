-- The command a process answers: while the process is under way, a repeat of the command waits for its end (G-07).
ALTER TABLE process
  ADD COLUMN command_id BINARY(16) NULL,
  ADD KEY by_command (store_id, command_id);

-- How far stored replies were cleared away, per store: what lies before is past the time in which a command may be
-- repeated.
CREATE TABLE reply_purge (
  store_id BINARY(16) NOT NULL,
  up_to_command_id BINARY(16) NOT NULL,
  PRIMARY KEY (store_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
