// Decisions about the board: when a vehicle is late, and what a watcher is still to be told. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "aftersales/reception/v1/board.pb.h"

namespace reception {

// Fills `late` and `late_minutes`: past the promised time and not completed.
void MarkLate(aftersales::reception::v1::BoardEntry& entry, absl::Time now);

// What one watcher holds of the board, so that it is told only what is new to it.
class BoardView {
 public:
  // The entries that are new or changed and the visits that are gone; remembers them as told.
  aftersales::reception::v1::WatchBoardResponse Update(
      const std::vector<aftersales::reception::v1::BoardEntry>& present);
  // Remembers what a resuming watcher holds already: all but `changed`.
  void Resume(const std::vector<aftersales::reception::v1::BoardEntry>& present,
              const std::vector<aftersales::reception::v1::BoardEntry>& changed);
  // The latest change told, in microseconds since 1970: where to resume.
  int64_t revision() const { return revision_; }

 private:
  void Remember(const aftersales::reception::v1::BoardEntry& entry);
  // What makes an entry news: its version, lateness and next duty; not the minutes, which pass for everybody.
  static std::string Fingerprint(const aftersales::reception::v1::BoardEntry& entry);

  std::map<std::string, std::string> told_;  // visit id -> fingerprint
  int64_t revision_ = 0;
};

}  // namespace reception
