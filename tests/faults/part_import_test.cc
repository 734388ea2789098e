// A catalogue on its way in through the door while parts-svc and the database are killed with -9: the upload resumes
// where it stood, the import ends as if nothing had happened, no line is lost and none comes twice.
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/part_import.pb.h"
#include "tests/faults/stock_house.h"

namespace {

namespace v1 = aftersales::parts::v1;

constexpr int kLines = 12000;
constexpr size_t kPieceBytes = 100 << 10;

class PartImport : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house_ = std::make_unique<stock::House>(); }
  static void TearDownTestSuite() { house_.reset(); }

  static std::string Csv(const std::string& prefix) {
    std::string csv = "part_number,name_zh,name_en,brand,unit,models,retail_price_amount\n";
    for (int i = 0; i < kLines; ++i)
      absl::StrAppend(&csv, prefix, i, ",滤清器,Filter,原厂,piece,A4;A6,", 100 + i, "\n");
    return csv;
  }
  struct File {
    std::string csv;
    v1::ImportPartsRequest::Mode mode;
    std::string request_id;
  };
  // Sends from `offset` on; `before_piece` is told the number of each piece.
  absl::StatusOr<v1::PartImport> Upload(const File& file, size_t offset,
                                        const std::function<void(int)>& before_piece = nullptr) {
    const std::string token = house_->suite().issuer().Issue({.subject = "zhang.lei",
                                                              .roles = {"parts_manager"},
                                                              .stores = {house_->store_id()},
                                                              .issue_time = absl::Now()});
    int sent = 0;
    return house_->suite().door().Upload<v1::PartImport, v1::UploadPartsRequest>(
        {.timeout = absl::Minutes(2), .token = token, .language = "en"}, [&](v1::UploadPartsRequest& message) {
          if (sent++ == 0) {
            message.set_store_id(house_->store_id());
            message.set_request_id(file.request_id);
            message.mutable_header()->set_mode(file.mode);
            message.mutable_header()->set_file_name("catalogue.csv");
            message.mutable_header()->set_size_bytes(static_cast<int64_t>(file.csv.size()));
            message.mutable_header()->set_reason("catalogue 2026-11");
            return true;
          }
          if (before_piece) before_piece(sent - 1);
          if (offset >= file.csv.size()) return false;
          message.set_offset(static_cast<int64_t>(offset));
          message.set_data(file.csv.substr(offset, kPieceBytes));
          offset += kPieceBytes;
          return true;
        });
  }
  // The header alone asks where the upload stands; until somebody answers.
  v1::PartImport Standing(const File& file) {
    for (const absl::Time until = absl::Now() + absl::Minutes(1);;) {
      const auto standing = Upload(file, file.csv.size());
      if (standing.ok()) return *standing;
      if (absl::Now() > until) harness::FailHarness(standing.status().ToString());
      harness::WaitFor(absl::Milliseconds(50));
    }
  }
  v1::PartImport Now(const v1::PartImport& import) {
    v1::GetPartImportRequest request;
    request.set_part_import_id(import.part_import_id());
    return house_->Must<v1::PartImport>(request);
  }
  int64_t Count(const std::string& from) {
    int64_t count = -1;
    absl::Status read = absl::UnavailableError("not asked");
    for (int attempt = 0; attempt < 20 && absl::IsUnavailable(read); ++attempt) {
      read =
          house_->suite().Database("parts").Read(absl::Now() + absl::Seconds(10), [&](chassis::sql::Session& session) {
            auto rows = session.Query("SELECT COUNT(*) AS n FROM " + from);
            if (rows.ok()) count = (*rows)[0].Int("n");
            return rows.status();
          });
    }
    EXPECT_TRUE(read.ok()) << read;
    return count;
  }
  void KillAndStart() {
    house_->suite().Kill("parts");
    house_->suite().Start("parts");
  }

  static std::unique_ptr<stock::House> house_;
};
std::unique_ptr<stock::House> PartImport::house_;

// Handbook: P-01
TEST_F(PartImport, SurvivesKillsOfTheServiceAndOfTheDatabase) {
  for (const auto mode : {v1::ImportPartsRequest::MODE_ALL_OR_NOTHING, v1::ImportPartsRequest::MODE_GOOD_LINES}) {
    const std::string prefix = mode == v1::ImportPartsRequest::MODE_GOOD_LINES ? "G-" : "A-";
    const File file{Csv(prefix), mode, house_->NewId()};
    // The service dies while the third piece comes.
    EXPECT_FALSE(Upload(file, 0, [&](int piece) {
                   if (piece == 4) house_->suite().Kill("parts");
                 }).ok());
    house_->suite().Start("parts");
    v1::PartImport import = Standing(file);
    EXPECT_EQ(import.state(), v1::PartImport::STATE_UPLOADING);
    EXPECT_LT(import.received_bytes(), import.size_bytes());
    const auto resumed = Upload(file, import.received_bytes());
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    import = *resumed;
    // And again while the lines are checked and loaded, and the database once.
    int kills = 0;
    for (const absl::Time until = absl::Now() + absl::Minutes(3); !import.has_end_time();) {
      ASSERT_LT(absl::Now(), until) << import.DebugString();
      const int32_t done = import.line_count() + import.loaded_line();
      if (done > kills * 5000 && kills < 4) {
        if (kills++ == 1) {
          house_->database().Kill();
          house_->database().Start();
        } else {
          KillAndStart();
        }
      }
      const int64_t seen = Count("part WHERE part_number LIKE '" + prefix + "%'");
      if (mode == v1::ImportPartsRequest::MODE_ALL_OR_NOTHING) {
        EXPECT_TRUE(seen == 0 || seen == kLines) << seen;
      }
      harness::WaitFor(absl::Milliseconds(20));
      import = Now(import);
    }
    EXPECT_EQ(import.state(), v1::PartImport::STATE_DONE) << import.DebugString();
    EXPECT_EQ(import.created_count(), kLines);
    EXPECT_EQ(import.price_count(), kLines);
    EXPECT_EQ(Count("part WHERE part_number LIKE '" + prefix + "%'"), kLines);
  }
  EXPECT_EQ(Count("part_price"), 2 * kLines);
  EXPECT_EQ(Count("part_fitment"), 4 * kLines);
  EXPECT_TRUE(house_->Differences(house_->store_id()).empty());
}

}  // namespace
