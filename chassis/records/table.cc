// The mapper: reads and writes whole documents, one statement per table involved. Children are told apart by their
// key; a changed document updates only the columns that differ, and only where the version is still the one read.
#include "chassis/records/table.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chassis/records/cells.h"
#include "chassis/records/filter.h"
#include "chassis/records/json.h"
#include "chassis/records/page_token.h"
#include "chassis/records/shape.h"
#include "chassis/status/check.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

namespace chassis::records {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using sql::Bytes;
using sql::Null;
using sql::Rows;
using sql::Session;
using sql::Value;

constexpr int32_t kPageSizeDefault = 50;
constexpr int32_t kPageSizeMax = 500;
// Below the servers' 65,535 placeholders and far below their packet size.
constexpr size_t kPlaceholdersMax = 10000;

using Key = std::vector<Value>;

void SetTime(const FieldDescriptor* field, const UnitOfWork& work, Message& message) {
  if (field == nullptr) return;
  auto* time = message.GetReflection()->MutableMessage(&message, field);
  static_cast<google::protobuf::Timestamp&>(*time) = work.now_proto();
}

std::string TextOf(const Message& message, const Column& column) {
  return message.GetReflection()->GetString(message, column.field);
}

// IN lists grow by powers of two, so that few texts are prepared; the last value is repeated.
size_t PaddedCount(size_t count) {
  size_t padded = 1;
  while (padded < count) padded *= 2;
  return padded;
}

// "WHERE `store_id` = ? AND `order_id` IN (?,?)" for keys that share all but their last column; such groups are
// joined by OR. Plain equality instead of row constructors, which not every server looks up in the index.
Condition KeysCondition(const std::vector<Column>& columns, const std::vector<Key>& keys) {
  const size_t last = columns.size() - 1;
  std::map<std::string, std::vector<const Key*>> groups;
  for (const Key& key : keys) groups[Encoded(Key(key.begin(), key.begin() + last))].push_back(&key);
  Condition condition;
  for (const auto& [shared, members] : groups) {
    Condition group;
    for (size_t i = 0; i < last; ++i) group.And(Quoted(columns[i].name) + " = ?", {(*members[0])[i]});
    const size_t count = PaddedCount(members.size());
    std::vector<Value> values;
    for (size_t i = 0; i < count; ++i) values.push_back((*members[std::min(i, members.size() - 1)])[last]);
    group.And(count == 1 ? Quoted(columns[last].name) + " = ?"
                         : absl::StrCat(Quoted(columns[last].name), " IN (", sql::Placeholders(count), ")"),
              std::move(values));
    absl::StrAppend(&condition.sql, condition.sql.empty() ? "((" : ") OR (", group.sql);
    for (Value& value : group.values) condition.values.push_back(std::move(value));
  }
  condition.sql.append("))");
  return condition;
}

}  // namespace

struct TableMapper::Shape {
  Shape(const google::protobuf::Descriptor* type, const privacy::Cipher& cipher) : root(type, {}), cipher(cipher) {}

  // What one table gets in one statement.
  struct Batch {
    const records::Shape* shape;
    std::vector<Value> values;
    size_t rows = 0;
  };

  // ---- writing ----

  // What the service fills: first etag, times, and a UUID for a key that came empty.
  void Complete(const records::Shape& shape, UnitOfWork& work, Message& message) const {
    const Reflection* reflection = message.GetReflection();
    if (shape.version) reflection->SetString(&message, shape.columns[*shape.version].field, "1");
    if (!shape.is_child() || (shape.create_time != nullptr && !reflection->HasField(message, shape.create_time))) {
      SetTime(shape.create_time, work, message);
    }
    SetTime(shape.update_time, work, message);
    const Column& own = shape.columns[shape.key.empty() ? 0 : shape.key.back()];
    if (!shape.key.empty() && own.kind == Kind::kId && TextOf(message, own).empty()) {
      reflection->SetString(&message, own.field, work.NewId());
    }
  }

  absl::StatusOr<Key> OwnKey(const records::Shape& shape, const Message& message) const {
    Key key;
    for (size_t index : shape.key) {
      const Column& column = shape.columns[index];
      ASSIGN_OR_RETURN(Value value, CellOf(message, column, cipher));
      if (std::holds_alternative<Null>(value)) {
        return absl::InternalError(absl::StrCat("key column ", column.place, " is empty"));
      }
      key.push_back(std::move(value));
    }
    return key;
  }

