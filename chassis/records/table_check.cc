// Reads information_schema and SHOW CREATE TABLE, which MariaDB and MySQL both have, and says in words what differs.
#include "chassis/records/table_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/records/shape.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "google/protobuf/descriptor_database.h"

namespace chassis::records {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

struct ActualColumn {
  std::string type;  // "varbinary(300)"
  bool nullable = false;
};
using ActualColumns = std::map<std::string, ActualColumn>;
using Indexes = std::map<std::string, std::vector<std::string>>;  // by name, columns in order

// What a column of this kind may be, as the beginning of its type.
std::vector<std::string> TypesFor(Kind kind) {
  switch (kind) {
    case Kind::kVersion:
      return {"bigint"};
    case Kind::kId:
      return {"binary(16)"};
    case Kind::kText:
      return {"varchar(", "char(", "text", "mediumtext", "longtext"};
    case Kind::kDate:
      return {"date"};
    case Kind::kInt:
      return {"bigint", "int"};
    case Kind::kBool:
      return {"tinyint"};
    case Kind::kEnum:
      return {"varchar(40)"};
    case Kind::kBytes:
      return {"varbinary(", "binary(", "blob", "mediumblob", "longblob"};
    case Kind::kTime:
      return {"datetime(6)"};
    case Kind::kJson:
      return {"longtext"};
    case Kind::kSealedText:
    case Kind::kSealedJson:
      return {"varbinary(", "blob", "mediumblob", "longblob"};
  }
  return {};
}

bool Fits(const std::string& type, const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& start) {
    // "date" must not take "datetime(6)", "text" not "textual".
    return absl::StartsWith(type, start) && (start.back() == '(' || type.size() == start.size() ||
                                             type[start.size()] == '(' || type[start.size()] == ' ');
  });
}

class TableComparison {
 public:
  TableComparison(sql::Session& session, std::vector<std::string>& differences)
      : session_(session), differences_(differences) {}

  absl::Status Compare(const Shape& shape) {
    ASSIGN_OR_RETURN(const ActualColumns actual, Columns(shape.table));
    if (actual.empty()) {
      Differ(shape, "the table does not exist");
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Indexes indexes, LoadIndexes(shape.table));
    CompareColumns(shape, actual);
    CompareIndexes(shape, indexes);
    RETURN_IF_ERROR(CompareStates(shape));
    for (const auto& child : shape.children) RETURN_IF_ERROR(Compare(*child.shape));
    return absl::OkStatus();
  }

 private:
  void Differ(const Shape& shape, const std::string& what) {
    differences_.push_back(absl::StrCat(shape.table, ": ", what));
  }

  absl::StatusOr<ActualColumns> Columns(const std::string& table) {
    ASSIGN_OR_RETURN(const sql::Rows rows,
                     session_.Query("SELECT column_name AS name, column_type AS type, is_nullable AS nullable "
                                    "FROM information_schema.columns "
                                    "WHERE table_schema = DATABASE() AND table_name = ?",
                                    table));
    ActualColumns columns;
    for (size_t i = 0; i < rows.size(); ++i) {
      columns[rows[i].Text("name")] = {absl::AsciiStrToLower(rows[i].Text("type")), rows[i].Text("nullable") == "YES"};
    }
    return columns;
  }

  absl::StatusOr<Indexes> LoadIndexes(const std::string& table) {
    ASSIGN_OR_RETURN(const sql::Rows rows,
                     session_.Query("SELECT index_name AS name, column_name AS col FROM information_schema.statistics "
                                    "WHERE table_schema = DATABASE() AND table_name = ? "
                                    "ORDER BY index_name, seq_in_index",
                                    table));
    Indexes indexes;
    for (size_t i = 0; i < rows.size(); ++i) indexes[rows[i].Text("name")].push_back(rows[i].Text("col"));
    return indexes;
  }

