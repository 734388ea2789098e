#include "gateway/openapi/comments.h"

#include <regex>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/text.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway::openapi {

using chassis::Absl;

std::string Reflowed(std::string_view comment) {
  std::string text;
  bool paragraph_ended = false;
  for (const absl::string_view raw : absl::StrSplit(Absl(comment), '\n')) {
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty()) {
      paragraph_ended = !text.empty();
      continue;
    }
    const bool is_item = absl::StartsWith(line, "- ");
    if (paragraph_ended) {
      text.append("\n\n");
    } else if (!text.empty()) {
      text.append(is_item ? "\n" : " ");
    }
    paragraph_ended = false;
    absl::StrAppend(&text, line);
  }
  return text;
}

std::string TextOf(const google::protobuf::SourceLocation& location) {
  const std::string above = Reflowed(location.leading_comments);
  const std::string behind = Reflowed(location.trailing_comments);
  if (above.empty() || behind.empty()) return above + behind;
  return absl::StrCat(above, "\n\n", behind);
}

std::string ServiceComment(const google::protobuf::ServiceDescriptor* service) {
  const std::string own = CommentOf(service);
  if (!own.empty()) return own;
  // Comments before the `syntax` line are kept under its place, the field of that number in FileDescriptorProto.
  google::protobuf::SourceLocation location;
  const std::vector<int> syntax = {google::protobuf::FileDescriptorProto::kSyntaxFieldNumber};
  return service->file()->GetSourceLocation(syntax, &location) ? TextOf(location) : "";
}

std::vector<std::string> HandbookRows(std::string_view text) {
  std::vector<std::string> rows;
  const size_t said = text.find("Handbook:");
  if (said == std::string_view::npos) return rows;
  static const std::regex row("\\b[GRWSPCFM]-[0-9]{2}\\b");
  const std::string after(text.substr(said));
  for (std::sregex_iterator at(after.begin(), after.end(), row), end; at != end; ++at) rows.push_back(at->str());
  return rows;
}

std::string ShownValue(std::string_view text) {
  size_t open = std::string_view::npos;
  if (!text.empty() && text[0] == '"') {
    open = 0;
  } else if (const size_t shown = text.find("e.g. \""); shown != std::string_view::npos) {
    open = shown + 5;
  }
  if (open == std::string_view::npos) return "";
  const size_t close = text.find('"', open + 1);
  return close == std::string_view::npos ? "" : std::string(text.substr(open + 1, close - open - 1));
}

std::string Humanized(std::string_view name) {
  std::string words;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '_') {
      words.push_back(' ');
      continue;
    }
    const bool starts_word =
        absl::ascii_isupper(c) && i > 0 &&
        (absl::ascii_islower(name[i - 1]) || (i + 1 < name.size() && absl::ascii_islower(name[i + 1])));
    if (starts_word && name[i - 1] != '_') words.push_back(' ');
    words.push_back(i == 0 ? absl::ascii_toupper(c) : starts_word ? absl::ascii_tolower(c) : c);
  }
  return words;
}

std::string JsonPath(std::string_view field_path) {
  std::string json;
  bool capital = false;
  for (const char c : field_path) {
    if (c == '_') {
      capital = true;
      continue;
    }
    json.push_back(capital ? absl::ascii_toupper(c) : c);
    capital = false;
  }
  return json;
}

}  // namespace gateway::openapi