  absl::StatusOr<Key> FullKey(const records::Shape& shape, const Key& parent, const Message& message) const {
    Key key = parent;
    ASSIGN_OR_RETURN(Key own, OwnKey(shape, message));
    for (Value& value : own) key.push_back(std::move(value));
    return key;
  }

  // Adds the record's row and its children's to the batches.
  absl::Status Gather(const records::Shape& shape, const Key& parent, int64_t position, UnitOfWork& work,
                      Message& message, std::vector<Batch>& batches) const {
    Complete(shape, work, message);
    FillInherited(shape, parent, message);
    ASSIGN_OR_RETURN(const Key key, FullKey(shape, parent, message));
    auto batch = std::find_if(batches.begin(), batches.end(), [&](const Batch& b) { return b.shape == &shape; });
    if (batch == batches.end()) batch = batches.insert(batches.end(), {&shape, {}, 0});
    std::vector<Value>& values = batch->values;
    ++batch->rows;
    for (const Value& value : parent) values.push_back(value);
    if (shape.is_child()) values.push_back(position);
    for (const Column& column : shape.columns) {
      ASSIGN_OR_RETURN(Value value, CellOf(message, column, cipher));
      values.push_back(std::move(value));
    }
    for (const Column& column : shape.columns) {
      if (column.blind_index) values.push_back(IndexCellOf(message, column, cipher));
    }
    const Reflection* reflection = message.GetReflection();
    for (const auto& child : shape.children) {
      const int count = reflection->FieldSize(message, child.field);
      for (int i = 0; i < count; ++i) {
        RETURN_IF_ERROR(
            Gather(*child.shape, key, i, work, *reflection->MutableRepeatedMessage(&message, child.field, i), batches));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Insert(Session& session, std::vector<Batch>& batches) const {
    for (Batch& batch : batches) {
      const size_t width = batch.shape->insert_width;
      const size_t rows_max = std::max<size_t>(1, kPlaceholdersMax / width);
      for (size_t done = 0; done < batch.rows;) {
        const size_t rows = std::min(rows_max, batch.rows - done);
        const std::vector<Value> values(std::make_move_iterator(batch.values.begin() + done * width),
                                        std::make_move_iterator(batch.values.begin() + (done + rows) * width));
        auto inserted = session.ExecuteValues(batch.shape->insert_head + sql::RowPlaceholders(rows, width), values);
        if (absl::IsAlreadyExists(inserted.status())) {
          return AlreadyExists(batch.shape->table, Std(inserted.status().message()));
        }
        RETURN_IF_ERROR(inserted.status());
        done += rows;
      }
    }
    return absl::OkStatus();
  }

  // `SET` of the columns in which the two differ.
  absl::StatusOr<Condition> Changes(const records::Shape& shape, const Message& before, const Message& after) const {
    Condition set;
    auto add = [&set](const std::string& column, Value value) {
      absl::StrAppend(&set.sql, set.sql.empty() ? "" : ", ", Quoted(column), " = ?");
      set.values.push_back(std::move(value));
    };
    for (const Column& column : shape.columns) {
      if (column.key || column.kind == Kind::kVersion || SameField(before, after, column.field)) continue;
      ASSIGN_OR_RETURN(Value value, CellOf(after, column, cipher));
      add(column.name, std::move(value));
      if (column.blind_index) add(column.IndexName(), IndexCellOf(after, column, cipher));
    }
    return set;
  }

  absl::Status UpdateRoot(UnitOfWork& work, const Message& before, Message& after) const {
    ASSIGN_OR_RETURN(Key key, OwnKey(root, before));
    SetTime(root.update_time, work, after);
    ASSIGN_OR_RETURN(Condition set, Changes(root, before, after));
    if (root.version) absl::StrAppend(&set.sql, set.sql.empty() ? "" : ", ", "`version` = `version` + 1");
    if (set.sql.empty()) return absl::OkStatus();
    std::string sql = absl::StrCat("UPDATE ", Quoted(root.table), " SET ", set.sql, " WHERE ", root.key_predicate);
    for (Value& value : key) set.values.push_back(std::move(value));
    if (root.version) {
      sql.append(" AND `version` = ?");
      ASSIGN_OR_RETURN(Value version, CellOf(before, root.columns[*root.version], cipher));
      set.values.push_back(version);
      after.GetReflection()->SetString(&after, root.columns[*root.version].field,
                                       absl::StrCat(std::get<int64_t>(version) + 1));
    }
    auto changed = work.sql().ExecuteValues(sql, set.values);
    if (absl::IsAlreadyExists(changed.status())) return AlreadyExists(root.table, Std(changed.status().message()));
    RETURN_IF_ERROR(changed.status());
    // Without a version the same values may already stand there; with one, nobody else has them.
    if (*changed == 0 && root.version) return ChangedMeanwhile(root.table);
    return absl::OkStatus();
  }

  // One side of the before and after of a child list, for the command log.
  struct ChangedRows {
    std::string before;
    std::string after;
    static void Add(const Message& row, std::string& list) {
      if (!list.empty()) list.push_back(',');
      AppendJson(row, Personal::kLeftOut, list);
    }
  };

  absl::Status UpdateChildren(const records::Shape::Child& child, const Key& parent, UnitOfWork& work,
                              const Message& before, Message& after, ChangedRows& changes) const {
    const records::Shape& shape = *child.shape;
    const Reflection* reflection = after.GetReflection();
    const int count_before = before.GetReflection()->FieldSize(before, child.field);
    const int count_after = reflection->FieldSize(after, child.field);
    if (count_before == 0 && count_after == 0) return absl::OkStatus();

    struct Known {
      int index;
      bool kept = false;
    };
    std::unordered_map<std::string, Known> known;
    for (int i = 0; i < count_before; ++i) {
      ASSIGN_OR_RETURN(const Key key,
                       OwnKey(shape, before.GetReflection()->GetRepeatedMessage(before, child.field, i)));
      known[Encoded(key)] = {i};
    }
    std::vector<Pair> changed;
    std::vector<Batch> fresh;
    for (int i = 0; i < count_after; ++i) {
      Message* row = reflection->MutableRepeatedMessage(&after, child.field, i);
      FillInherited(shape, parent, *row);
      Known* match = nullptr;
      if (shape.key.empty() || !HasEmptyKey(shape, *row)) {
        ASSIGN_OR_RETURN(const Key key, OwnKey(shape, *row));
        if (auto found = known.find(Encoded(key)); found != known.end()) match = &found->second;
      }
      if (match == nullptr) {
        RETURN_IF_ERROR(Gather(shape, parent, i, work, *row, fresh));
        ChangedRows::Add(*row, changes.after);
        continue;
      }
      if (match->kept) return absl::InternalError(absl::StrCat("two rows of ", shape.table, " have one key"));
      match->kept = true;
      const Message& old = before.GetReflection()->GetRepeatedMessage(before, child.field, match->index);
      const bool differs = Differs(shape, old, *row);
      if (differs || match->index != i) changed.push_back({&old, row, match->index, i});
      if (differs || ChildrenDiffer(shape, old, *row)) {
        ChangedRows::Add(old, changes.before);
        ChangedRows::Add(*row, changes.after);
      }
    }
    std::vector<const Message*> gone;
    for (const auto& [text, entry] : known) {
      if (!entry.kept) gone.push_back(&before.GetReflection()->GetRepeatedMessage(before, child.field, entry.index));
    }
    // First what frees unique keys, last what needs them.
    for (const Message* row : gone) ChangedRows::Add(*row, changes.before);
    RETURN_IF_ERROR(DeleteRows(shape, parent, gone, work.sql()));
    RETURN_IF_ERROR(UpdateRows(shape, parent, changed, work));
    RETURN_IF_ERROR(Insert(work.sql(), fresh));
    return UpdateGrandchildren(shape, parent, work, child.field, before, after, known);
  }

  template <typename Known>
  absl::Status UpdateGrandchildren(const records::Shape& shape, const Key& parent, UnitOfWork& work,
                                   const FieldDescriptor* field, const Message& before, Message& after,
                                   const std::unordered_map<std::string, Known>& known) const {
    if (shape.children.empty()) return absl::OkStatus();
    const Reflection* reflection = after.GetReflection();
    for (int i = 0; i < reflection->FieldSize(after, field); ++i) {
      Message* row = reflection->MutableRepeatedMessage(&after, field, i);
      ASSIGN_OR_RETURN(const Key own, OwnKey(shape, *row));
      const auto found = known.find(Encoded(own));
      if (found == known.end()) continue;  // new: inserted with its children
      const Message& old = before.GetReflection()->GetRepeatedMessage(before, field, found->second.index);
      ASSIGN_OR_RETURN(const Key key, FullKey(shape, parent, *row));
      for (const auto& grandchild : shape.children) {
        ChangedRows unused;  // the row above holds them
        RETURN_IF_ERROR(UpdateChildren(grandchild, key, work, old, *row, unused));
      }
    }
    return absl::OkStatus();
  }

  struct Pair {
    const Message* before;
    Message* after;
    int position_before;
    int position_after;
  };

  // One row: its changed columns. Several: every column that changed in any of them, as
  // `column` = CASE `key` WHEN ? THEN ? ... ELSE `column` END, in one statement.
  absl::Status UpdateRows(const records::Shape& shape, const Key& parent, std::vector<Pair>& rows,
                          UnitOfWork& work) const {
    if (rows.empty()) return absl::OkStatus();
    for (Pair& row : rows) {
      SetTime(shape.update_time, work, *row.after);
      if (shape.version) BumpVersion(shape, *row.before, *row.after);
    }
    if (rows.size() > 1 && shape.key.size() == 1) return UpdateManyRows(shape, parent, rows, work.sql());
    for (const Pair& row : rows) {
      ASSIGN_OR_RETURN(Condition set, Changes(shape, *row.before, *row.after));
      auto add = [&set](std::string_view assignment) {
        absl::StrAppend(&set.sql, set.sql.empty() ? "" : ", ", Absl(assignment));
      };
      if (row.position_before != row.position_after) {
        add("`position` = ?");
        set.values.push_back(static_cast<int64_t>(row.position_after));
      }
      if (shape.version) add("`version` = `version` + 1");
      ASSIGN_OR_RETURN(Key key, FullKey(shape, parent, *row.after));
      for (Value& value : key) set.values.push_back(std::move(value));
      RETURN_IF_ERROR(ChangeRow(
          shape, absl::StrCat("UPDATE ", Quoted(shape.table), " SET ", set.sql, " WHERE ", shape.key_predicate),
          set.values, work.sql()));
    }
    return absl::OkStatus();
  }

  absl::Status UpdateManyRows(const records::Shape& shape, const Key& parent, const std::vector<Pair>& rows,
                              Session& session) const {
    const Column& own = shape.columns[shape.key[0]];
    std::string sql;
    std::vector<Value> values;
    std::vector<Value> keys;
    for (const Pair& row : rows) {
      ASSIGN_OR_RETURN(Value key, CellOf(*row.after, own, cipher));
      keys.push_back(std::move(key));
    }
    // `cell` gives the value for a row, or nothing where that row keeps what it has.
    auto assign = [&](const std::string& column, auto&& cell) -> absl::Status {
      std::string cases;
      for (size_t i = 0; i < rows.size(); ++i) {
        ASSIGN_OR_RETURN(std::optional<Value> value, cell(rows[i]));
        if (!value) continue;
        cases.append(" WHEN ? THEN ?");
        values.push_back(keys[i]);
        values.push_back(*std::move(value));
      }
      if (cases.empty()) return absl::OkStatus();
      absl::StrAppend(&sql, sql.empty() ? "" : ", ", Quoted(column), " = CASE ", Quoted(own.name), cases, " ELSE ",
                      Quoted(column), " END");
      return absl::OkStatus();
    };
    using Cell = absl::StatusOr<std::optional<Value>>;
    for (const Column& column : shape.columns) {
      if (column.key || column.kind == Kind::kVersion) continue;
      RETURN_IF_ERROR(assign(column.name, [&](const Pair& row) -> Cell {
        if (SameField(*row.before, *row.after, column.field)) return std::nullopt;
        ASSIGN_OR_RETURN(Value value, CellOf(*row.after, column, cipher));
        return value;
      }));
      if (!column.blind_index) continue;
      RETURN_IF_ERROR(assign(column.IndexName(), [&](const Pair& row) -> Cell {
        if (SameField(*row.before, *row.after, column.field)) return std::nullopt;
        return IndexCellOf(*row.after, column, cipher);
      }));
    }
    RETURN_IF_ERROR(assign("position", [](const Pair& row) -> Cell {
      if (row.position_before == row.position_after) return std::nullopt;
      return Value(static_cast<int64_t>(row.position_after));
    }));
    if (shape.version) absl::StrAppend(&sql, sql.empty() ? "" : ", ", "`version` = `version` + 1");
    std::vector<Key> full;
    for (const Value& key : keys) {
      full.push_back(parent);
      full.back().push_back(key);
    }
    Condition where = KeysCondition(shape.FullKey(), full);
    for (Value& value : where.values) values.push_back(std::move(value));
    return ChangeRow(shape, absl::StrCat("UPDATE ", Quoted(shape.table), " SET ", sql, " WHERE ", where.sql), values,
                     session);
  }

  static absl::Status ChangeRow(const records::Shape& shape, const std::string& sql, const std::vector<Value>& values,
                                Session& session) {
    auto changed = session.ExecuteValues(sql, values);
    if (absl::IsAlreadyExists(changed.status())) return AlreadyExists(shape.table, Std(changed.status().message()));
    return changed.status();
  }

  absl::Status DeleteRows(const records::Shape& shape, const Key& parent, const std::vector<const Message*>& rows,
                          Session& session) const {
    if (rows.empty()) return absl::OkStatus();
    std::vector<Key> keys;
    for (const Message* row : rows) {
      ASSIGN_OR_RETURN(Key key, FullKey(shape, parent, *row));
      keys.push_back(std::move(key));
    }
    const Condition where = KeysCondition(shape.FullKey(), keys);
    RETURN_IF_ERROR(DeleteBelow(shape, where, session));
    return session.ExecuteValues(absl::StrCat("DELETE FROM ", Quoted(shape.table), " WHERE ", where.sql), where.values)
        .status();
  }

  // Every descendant's key begins with the key columns `where` speaks of.
  absl::Status DeleteBelow(const records::Shape& shape, const Condition& where, Session& session) const {
    for (const auto& child : shape.children) {
      RETURN_IF_ERROR(DeleteBelow(*child.shape, where, session));
      RETURN_IF_ERROR(session
                          .ExecuteValues(absl::StrCat("DELETE FROM ", Quoted(child.shape->table), " WHERE ", where.sql),
                                         where.values)
                          .status());
    }
    return absl::OkStatus();
  }

  static bool HasEmptyKey(const records::Shape& shape, const Message& message) {
    const Column& own = shape.columns[shape.key.back()];
    return own.kind == Kind::kId && TextOf(message, own).empty();
  }

  static bool Differs(const records::Shape& shape, const Message& a, const Message& b) {
    return std::any_of(shape.columns.begin(), shape.columns.end(), [&](const Column& column) {
      return column.kind != Kind::kVersion && !SameField(a, b, column.field);
    });
  }

  static bool ChildrenDiffer(const records::Shape& shape, const Message& a, const Message& b) {
    return std::any_of(shape.children.begin(), shape.children.end(),
                       [&](const auto& child) { return !SameField(a, b, child.field); });
  }

  static void BumpVersion(const records::Shape& shape, const Message& before, Message& after) {
    const FieldDescriptor* etag = shape.columns[*shape.version].field;
    int64_t version = 0;
    (void)absl::SimpleAtoi(before.GetReflection()->GetString(before, etag), &version);
    after.GetReflection()->SetString(&after, etag, absl::StrCat(version + 1));
  }

  void FillInherited(const records::Shape& shape, const Key& parent, Message& message) const {
    for (const auto& [field, index] : shape.inherited) {
      Column column = shape.parent_key[index];
      column.field = field;
      SetFrom(parent[index], column, cipher, message).IgnoreError();  // of the same kind as the parent's
    }
  }

  // Changed fields of the document and changed rows of its children.
  absl::Status RecordUpdate(UnitOfWork& work, const Message& before, const Message& after,
                            const std::vector<std::pair<const FieldDescriptor*, ChangedRows>>& children) const {
    RecordedChange change{root.table, RecordId(after), "{", "{"};
    auto name = [](const FieldDescriptor* field, std::string& json) {
      absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", field->name(), "\":");
    };
    for (const Column& column : root.columns) {
      if (SameField(before, after, column.field)) continue;
      name(column.field, change.before_json);
      AppendFieldJson(before, column.field, Personal::kLeftOut, change.before_json);
      name(column.field, change.after_json);
      AppendFieldJson(after, column.field, Personal::kLeftOut, change.after_json);
    }
    for (const auto& [field, rows] : children) {
      if (rows.before.empty() && rows.after.empty()) continue;
      name(field, change.before_json);
      absl::StrAppend(&change.before_json, "[", rows.before, "]");
      name(field, change.after_json);
      absl::StrAppend(&change.after_json, "[", rows.after, "]");
    }
    change.before_json.push_back('}');
    change.after_json.push_back('}');
    work.Record(std::move(change));
    return absl::OkStatus();
  }

  // The last part of the key: what tells this record from others of its store.
  std::string RecordId(const Message& record) const {
    std::string id;
    for (size_t i = root.key.size() > 1 ? 1 : 0; i < root.key.size(); ++i) {
      const Column& column = root.columns[root.key[i]];
      std::string part;
      if (column.field->type() == FieldDescriptor::TYPE_STRING) {
        part = TextOf(record, column);
      } else {
        AppendFieldJson(record, column.field, Personal::kKept, part);
      }
      absl::StrAppend(&id, id.empty() ? "" : "/", part);
    }
    return id;
  }

  // ---- reading ----

  absl::Status ReadRow(const records::Shape& shape, const std::vector<Value>& cells, Message& message) const {
    for (size_t i = 0; i < shape.columns.size(); ++i) {
      RETURN_IF_ERROR(SetFrom(cells[shape.select_offset + i], shape.columns[i], cipher, message));
    }
    return absl::OkStatus();
  }

  struct Parent {
    Message* message;
    Key key;  // whole
  };

  // Children of all parents, one statement per table. `where` holds the root keys, which every descendant's key
  // begins with.
  absl::Status ReadChildren(const records::Shape& shape, const Condition& where, const std::vector<Parent>& parents,
                            Session& session) const {
    if (shape.children.empty() || parents.empty()) return absl::OkStatus();
    std::unordered_map<std::string, Message*> by_key;
    for (const Parent& parent : parents) by_key.emplace(Encoded(parent.key), parent.message);
    for (const auto& child : shape.children) {
      const records::Shape& below = *child.shape;
      ASSIGN_OR_RETURN(Rows rows,
                       session.QueryValues(absl::StrCat(below.select_head, "WHERE ", where.sql), where.values));
      // Sorted here: the few rows of a document are not worth an index by position.
      const size_t position = below.select_offset - 1;
      std::stable_sort(rows.cells_.begin(), rows.cells_.end(), [position](const auto& a, const auto& b) {
        return std::get<int64_t>(a[position]) < std::get<int64_t>(b[position]);
      });
      std::vector<Parent> found;
      for (const std::vector<Value>& cells : rows.cells_) {
        Key key(cells.begin(), cells.begin() + position);
        const auto parent = by_key.find(Encoded(key));
        if (parent == by_key.end()) continue;  // a sibling group the OR took in
        Message* message = parent->second->GetReflection()->AddMessage(parent->second, child.field);
        FillInherited(below, key, *message);
        RETURN_IF_ERROR(ReadRow(below, cells, *message));
        for (size_t index : below.key) key.push_back(cells[below.select_offset + index]);
        found.push_back({message, std::move(key)});
      }
      RETURN_IF_ERROR(ReadChildren(below, where, found, session));
    }
    return absl::OkStatus();
  }

  // Rows of the root table with their children.
  absl::Status ReadAll(const Rows& rows, size_t count, Session& session, const std::function<Message*()>& add) const {
    std::vector<Parent> parents;
    std::vector<Key> keys;
    for (size_t i = 0; i < count; ++i) {
      Message* message = add();
      RETURN_IF_ERROR(ReadRow(root, rows.cells_[i], *message));
      if (root.children.empty()) continue;
      Key key;
      for (size_t index : root.key) key.push_back(rows.cells_[i][index]);
      keys.push_back(key);
      parents.push_back({message, std::move(key)});
    }
    if (parents.empty()) return absl::OkStatus();
    return ReadChildren(root, KeysCondition(root.FullKey(), keys), parents, session);
  }

  records::Shape root;
  const privacy::Cipher& cipher;
};

TableMapper::TableMapper(const google::protobuf::Descriptor* type, const privacy::Cipher& cipher)
    : shape_(std::make_unique<Shape>(type, cipher)) {}
TableMapper::~TableMapper() = default;

absl::Status TableMapper::Insert(UnitOfWork& work, Message& record) const { return InsertAll(work, {&record}); }

absl::Status TableMapper::InsertAll(UnitOfWork& work, const std::vector<Message*>& records) const {
  std::vector<Shape::Batch> batches;
  for (Message* record : records) RETURN_IF_ERROR(shape_->Gather(shape_->root, {}, 0, work, *record, batches));
  RETURN_IF_ERROR(shape_->Insert(work.sql(), batches));
  for (const Message* record : records) {
    RecordedChange change{shape_->root.table, shape_->RecordId(*record), "", ""};
    AppendJson(*record, Personal::kLeftOut, change.after_json);
    work.Record(std::move(change));
  }
  return absl::OkStatus();
}

absl::Status TableMapper::Get(Session& session, const std::vector<std::string>& key, bool for_update,
                              Message& record) const {
  const records::Shape& root = shape_->root;
  CHASSIS_CHECK(key.size() == root.key.size(), (root.table + ": Get needs the whole key").c_str());
  std::vector<Value> values;
  for (size_t i = 0; i < key.size(); ++i) {
    absl::StatusOr<Value> value = CellFromText(key[i], root.columns[root.key[i]]);
    // What cannot be a key is the key of nothing.
    if (!value.ok() || std::holds_alternative<Null>(*value)) return NotFound(root.table, key.back());
    values.push_back(*std::move(value));
  }
  ASSIGN_OR_RETURN(const Rows rows, session.QueryValues(absl::StrCat(root.select_head, "WHERE ", root.key_predicate,
                                                                     for_update ? " FOR UPDATE" : ""),
                                                        values));
  if (rows.empty()) return NotFound(root.table, key.back());
  record.Clear();
  return shape_->ReadAll(rows, 1, session, [&record] { return &record; });
}

absl::Status TableMapper::Update(UnitOfWork& work, const Message& before, Message& after) const {
  const records::Shape& root = shape_->root;
  for (size_t index : root.key) {
    CHASSIS_CHECK(SameField(before, after, root.columns[index].field), (root.table + ": a key never changes").c_str());
  }
  // First, because it locks the document and proves that it is the one read.
  RETURN_IF_ERROR(shape_->UpdateRoot(work, before, after));
  std::vector<std::pair<const FieldDescriptor*, Shape::ChangedRows>> children;
  if (!root.children.empty()) {
    ASSIGN_OR_RETURN(const Key key, shape_->OwnKey(root, after));
    for (const auto& child : root.children) {
      children.push_back({child.field, {}});
      RETURN_IF_ERROR(shape_->UpdateChildren(child, key, work, before, after, children.back().second));
    }
  }
  return shape_->RecordUpdate(work, before, after, children);
}

absl::Status TableMapper::Delete(UnitOfWork& work, const Message& record) const {
  const records::Shape& root = shape_->root;
  ASSIGN_OR_RETURN(Key key, shape_->OwnKey(root, record));
  const Condition where = KeysCondition(root.FullKey(), {key});
  std::string sql = absl::StrCat("DELETE FROM ", Quoted(root.table), " WHERE ", root.key_predicate);
  if (root.version) {
    sql.append(" AND `version` = ?");
    ASSIGN_OR_RETURN(Value version, CellOf(record, root.columns[*root.version], shape_->cipher));
    key.push_back(std::move(version));
  }
  ASSIGN_OR_RETURN(const int64_t deleted, work.sql().ExecuteValues(sql, key));
  if (deleted == 0) return ChangedMeanwhile(root.table);
  RETURN_IF_ERROR(shape_->DeleteBelow(root, where, work.sql()));
  RecordedChange change{root.table, shape_->RecordId(record), "", ""};
  AppendJson(record, Personal::kLeftOut, change.before_json);
  work.Record(std::move(change));
  return absl::OkStatus();
}

absl::Status TableMapper::Select(Session& session, std::string_view tail, const std::vector<Value>& values,
                                 const std::function<Message*()>& add) const {
  std::string sql = shape_->root.select_head;
  sql.append(tail);
  ASSIGN_OR_RETURN(const Rows rows, session.QueryValues(sql, values));
  return shape_->ReadAll(rows, rows.size(), session, add);
}

absl::Status TableMapper::List(Session& session, const ListQuery& query, const std::function<Message*()>& add,
                               std::string& next_page_token) const {
  const records::Shape& root = shape_->root;
  const Column& scope_column = root.columns[root.key[0]];
  // A record that is its own distribution key (a store) has nothing above it to be listed by.
  const bool scoped = root.key.size() > 1;
  if (query.page_size < 0) return InvalidField("page_size", "不能为负数", "must not be negative");
  const int64_t page_size = query.page_size == 0 ? kPageSizeDefault : std::min(query.page_size, kPageSizeMax);
  ASSIGN_OR_RETURN(Condition where, ParseFilter(query.filter, root, shape_->cipher));
  ASSIGN_OR_RETURN(const std::vector<OrderTerm> order, ParseOrder(query.order_by, root, scoped));
  if (scoped) {
    if (query.scope.empty()) return InvalidField(scope_column.field->name(), "必填", "is required");
    absl::StatusOr<Value> scope = CellFromText(query.scope, scope_column);
    if (!scope.ok()) return InvalidField(scope_column.field->name(), "无效", "is not valid");
    Condition within;
    within.And(Quoted(scope_column.name) + " = ?", {*std::move(scope)});
    if (!where.sql.empty()) within.And(where.sql, std::move(where.values));
    where = std::move(within);
  }
  const std::string identity = absl::StrCat(root.table, "\n", query.scope, "\n", query.filter, "\n", query.order_by);
  if (!query.page_token.empty()) {
    ASSIGN_OR_RETURN(const std::vector<Value> last, ReadPageToken(query.page_token, identity, order.size()));
    Condition after = After(order, last);
    where.And(after.sql, std::move(after.values));
  }
  // One more than asked for tells whether there is a next page.
  where.values.push_back(page_size + 1);
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat(root.select_head, where.sql.empty() ? "" : "WHERE ", where.sql, " ",
                                                    OrderBy(order), " LIMIT ?"),
                                       where.values));
  const size_t count = std::min(rows.size(), static_cast<size_t>(page_size));
  next_page_token.clear();
  if (rows.size() > count) {
    std::vector<Value> last;
    for (const OrderTerm& term : order) {
      last.push_back(rows.cells_[count - 1][static_cast<size_t>(term.column - root.columns.data())]);
    }
    next_page_token = MakePageToken(identity, last);
  }
  return shape_->ReadAll(rows, count, session, add);
}

std::string TableMapper::BlindIndex(std::string_view field, std::string_view plain) const {
  const Column* column = shape_->root.Find(field);
  CHASSIS_CHECK(column != nullptr && column->blind_index, (std::string(field) + " has no blind index").c_str());
  return shape_->cipher.BlindIndex(plain, column->place);
}

ListQuery QueryFrom(const Message& list_request) {
  const Reflection* reflection = list_request.GetReflection();
  const auto* type = list_request.GetDescriptor();
  auto text = [&](const std::string& name) {
    const FieldDescriptor* field = type->FindFieldByName(name);
    return field == nullptr ? std::string() : reflection->GetString(list_request, field);
  };
  ListQuery query;
  query.scope = text("store_id");
  query.filter = text("filter");
  query.order_by = text("order_by");
  query.page_token = text("page_token");
  if (const FieldDescriptor* field = type->FindFieldByName("page_size")) {
    query.page_size = reflection->GetInt32(list_request, field);
  }
  return query;
}

}  // namespace chassis::records
