// A private MariaDB server: own data directory, own socket, a port the system chose, root without password on
// loopback only. Dies with the program that started it.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/harness/processes.h"

namespace harness {

class DatabaseServer {
 public:
  enum class Storage { kMemory, kDisk };
  explicit DatabaseServer(Storage storage);
  ~DatabaseServer();
  DatabaseServer(const DatabaseServer&) = delete;
  DatabaseServer& operator=(const DatabaseServer&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  std::string address() const;
  // kill -9, then start again on the same data and port.
  void Kill();
  void Start();

 private:
  std::string directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace harness
