// What a message looks like as a table: its columns in order, its key, its children, and the SQL texts built once
// from them. Made from the descriptor's options when a Table is constructed; a message that cannot be a table (a
// floating point field, a map) stops the program there, at start-up.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chassis/sql/value.h"
#include "google/protobuf/descriptor.h"

namespace chassis::records {

enum class Kind {
  kVersion,     // `etag` in column `version`
  kId,          // BINARY(16)
  kText,        // VARCHAR
  kDate,        // DATE
  kInt,         // BIGINT or INT
  kBool,        // TINYINT(1)
  kEnum,        // VARCHAR(40)
  kBytes,       // VARBINARY
  kTime,        // DATETIME(6)
  kJson,        // LONGTEXT
  kSealedText,  // VARBINARY, encrypted
  kSealedJson,  // VARBINARY, encrypted
};

struct Column {
  const google::protobuf::FieldDescriptor* field = nullptr;
  Kind kind = Kind::kText;
  std::string name;          // of the column
  std::string place;         // "customer.name": binds a sealed value to where it stands
  bool optional = false;     // a scalar with presence: NULL when unset
  bool blind_index = false;  // column <name>_index beside it
  bool key = false;
  bool filterable = false;

  // Whether NULL may stand in it.
  bool Nullable() const {
    return !key && (optional || kind == Kind::kId || kind == Kind::kDate || kind == Kind::kTime);
  }
  std::string IndexName() const { return name + "_index"; }
};

struct Shape {
  // A table of its own, or below `parent_key` (the parent's whole key) as a child.
  Shape(const google::protobuf::Descriptor* type, std::vector<Column> parent_key);

  const Column* Find(std::string_view field) const;
  bool is_child() const { return !parent_key.empty(); }
  // Columns of the primary key in order: the parent's, then the own.
  std::vector<Column> FullKey() const;

  const google::protobuf::Descriptor* type;
  std::string table;
  std::vector<Column> parent_key;
  // Fields that repeat a column of the parent's key: filled from it, not stored twice.
  std::vector<std::pair<const google::protobuf::FieldDescriptor*, size_t>> inherited;
  std::vector<Column> columns;
  std::vector<size_t> key;  // indexes into columns
  std::optional<size_t> version;
  const google::protobuf::FieldDescriptor* create_time = nullptr;
  const google::protobuf::FieldDescriptor* update_time = nullptr;

  struct Child {
    const google::protobuf::FieldDescriptor* field;
    std::unique_ptr<Shape> shape;
  };
  std::vector<Child> children;

  // Selects the parent's key and `position` (children only), then `columns`.
  std::string select_head;   // "SELECT ... FROM `t` "
  size_t select_offset = 0;  // where `columns` begin in a row
  // Inserts the parent's key, `position`, `columns`, then the blind indexes.
  std::string insert_head;  // "INSERT INTO `t` (...) VALUES "
  size_t insert_width = 0;
  std::string key_predicate;  // "`store_id` = ? AND `thing_id` = ?", the whole key
};

std::string Quoted(std::string_view name);  // `name`

}  // namespace chassis::records