  void CompareColumns(const Shape& shape, const ActualColumns& actual) {
    std::set<std::string> expected;
    auto expect = [&](const std::string& name, const std::vector<std::string>& types, bool must_take_null) {
      expected.insert(name);
      const auto found = actual.find(name);
      if (found == actual.end()) return Differ(shape, absl::StrCat("column ", name, " is missing"));
      if (!Fits(found->second.type, types)) {
        Differ(shape,
               absl::StrCat("column ", name, " is ", found->second.type, ", expected ", absl::StrJoin(types, " or ")));
      }
      if (must_take_null && !found->second.nullable) {
        Differ(shape, absl::StrCat("column ", name, " must allow NULL: its field is optional"));
      }
    };
    for (const Column& column : shape.parent_key) expect(column.name, TypesFor(column.kind), false);
    if (shape.is_child()) expect("position", {"int"}, false);
    for (const Column& column : shape.columns) {
      expect(column.name, TypesFor(column.kind), column.optional && !column.key);
      if (column.blind_index) expect(column.IndexName(), {"binary(32)"}, column.optional);
    }
    for (const auto& [name, column] : actual) {
      if (expected.count(name) == 0) Differ(shape, absl::StrCat("column ", name, " belongs to no field"));
    }
  }

  void CompareIndexes(const Shape& shape, const Indexes& indexes) {
    std::vector<std::string> key;
    for (const Column& column : shape.FullKey()) key.push_back(column.name);
    const auto primary = indexes.find("PRIMARY");
    if (primary == indexes.end() || primary->second != key) {
      Differ(shape, absl::StrCat("the primary key must be (", absl::StrJoin(key, ", "), ")"));
    }
    for (const Column& column : shape.columns) {
      if (shape.is_child() || column.key || (!column.filterable && !column.blind_index)) continue;
      std::vector<std::string> start;
      if (key.size() > 1) start.push_back(key[0]);
      start.push_back(column.blind_index ? column.IndexName() : column.name);
      const bool indexed = std::any_of(indexes.begin(), indexes.end(), [&](const auto& index) {
        return index.second.size() >= start.size() && std::equal(start.begin(), start.end(), index.second.begin());
      });
      if (!indexed) Differ(shape, absl::StrCat("no index begins with (", absl::StrJoin(start, ", "), ")"));
    }
  }

  // CHECK (state IN ('A', 'B')) must list exactly the states of the enum.
  absl::Status CompareStates(const Shape& shape) {
    const Column* state = shape.Find("state");
    if (state == nullptr || state->kind != Kind::kEnum || state->field->enum_type()->name() != "State") {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const sql::Rows rows, session_.Query("SHOW CREATE TABLE " + Quoted(shape.table)));
    const std::string create = rows[0].Text("Create Table");
    std::set<std::string> expected;
    const auto* states = state->field->enum_type();
    for (int i = 0; i < states->value_count(); ++i) {
      if (states->value(i)->number() != 0) expected.emplace(StateName(states, states->value(i)->number()));
    }
    const std::set<std::string> allowed = CheckedStates(create);
    if (allowed != expected) {
      Differ(shape, absl::StrCat("CHECK of state lists {", absl::StrJoin(allowed, ", "), "}, the enum has {",
                                 absl::StrJoin(expected, ", "), "}"));
    }
    return absl::OkStatus();
  }

  // The quoted words of "`state` in ('A',_utf8mb4'B',...)".
  static std::set<std::string> CheckedStates(const std::string& create) {
    std::set<std::string> states;
    const std::string lower = absl::AsciiStrToLower(create);
    size_t at = lower.find("`state` in (");
    if (at == std::string::npos) return states;
    const size_t end = create.find(')', at);
    while ((at = create.find('\'', at)) < end) {
      const size_t close = create.find('\'', at + 1);
      if (close == std::string::npos) break;
      states.insert(create.substr(at + 1, close - at - 1));
      at = close + 1;
    }
    return states;
  }

  sql::Session& session_;
  std::vector<std::string>& differences_;
};

void CollectChildren(const Descriptor* type, std::set<const Descriptor*>& children) {
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->options().GetExtension(options::column).child()) children.insert(field->message_type());
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TableDifferences(sql::Session& session, const std::string& package) {
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::vector<const Descriptor*> tables;
  std::set<const Descriptor*> children;
  for (const std::string& name : files) {
    // Only files of ours are built into descriptors; the package decides after that.
    if (!absl::StartsWith(name, "aftersales/")) continue;
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr || file->package() != package) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor* type = file->message_type(i);
      if (type->options().GetExtension(options::table).name().empty()) continue;
      tables.push_back(type);
      CollectChildren(type, children);
    }
  }
  std::vector<std::string> differences;
  TableComparison comparison(session, differences);
  for (const Descriptor* type : tables) {
    // A child's table is compared below its parent, whose key it needs.
    if (children.count(type) > 0) continue;
    RETURN_IF_ERROR(comparison.Compare(Shape(type, {})));
  }
  return differences;
}

}  // namespace chassis::records
