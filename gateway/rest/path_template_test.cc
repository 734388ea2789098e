#include "gateway/rest/path_template.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace gateway::rest {
namespace {

// Why a template is refused, "" when it is taken.
std::string WhyNot(const std::string& text) {
  Wrong wrong;
  size_t at = 0;
  if (PathTemplate::Parse(text, wrong, at).has_value()) return "";
  return std::to_string(at) + ": " + std::string(wrong.en);
}
PathTemplate Parsed(const std::string& text) {
  Wrong wrong;
  size_t at = 0;
  std::optional<PathTemplate> parsed = PathTemplate::Parse(text, wrong, at);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << wrong.en << " at " << at;
  return parsed.value_or(PathTemplate());
}

TEST(PathTemplates, OfTheGrammarAreTaken) {
  for (const char* text :
       {"/v1", "/v1/messages", "/v1/*", "/v1/**", "/**", "/*", "/{a}", "/{a=*}", "/{a=**}", "/{a.b.c}",
        "/v1/{name=shelves/*/books/*}", "/v1/{name=shelves/**}", "/v1/{name=shelves/**}:read", "/v1:verb",
        "/v1/{a}/{b}:verb", "/v1/a-b.c_d~e", "/v1/{_a1}", "/v1/{a=b}", "/v1/%E4%BA%AC"}) {
    EXPECT_EQ(WhyNot(text), "") << text;
  }
}

TEST(PathTemplates, ThatAreMalformedAreNamedWithTheirPlace) {
  const std::map<std::string, std::string> expected = {
      {"", "0: a template begins with /"},
      {"v1", "0: a template begins with /"},
      {"/", "1: a segment is empty or malformed"},
      {"/v1/", "4: a segment is empty or malformed"},
      {"/v1//a", "4: a segment is empty or malformed"},
      {"/v1/a?b", "5: this character has no place here"},
      {"/v1/a b", "5: this character has no place here"},
      {"/v1/***", "6: this character has no place here"},
      {"/v1/a*", "5: this character has no place here"},
      {"/v1/*a", "5: this character has no place here"},
      {"/v1/**/a", "7: nothing but a verb may follow **"},
      {"/v1/**/{a}", "9: nothing but a verb may follow **"},
      {"/v1/{a=**}/b", "11: nothing but a verb may follow **"},
      {"/v1/{a=**/b}", "10: nothing but a verb may follow **"},
      {"/v1/{", "5: a variable lacks the name of a field"},
      {"/v1/{}", "5: a variable lacks the name of a field"},
      {"/v1/{.a}", "5: a variable lacks the name of a field"},
      {"/v1/{a.}", "7: a variable lacks the name of a field"},
      {"/v1/{1a}", "5: a variable lacks the name of a field"},
      {"/v1/{a-b}", "6: a variable lacks its closing brace"},
      {"/v1/{a", "6: a variable lacks its closing brace"},
      {"/v1/{a=*", "8: a variable lacks its closing brace"},
      {"/v1/{a=}", "7: a segment is empty or malformed"},
      {"/v1/{a=b/}", "9: a segment is empty or malformed"},
      {"/v1/{a=/b}", "7: a segment is empty or malformed"},
      {"/v1/{a={b}}", "7: a variable must not hold another variable"},
      {"/v1/{a=b/{c}}", "9: a variable must not hold another variable"},
      {"/v1/{a}b", "7: this character has no place here"},
      {"/v1/b{a}", "5: this character has no place here"},
      {"/v1/a}", "5: this character has no place here"},
      {"/v1/{a}/{a}", "11: the same field stands in it twice"},
      {"/v1:", "4: a verb is missing after the colon"},
      {"/v1:a:b", "5: this character has no place here"},
      {"/v1:a/b", "5: this character has no place here"},
      {"/:a", "1: a segment is empty or malformed"},
      {"/v1/%4", "6: a segment is empty or malformed"},
  };
  for (const auto& [text, why] : expected) EXPECT_EQ(WhyNot(text), why) << text;
  EXPECT_NE(WhyNot("/" + std::string(kTemplateBytesMax, 'a')), "");
  std::string many;
  for (int i = 0; i < 300; ++i) many.append("/a");
  EXPECT_EQ(WhyNot(many), "514: there are too many segments");
}

TEST(PathTemplates, KnowWhatTheirVariablesSpan) {
  const PathTemplate parsed = Parsed("/v1/{a}/{b.c=x/*}/{d=**}:e");
  ASSERT_EQ(parsed.variables.size(), 3u);
  EXPECT_TRUE(parsed.variables[0].is_single_segment);
  EXPECT_EQ(parsed.variables[1].field, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(parsed.variables[1].first, 2u);
  EXPECT_EQ(parsed.variables[1].count, 2u);
  EXPECT_FALSE(parsed.variables[1].is_single_segment);
  EXPECT_FALSE(parsed.variables[2].is_single_segment) << "** may be several";
  EXPECT_EQ(parsed.verb, "e");
}

TEST(PathMatching, TellsWhichRuleHasThePathAlready) {
  PathMatcher matcher;
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/{a}/x"), 0), std::nullopt);
  EXPECT_EQ(matcher.Add("POST", Parsed("/v1/{a}/x"), 1), std::nullopt);
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/{a}/x:v"), 2), std::nullopt);
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/*/x"), 3), 0);
  EXPECT_EQ(matcher.Add("POST", Parsed("/v1/{b=*}/%78"), 4), 1);
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/{b=*/x}:v"), 5), 2);
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/**"), 6), std::nullopt);
  EXPECT_EQ(matcher.Add("GET", Parsed("/v1/{c=**}"), 7), 6);
}

TEST(PathMatching, GoesBackWhereALiteralLedNowhere) {
  PathMatcher matcher;
  matcher.Add("GET", Parsed("/a/b/c"), 0);
  matcher.Add("GET", Parsed("/a/*/d"), 1);
  matcher.Add("GET", Parsed("/*/b/e"), 2);
  matcher.Add("GET", Parsed("/a/**"), 3);
  matcher.Add("GET", Parsed("/**"), 4);
  const auto rule = [&](const char* path) { return matcher.Find("GET", path).match.rule; };
  EXPECT_EQ(rule("/a/b/c"), 0);
  EXPECT_EQ(rule("/a/b/d"), 1);
  EXPECT_EQ(rule("/a/b/e"), 3) << "what is more special at an earlier segment goes first";
  EXPECT_EQ(rule("/x/b/e"), 2);
  EXPECT_EQ(rule("/x/y"), 4);
}

TEST(PathMatching, IsLinearForPathsMadeToBeSlow) {
  // Every prefix can go on by literal and by `*`: a naive search would take 2^30 ways.
  PathMatcher matcher;
  std::string literals;
  std::string stars;
  for (int i = 0; i < 30; ++i) {
    literals.append("/a");
    stars.append("/*");
    matcher.Add("GET", Parsed(literals + "/end"), 2 * i);
    matcher.Add("GET", Parsed(stars + "/end"), 2 * i + 1);
  }
  EXPECT_EQ(matcher.Find("GET", literals + "/other").outcome, PathMatcher::Outcome::kUnknown);
  EXPECT_EQ(matcher.Find("GET", std::string(8000, '/')).outcome, PathMatcher::Outcome::kUnknown);
}

TEST(PathMatching, RefusesCharactersNoPathMayHold) {
  PathMatcher matcher;
  matcher.Add("GET", Parsed("/v1/{a}"), 0);
  for (const std::string path : {"/v1/a b", "/v1/a\tb", "/v1/\xE4\xBA\xAC", "/v1/a#b", "/v1/a\x7F"}) {
    EXPECT_EQ(matcher.Find("GET", path).outcome, PathMatcher::Outcome::kMalformed) << path;
  }
  EXPECT_EQ(matcher.Find("GET", "/v1/a b").at, 5u);
  for (const std::string path : {"", "v1/a", "*", "http://x/v1/a"}) {
    EXPECT_EQ(matcher.Find("GET", path).outcome, PathMatcher::Outcome::kUnknown) << path;
  }
}

}  // namespace
}  // namespace gateway::rest
