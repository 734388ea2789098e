#include "gateway/rest/path_template.h"

#include <algorithm>

namespace gateway::rest {
namespace {

using Segment = PathTemplate::Segment;
using Variable = PathTemplate::Variable;

// More segments than any path of 8 KB that means something; keeps the search shallow.
constexpr size_t kSegmentsMax = 256;

bool IsIdentStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsIdent(char c) { return IsIdentStart(c) || (c >= '0' && c <= '9'); }
// Characters a path may hold as they are (RFC 3986 pchar), without ':', which begins a verb.
bool IsLiteral(char c) { return IsIdent(c) || std::string_view("-.~!$&'()+,;@%").find(c) != std::string_view::npos; }

class TemplateParser {
 public:
  TemplateParser(std::string_view text, Wrong& wrong, size_t& at) : text_(text), wrong_(wrong), at_(at) { at_ = 0; }

  std::optional<PathTemplate> Parse() {
    if (text_.size() > kTemplateBytesMax) return Fail({"模板过长", "the template is too long"});
    if (!Take('/')) return Fail({"模板必须以 / 开头", "a template begins with /"});
    do {
      if (!AddSegment()) return std::nullopt;
    } while (Take('/'));
    if (Take(':')) {
      parsed_.verb = Literal();
      if (parsed_.verb.empty()) return Fail({"冒号后缺少动词", "a verb is missing after the colon"});
    }
    if (at_ != text_.size()) return Fail({"此处不应有此字符", "this character has no place here"});
    return CheckedFields() ? std::optional(std::move(parsed_)) : std::nullopt;
  }

 private:
  std::nullopt_t Fail(Wrong wrong) {
    wrong_ = wrong;
    return std::nullopt;
  }
  bool FailHere(Wrong wrong) {
    wrong_ = wrong;
    return false;
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Decoded, so that it compares with decoded paths.
  std::string Literal() {
    const size_t from = at_;
    while (at_ < text_.size() && IsLiteral(text_[at_])) ++at_;
    return PercentDecoded(text_.substr(from, at_ - from), Escapes::kPath).value_or("");
  }

  bool AddSegment() {
    if (at_ < text_.size() && text_[at_] == '{') return AddVariable();
    return AddPlain();
  }

  bool AddPlain() {
    if (!parsed_.segments.empty() && parsed_.segments.back().kind == Segment::Kind::kMany) {
      return FailHere({"** 之后不能再有路径段", "nothing but a verb may follow **"});
    }
    Segment segment;
    if (Take('*')) {
      segment.kind = Take('*') ? Segment::Kind::kMany : Segment::Kind::kOne;
    } else {
      segment.literal = Literal();
      if (segment.literal.empty()) return FailHere({"路径段为空或含有非法字符", "a segment is empty or malformed"});
    }
    if (parsed_.segments.size() == kSegmentsMax) return FailHere({"路径段过多", "there are too many segments"});
    parsed_.segments.push_back(std::move(segment));
    return true;
  }

  bool AddVariable() {
    ++at_;
    Variable variable;
    do {
      const size_t from = at_;
      if (at_ < text_.size() && IsIdentStart(text_[at_])) {
        while (at_ < text_.size() && IsIdent(text_[at_])) ++at_;
      }
      if (at_ == from) return FailHere({"变量中缺少字段名", "a variable lacks the name of a field"});
      variable.field.emplace_back(text_.substr(from, at_ - from));
    } while (Take('.'));

    variable.first = parsed_.segments.size();
    if (Take('=')) {
      do {
        if (at_ < text_.size() && text_[at_] == '{') {
          return FailHere({"变量中不能再有变量", "a variable must not hold another variable"});
        }
        if (!AddPlain()) return false;
      } while (Take('/'));
    } else {
      if (!parsed_.segments.empty() && parsed_.segments.back().kind == Segment::Kind::kMany) {
        return FailHere({"** 之后不能再有路径段", "nothing but a verb may follow **"});
      }
      if (parsed_.segments.size() == kSegmentsMax) return FailHere({"路径段过多", "there are too many segments"});
      parsed_.segments.push_back({Segment::Kind::kOne, ""});
    }
    if (!Take('}')) return FailHere({"变量缺少右括号", "a variable lacks its closing brace"});
    variable.count = parsed_.segments.size() - variable.first;
    variable.is_single_segment = variable.count == 1 && parsed_.segments.back().kind != Segment::Kind::kMany;
    parsed_.variables.push_back(std::move(variable));
    return true;
  }

  bool CheckedFields() {
    std::vector<std::vector<std::string>> fields;
    for (const Variable& variable : parsed_.variables) fields.push_back(variable.field);
    std::sort(fields.begin(), fields.end());
    if (std::adjacent_find(fields.begin(), fields.end()) == fields.end()) return true;
    return FailHere({"同一字段出现两次", "the same field stands in it twice"});
  }

  std::string_view text_;
  Wrong& wrong_;
  size_t& at_;
  PathTemplate parsed_;
};

}  // namespace

std::optional<PathTemplate> PathTemplate::Parse(std::string_view text, Wrong& wrong, size_t& at) {
  return TemplateParser(text, wrong, at).Parse();
}

struct PathMatcher::Rule {
  int number = 0;
  PathTemplate path_template;
};

// Rules that end here stand by verb and then by HTTP method.
struct PathMatcher::Node {
  using Rules = std::map<std::string, std::map<std::string, Rule, std::less<>>, std::less<>>;

  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> one;
  Rules ends;
  Rules many;  // those that end in `**` below this node
};

// A path in segments: as sent, and decoded for comparison with literals.
struct PathMatcher::Split {
  std::vector<std::string_view> sent;
  std::vector<std::string> decoded;
  std::string verb;

