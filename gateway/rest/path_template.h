// Path templates after google/api/http.proto, and which of many a request's path fits. It knows nothing of messages: a
// rule is a number, a variable the name of a field as the template spells it.
//
//   ASSIGN_OR_WRONG: PathTemplate::Parse("/v1/{name=shelves/*}/books/{id}:lend", &wrong)
//   PathMatcher matcher; matcher.Add("POST", template, rule, &clash); matcher.Find("POST",
//   "/v1/shelves/3/books/7:lend")
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/rest/text.h"

namespace gateway::rest {

inline constexpr size_t kTemplateBytesMax = 2000;

struct PathTemplate {
  struct Segment {
    enum class Kind { kLiteral, kOne, kMany };  // as written, `*`, `**`
    Kind kind = Kind::kLiteral;
    std::string literal;
  };
  struct Variable {
    std::vector<std::string> field;  // {"customer", "customer_id"}
    size_t first = 0;                // position of its first segment
    size_t count = 0;                // of segments in the template; kMany counts as one
    // One `*` or literal: everything is decoded. Otherwise reserved characters stay as sent.
    bool is_single_segment = false;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // without ':', empty: none

  // nullopt: `wrong` says why, `at` where (in bytes).
  static std::optional<PathTemplate> Parse(std::string_view text, Wrong& wrong, size_t& at);
};

// All rules of all methods. Segment by segment a literal goes before `*`, and `*` before `**`; a rule of exactly the
// HTTP method before one of any ("*"). A path is looked at once per rule at most: a place in the tree is reached by one
// way only.
class PathMatcher {
 public:
  struct Value {
    size_t variable = 0;  // position in the template's variables
    std::string text;     // decoded
  };
  struct Match {
    int rule = 0;
    std::vector<Value> values;
  };
  // What became of a path. `kOtherMethod`: it exists, for other HTTP methods.
  enum class Outcome { kFound, kOtherMethod, kUnknown, kMalformed };
  struct Found {
    Outcome outcome = Outcome::kUnknown;
    Match match;
    Wrong wrong;    // kMalformed: what, and at which byte
    size_t at = 0;  // of the path
  };

  PathMatcher();
  ~PathMatcher();
  PathMatcher(PathMatcher&&) noexcept;
  PathMatcher& operator=(PathMatcher&&) noexcept;

  // `rule` is the caller's number for it. Returns the rule that has the same method and path already, or nullopt.
  std::optional<int> Add(std::string_view http_method, PathTemplate path_template, int rule);
  // `path` is as sent, without query.
  Found Find(std::string_view http_method, std::string_view path) const;
  // In alphabetical order; empty when nothing has this path.
  std::vector<std::string> Methods(std::string_view path) const;

 private:
  struct Node;
  struct Rule;
  struct Split;

  const Rule* Search(const Node& node, const Split& path, size_t depth, std::string_view http_method) const;
  void Collect(const Node& node, const Split& path, size_t depth, std::vector<std::string>& methods) const;
  std::vector<std::string> MethodsOf(const Split& path) const;
  Match Bind(const Rule& rule, const Split& path) const;

  std::unique_ptr<Node> root_;
};

}  // namespace gateway::rest
