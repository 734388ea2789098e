// The board's RPCs: the list, and the stream that tells changes. Watchers of one store share one look at the
// database per second.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aftersales/reception/v1/board.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/board/board_store.h"

namespace reception {

inline constexpr int kBoardWatchersMax = 64;
inline constexpr absl::Duration kBoardLook = absl::Seconds(1);
inline constexpr absl::Duration kBoardHeartbeat = absl::Seconds(15);
// A change may become visible this long after the time it carries: that of its transaction's start.
inline constexpr absl::Duration kBoardOverlap = absl::Seconds(15);

class BoardService {
 public:
  explicit BoardService(chassis::Rooms& rooms);
  const BoardStore& store() const { return store_; }

 private:
  using Entries = std::vector<aftersales::reception::v1::BoardEntry>;

  absl::StatusOr<aftersales::reception::v1::ListBoardResponse> List(
      chassis::Call& call, const aftersales::reception::v1::ListBoardRequest& request);
  absl::Status Watch(chassis::Call& call, const aftersales::reception::v1::WatchBoardRequest& request,
                     chassis::Writer<aftersales::reception::v1::WatchBoardResponse>& writer);
  // The store's board, at most kBoardLook old.
  absl::StatusOr<std::shared_ptr<const Entries>> Look(chassis::Call& call);

  struct Seen {
    absl::Time at = absl::InfinitePast();
    std::shared_ptr<const Entries> entries;
  };

  chassis::Host& host_;
  BoardStore store_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;  // by store; bounded by the number of stores
  int watchers_ = 0;
};

}  // namespace reception