  // With the last segment's ":verb" taken off; nullopt when it has none.
  static std::optional<Split> WithVerb(const Split& whole) {
    if (whole.sent.empty()) return std::nullopt;
    const size_t colon = whole.sent.back().rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    Split split = whole;
    split.verb = PercentDecoded(whole.sent.back().substr(colon + 1), Escapes::kPath).value_or("");
    split.sent.back() = whole.sent.back().substr(0, colon);
    split.decoded.back() = PercentDecoded(split.sent.back(), Escapes::kPath).value_or("");
    return split;
  }

  // False: `found` says what is wrong with it.
  static bool Of(std::string_view path, Split& split, Found& found) {
    if (path.empty() || path.front() != '/') return false;
    for (size_t i = 0; i < path.size(); ++i) {
      const unsigned char c = static_cast<unsigned char>(path[i]);
      if (c <= 0x20 || c >= 0x7F || c == '#' || c == '?') {
        return Malformed({"含有未转义的字符", "holds a character that must be percent-encoded"}, i, found);
      }
    }
    size_t from = 1;
    while (true) {
      const size_t slash = std::min(path.find('/', from), path.size());
      const std::string_view segment = path.substr(from, slash - from);
      std::optional<std::string> decoded = PercentDecoded(segment, Escapes::kPath);
      if (!decoded.has_value()) {
        return Malformed({"百分号编码有误", "holds a malformed percent escape"}, from, found);
      }
      if (FirstInvalidUtf8(*decoded) != std::string_view::npos) {
        return Malformed({"不是有效的 UTF-8", "is not valid UTF-8"}, from, found);
      }
      if (split.sent.size() == kSegmentsMax) return false;
      split.sent.push_back(segment);
      split.decoded.push_back(*std::move(decoded));
      if (slash == path.size()) return true;
      from = slash + 1;
    }
  }

