// Years of history for a suite: one vehicle is taken through the whole main job, then every row that came into being is
// multiplied in SQL with new ids and numbers, in all four schemas alike, so that the copies refer to each other as the
// original rows do. A load program may write SQL into tables that are not its own; nobody else may.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aftersales/common/v1/store.pb.h"
#include "tests/demo/stage.h"
#include "tests/harness/suite.h"

namespace load {

class ClosedOrders {
 public:
  // How much of a closed order is written again and again.
  struct Detail {
    // Of the rows that only log what happened (commands, events, processes, signed contents) those of every so many
    // orders; documents, lines and ledgers are always whole.
    int64_t logs_every = 1;
    // Whether logged rows keep their long contents. Without, they look as after the retention of replies.
    enum class Contents { kWhole, kShort } contents = Contents::kShort;
  };
  // Plays the main job once. Throws demo::StepFailed.
  ClosedOrders(harness::Suite& suite, demo::Stage& stage, const aftersales::common::v1::Store& store, Detail detail);

  // Until there are `orders` closed ones. Returns the rows written.
  int64_t FillUpTo(int64_t orders);
  // Rows of one closed order over all schemas.
  double rows_per_order() const { return rows_per_order_; }
  // Bytes of data and indexes in the four schemas, as the server estimates them.
  int64_t Bytes();
  int64_t orders() const { return orders_; }

 private:
  struct Table {
    std::string service;
    std::string name;
    std::string columns;      // the list of an INSERT
    std::string expressions;  // over `r`, one row of the original, and `s.seq`
    int64_t rows = 0;
    bool log = false;
  };
  void NoteIds();
  void FindTables();
  Table Describe(const std::string& service, const std::string& table);
  int64_t Execute(const std::string& service, const std::string& statement);
  chassis::sql::Rows Query(const std::string& service, const std::string& statement);

  harness::Suite& suite_;
  const Detail detail_;
  std::string known_;  // schema with the ids from before, and the original rows
  std::vector<Table> tables_;
  std::vector<std::pair<std::string, std::string>>
      new_columns_;  // of the table being described: column, whether it is new
  std::map<std::string, std::unique_ptr<chassis::sql::Pool>> pools_;  // patient ones, by service
  int64_t orders_ = 1;
  double rows_per_order_ = 0;
};

}  // namespace load
