// Every answer that shows personal data in clear leaves an entry in the command log before it is given (G-02). A
// commit of its own for each would cost more than the reads themselves, so entries that come at the same time share
// one: whoever comes first writes for all who wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "absl/status/status.h"
#include "chassis/host/host.h"

namespace chassis {

class UnmaskedReads {
 public:
  // Returns once the entry is committed.
  absl::Status Record(Host& host, Command read);

 private:
  struct Waiting {
    Command read;
    bool done = false;
    absl::Status status;
  };

  std::mutex mutex_;
  std::condition_variable finished_;
  std::deque<Waiting*> waiting_;
  bool writing_ = false;
};

}  // namespace chassis