 private:
  static bool Malformed(Wrong wrong, size_t at, Found& found) {
    found.outcome = Outcome::kMalformed;
    found.wrong = wrong;
    found.at = at;
    return false;
  }
};

PathMatcher::PathMatcher() : root_(std::make_unique<Node>()) {}
PathMatcher::~PathMatcher() = default;
PathMatcher::PathMatcher(PathMatcher&&) noexcept = default;
PathMatcher& PathMatcher::operator=(PathMatcher&&) noexcept = default;

std::optional<int> PathMatcher::Add(std::string_view http_method, PathTemplate path_template, int rule) {
  Node* node = root_.get();
  bool many = false;
  for (const Segment& segment : path_template.segments) {
    if (segment.kind == Segment::Kind::kMany) {
      many = true;  // always the last
      break;
    }
    std::unique_ptr<Node>& next = segment.kind == Segment::Kind::kOne ? node->one : node->literals[segment.literal];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  auto& by_method = (many ? node->many : node->ends)[path_template.verb];
  const auto [at, is_new] = by_method.try_emplace(std::string(http_method), Rule{rule, std::move(path_template)});
  if (is_new) return std::nullopt;
  return at->second.number;
}

namespace {

template <typename Rules>
auto RuleOf(const Rules& rules, std::string_view verb, std::string_view http_method) -> const
    typename Rules::mapped_type::mapped_type* {
  const auto by_verb = rules.find(verb);
  if (by_verb == rules.end()) return nullptr;
  const auto& by_method = by_verb->second;
  if (const auto exact = by_method.find(http_method); exact != by_method.end()) return &exact->second;
  const auto any = by_method.find(std::string_view("*"));
  return any == by_method.end() ? nullptr : &any->second;
}

template <typename Rules>
void AddMethods(const Rules& rules, std::string_view verb, std::vector<std::string>& methods) {
  const auto by_verb = rules.find(verb);
  if (by_verb == rules.end()) return;
  for (const auto& [method, rule] : by_verb->second) methods.push_back(method);
}

}  // namespace

// The depth of a node is the number of segments before it, so no node is visited twice for one path.
const PathMatcher::Rule* PathMatcher::Search(const Node& node, const Split& path, size_t depth,
                                             std::string_view http_method) const {
  if (depth == path.sent.size()) {
    if (const Rule* rule = RuleOf(node.ends, path.verb, http_method)) return rule;
    return RuleOf(node.many, path.verb, http_method);
  }
  if (const auto next = node.literals.find(path.decoded[depth]); next != node.literals.end()) {
    if (const Rule* rule = Search(*next->second, path, depth + 1, http_method)) return rule;
  }
  if (node.one != nullptr && !path.sent[depth].empty()) {
    if (const Rule* rule = Search(*node.one, path, depth + 1, http_method)) return rule;
  }
  return RuleOf(node.many, path.verb, http_method);
}

void PathMatcher::Collect(const Node& node, const Split& path, size_t depth, std::vector<std::string>& methods) const {
  AddMethods(node.many, path.verb, methods);
  if (depth == path.sent.size()) return AddMethods(node.ends, path.verb, methods);
  if (const auto next = node.literals.find(path.decoded[depth]); next != node.literals.end()) {
    Collect(*next->second, path, depth + 1, methods);
  }
  if (node.one != nullptr && !path.sent[depth].empty()) Collect(*node.one, path, depth + 1, methods);
}

std::vector<std::string> PathMatcher::MethodsOf(const Split& path) const {
  std::vector<std::string> methods;
  Collect(*root_, path, 0, methods);
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  return methods;
}

PathMatcher::Match PathMatcher::Bind(const Rule& rule, const Split& path) const {
  Match match;
  match.rule = rule.number;
  const PathTemplate& pattern = rule.path_template;
  for (size_t i = 0; i < pattern.variables.size(); ++i) {
    const Variable& variable = pattern.variables[i];
    if (variable.is_single_segment) {
      match.values.push_back({i, path.decoded[variable.first]});
      continue;
    }
    const bool to_the_end = pattern.segments[variable.first + variable.count - 1].kind == Segment::Kind::kMany;
    const size_t end = to_the_end ? path.sent.size() : variable.first + variable.count;
    std::string text;
    for (size_t k = variable.first; k < end; ++k) {
      if (k > variable.first) text.push_back('/');
      text.append(PercentDecoded(path.sent[k], Escapes::kKeepReserved).value_or(""));
    }
    match.values.push_back({i, std::move(text)});
  }
  return match;
}

PathMatcher::Found PathMatcher::Find(std::string_view http_method, std::string_view path) const {
  Found found;
  Split whole;
  if (!Split::Of(path, whole, found)) return found;
  // A colon that is no verb is percent-encoded by who follows http.proto, so what looks like a verb is tried as one
  // first. Only when nothing has this verb the colon is part of the segment.
  const std::optional<Split> with_verb = Split::WithVerb(whole);
  for (const Split* split : {with_verb.has_value() ? &*with_verb : nullptr, static_cast<const Split*>(&whole)}) {
    if (split == nullptr) continue;
    if (const Rule* rule = Search(*root_, *split, 0, http_method)) {
      found.outcome = Outcome::kFound;
      found.match = Bind(*rule, *split);
      return found;
    }
    if (!MethodsOf(*split).empty()) {
      found.outcome = Outcome::kOtherMethod;
      return found;
    }
  }
  return found;
}

std::vector<std::string> PathMatcher::Methods(std::string_view path) const {
  Found found;
  Split whole;
  if (!Split::Of(path, whole, found)) return {};
  if (const std::optional<Split> with_verb = Split::WithVerb(whole); with_verb.has_value()) {
    std::vector<std::string> methods = MethodsOf(*with_verb);
    if (!methods.empty()) return methods;
  }
  return MethodsOf(whole);
}

}  // namespace gateway::rest
