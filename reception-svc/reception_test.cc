// The service as a whole: every RPC has a handler, and every table is what its message says.
#include "chassis/office/office.h"
#include "chassis/records/table_check.h"
#include "gmock/gmock.h"
#include "reception-svc/reception_for_test.h"

namespace reception {
namespace {

TEST(Reception, AnswersEveryRpcOfItsPackage) {
  DeskForTest desk;
  chassis::OpenOffice(desk.rpcs, [](const std::string&) {
    return absl::StatusOr<std::vector<aftersales::common::v1::LedgerCheck>>(absl::UnimplementedError(""));
  });
  const absl::Status complete = desk.rpcs.Complete();
  EXPECT_TRUE(complete.ok()) << complete;
}

TEST(Reception, KeepsItsTablesAsItsMessagesSay) {
  const std::unique_ptr<harness::Schema> schema = harness::FreshSchema("reception");
  const absl::Status read =
      schema->pool().Read(absl::InfiniteFuture(), [](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(std::vector<std::string> differences,
                         chassis::records::TableDifferences(session, "aftersales.reception.v1"));
        EXPECT_THAT(differences, testing::IsEmpty());
        return absl::OkStatus();
      });
  EXPECT_TRUE(read.ok()) << read;
}

}  // namespace
}  // namespace reception
