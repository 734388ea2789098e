// Pieces of SQL text that every store builds the same way.
#include "chassis/sql/session.h"

namespace chassis::sql {

std::string Placeholders(size_t count) {
  std::string text;
  text.reserve(count * 2);
  for (size_t i = 0; i < count; ++i) text.append(i == 0 ? "?" : ",?");
  return text;
}

std::string RowPlaceholders(size_t rows, size_t columns) {
  const std::string row = "(" + Placeholders(columns) + ")";
  std::string text;
  text.reserve(rows * (row.size() + 1));
  for (size_t i = 0; i < rows; ++i) {
    if (i > 0) text.push_back(',');
    text.append(row);
  }
  return text;
}

}  // namespace chassis::sql
