// The page in a browser, with the document of the whole suite: what people see of it.
#include "gateway/openapi/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gateway/openapi/descriptors_for_test.h"
#include "gateway/openapi/document.h"
#include "tests/harness/printer.h"

namespace gateway::openapi {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPlace[] = R"(<script id="document" type="application/json">)";

// A page opened from a file may not fetch: the document goes into its place inside it.
std::string PageWith(const std::string& json) {
  const std::string page(OpenApiPage());
  const size_t place = page.find(kPlace);
  EXPECT_NE(place, std::string::npos);
  return page.substr(0, place) + kPlace + absl::StrReplaceAll(json, {{"</", "<\\/"}}) +
         page.substr(place + sizeof(kPlace) - 1);
}
std::string SuiteJson() {
  const auto document = Document(SuiteDescriptorsForTest());
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? document->dump() : "{}";
}

TEST(Page, ShowsEveryServiceAndOpensTheOperationThatIsAskedFor) {
  const std::string dom = harness::DomOf(PageWith(SuiteJson()), "reception_VisitService_RecordArrival");
  EXPECT_FALSE(absl::StrContains(dom, "role=\"alert\""));
  for (const char* service :
       {"reception.VisitService", "workshop.JobService", "parts.LedgerService", "crm.CustomerService"}) {
    EXPECT_TRUE(absl::StrContains(dom, std::string("<h2 id=\"") + service + "\">")) << service;
  }
  // The row of every operation, and the whole of the one that is open.
  EXPECT_TRUE(absl::StrContains(dom, "id=\"parts_ReservationService_CreateReservation\""));
  const size_t begin = dom.find("id=\"reception_VisitService_RecordArrival\"");
  ASSERT_NE(begin, std::string::npos);
  const std::string operation = dom.substr(begin, dom.find("</details><details class=\"operation", begin) - begin);
  EXPECT_THAT(operation, HasSubstr("issues the gate card"));
  EXPECT_THAT(operation, HasSubstr("<code>plate</code>"));
  EXPECT_THAT(operation, HasSubstr(">gate_guard</span>"));
  EXPECT_THAT(operation, HasSubstr(">R-10</span>"));
  EXPECT_THAT(operation, HasSubstr("aftersales.reception.v1.VisitService/RecordArrival"));
  EXPECT_THAT(operation, HasSubstr("application/json"));
  EXPECT_THAT(operation, HasSubstr("409"));
}

TEST(Page, TakesNoWordOfTheDocumentForHtml) {
  const std::string dom = harness::DomOf(
      PageWith(R"({"info":{"title":"<img src=x onerror=alert(1)>","version":"v1","description":"<b>bold</b>"},
                   "paths":{"/v1/a":{"get":{"tags":["t"],"operationId":"a","summary":"<i>s</i>","responses":{}}}}})"),
      "a");
  EXPECT_THAT(dom, HasSubstr("&lt;b&gt;bold&lt;/b&gt;"));
  EXPECT_THAT(dom, HasSubstr("&lt;i&gt;s&lt;/i&gt;"));
  EXPECT_THAT(dom, HasSubstr("&lt;img src=x"));
}

TEST(Page, LoadsNothingFromElsewhere) {
  const std::string page(OpenApiPage());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("<script src")));
  EXPECT_THAT(page, Not(HasSubstr("<link rel=\"stylesheet\"")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
  EXPECT_THAT(page, HasSubstr("fetch('openapi.json')"));
}

}  // namespace
}  // namespace gateway::openapi
