// Records to rows by field name. The table option of a message names its table and key; every other field is a
// column of its name, mapped by its type:
//
//   string named `id` or `*_id`  BINARY(16), empty = NULL    | google.protobuf.Timestamp  DATETIME(6) UTC
//   other string                 VARCHAR (FORMAT_DATE: DATE) | enum                       VARCHAR(40): name without
//   prefix integers, bool               BIGINT / INT / TINYINT      | bytes                      VARBINARY `etag` on
//   the wire           BIGINT `version`            | message, repeated          JSON text in LONGTEXT personal data
//   VARBINARY, encrypted; a message or list that holds any is encrypted whole (column).blind_index         additional
//   BINARY(32) `<field>_index` (column).child               rows of the child message's own table: parent key,
//   `position` INT, child fields optional scalars             NULL when unset
//
// A string id field that is not a UUID says (rules).format = something else than UUID. Reads and writes of a record
// with children take one statement per table involved, however many rows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/privacy/cipher.h"
#include "chassis/sql/session.h"
#include "google/protobuf/message.h"

namespace chassis::records {

// What a List RPC asks for. The generic List fills it from the request.
struct ListQuery {
  // Value of the distribution key (store_id), always bound; empty is refused. Only a record that is its own
  // distribution key (a store) is listed without.
  std::string scope;
  std::string filter;  // `state = "OPEN" AND due_time < "2026-11-21T00:00:00Z"`: AND of comparisons, filterable fields
  std::string order_by;   // "due_time desc, kind"; empty: by key
  int32_t page_size = 0;  // 0: 50; above 500: 500; negative: refused
  std::string page_token;
};

// The untyped half; compiled once.
class TableMapper {
 public:
  TableMapper(const google::protobuf::Descriptor* type, const privacy::Cipher& cipher);
  ~TableMapper();

  absl::Status Insert(UnitOfWork& work, google::protobuf::Message& record) const;
  absl::Status InsertAll(UnitOfWork& work, const std::vector<google::protobuf::Message*>& records) const;
  absl::Status Get(sql::Session& session, const std::vector<std::string>& key, bool for_update,
                   google::protobuf::Message& record) const;
  absl::Status Update(UnitOfWork& work, const google::protobuf::Message& before,
                      google::protobuf::Message& after) const;
  absl::Status Delete(UnitOfWork& work, const google::protobuf::Message& record) const;
  // `tail` is everything after FROM <table>: "WHERE store_id = ? AND state = ? ORDER BY ...".
  absl::Status Select(sql::Session& session, std::string_view tail, const std::vector<sql::Value>& values,
                      const std::function<google::protobuf::Message*()>& add) const;
  absl::Status List(sql::Session& session, const ListQuery& query,
                    const std::function<google::protobuf::Message*()>& add, std::string& next_page_token) const;
  std::string BlindIndex(std::string_view field, std::string_view plain) const;

 private:
  struct Shape;
  std::unique_ptr<Shape> shape_;
};

// The store of one record type. All writes go through a unit of work, which records before and after for the audit.
template <typename T>
class Table {
 public:
  explicit Table(const privacy::Cipher& cipher) : mapper_(T::descriptor(), cipher) {}

  // Sets etag to "1" and create_time / update_time where the message has them; a UUID key that is empty gets a new
  // id, in children as well.
  absl::Status Insert(UnitOfWork& work, T& record) const { return mapper_.Insert(work, record); }
  // One multi-row statement per table.
  absl::Status InsertAll(UnitOfWork& work, std::vector<T>& records) const {
    std::vector<google::protobuf::Message*> pointers;
    for (T& record : records) pointers.push_back(&record);
    return mapper_.InsertAll(work, pointers);
  }
  // By the whole primary key in order. NOT_FOUND refusal when there is none.
  template <typename... Key>
  absl::StatusOr<T> Get(sql::Session& session, Key&&... key) const {
    return Fetch(session, false, {std::string(key)...});
  }
  // The same, locked until the end of the transaction. Lock hot rows last.
  template <typename... Key>
  absl::StatusOr<T> Lock(UnitOfWork& work, Key&&... key) const {
    return Fetch(work.sql(), true, {std::string(key)...});
  }
  // Writes `after` where the row still has `before`'s etag (always before's; what `after` holds there is replaced);
  // else ERROR_REASON_CHANGED_MEANWHILE. Children are
  // inserted, updated and deleted by their keys. `after` gets its new etag.
  absl::Status Update(UnitOfWork& work, const T& before, T& after) const { return mapper_.Update(work, before, after); }
  absl::Status Delete(UnitOfWork& work, const T& record) const { return mapper_.Delete(work, record); }

  // Records with their children: Select(session, "WHERE store_id = ? AND state = ?", sql::Uuid{store}, "OPEN").
  template <typename... Args>
  absl::StatusOr<std::vector<T>> Select(sql::Session& session, std::string_view tail, Args&&... args) const {
    std::vector<std::unique_ptr<T>> found;
    absl::Status status = mapper_.Select(session, tail, {sql::ToValue(std::forward<Args>(args))...}, [&] {
      found.push_back(std::make_unique<T>());
      return found.back().get();
    });
    if (!status.ok()) return status;
    std::vector<T> records;
    records.reserve(found.size());
    for (auto& record : found) records.push_back(std::move(*record));
    return records;
  }
  // One page, keyset paging over (order_by, key). `add` is e.g. [&] { return response.add_repair_orders(); }.
  absl::Status List(sql::Session& session, const ListQuery& query, const std::function<T*()>& add,
                    std::string& next_page_token) const {
    return mapper_.List(
        session, query, [&]() -> google::protobuf::Message* { return add(); }, next_page_token);
  }
  // For exact search: Select(session, "WHERE phone_index = ?", sql::Bytes{table.BlindIndex("phone", "138...")}).
  std::string BlindIndex(std::string_view field, std::string_view plain) const {
    return mapper_.BlindIndex(field, plain);
  }
  const TableMapper& mapper() const { return mapper_; }

 private:
  absl::StatusOr<T> Fetch(sql::Session& session, bool for_update, const std::vector<std::string>& key) const {
    T record;
    absl::Status status = mapper_.Get(session, key, for_update, record);
    if (!status.ok()) return status;
    return record;
  }
  TableMapper mapper_;
};

// Fills a ListQuery from any List request with the standard fields.
ListQuery QueryFrom(const google::protobuf::Message& list_request);

}  // namespace chassis::records
