// Files of any size into the catalogue and out of it: pieces, breaks, crashes, bad lines.
#include "parts-svc/import/part_import_service.h"

#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/part_import.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

constexpr auto kAllOrNothing = v1::ImportPartsRequest::MODE_ALL_OR_NOTHING;
constexpr auto kGoodLines = v1::ImportPartsRequest::MODE_GOOD_LINES;
constexpr char kHeader[] =
    "part_number,name_zh,name_en,brand,unit,step_milli,models,superseded_by,retail_price_amount\n";
constexpr int kForEver = 1 << 30;

class PartImports : public PartsStore {
 protected:
  // A file on its way, sent in messages of `piece` bytes.
  struct File {
    std::string csv;
    v1::ImportPartsRequest::Mode mode = kAllOrNothing;
    std::string request_id;
    size_t piece = 64 << 10;
  };
  File AFile(std::string csv, v1::ImportPartsRequest::Mode mode = kAllOrNothing) {
    return {std::move(csv), mode, NewId()};
  }
  static v1::UploadPartsRequest HeaderOf(const File& file) {
    v1::UploadPartsRequest first;
    first.set_store_id(kStore);
    first.set_request_id(file.request_id);
    first.mutable_header()->set_mode(file.mode);
    first.mutable_header()->set_file_name("catalogue.csv");
    first.mutable_header()->set_size_bytes(static_cast<int64_t>(file.csv.size()));
    first.mutable_header()->set_reason("catalogue 2026-11");
    return first;
  }
  // Sends from `offset` on; the connection breaks after `messages_max` messages.
  absl::StatusOr<v1::PartImport> Upload(const File& file, size_t offset = 0, int messages_max = kForEver) {
    int sent = 0;
    return Stream(HeaderOf(file), [&, at = offset](v1::UploadPartsRequest& message) mutable -> absl::StatusOr<bool> {
      if (sent++ == messages_max) return absl::CancelledError("the client is gone");
      if (at >= file.csv.size()) return false;
      message.set_offset(static_cast<int64_t>(at));
      message.set_data(file.csv.substr(at, file.piece));
      at += file.piece;
      return true;
    });
  }
  absl::StatusOr<v1::PartImport> Stream(const v1::UploadPartsRequest& first,
                                        const std::function<absl::StatusOr<bool>(v1::UploadPartsRequest&)>& next) {
    const auto& entry = rpcs_.entries().at("/aftersales.parts.v1.PartImportService/UploadParts");
    chassis::Command command;
    command.store_id = kStore;
    command.actor.subject = identity_.subject;
    command.method = "UploadParts";
    command.request_id = first.request_id();
    command.request_digest = chassis::audit::Sha256(first.SerializeAsString());
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Minutes(5), "en", "");
    v1::PartImport response;
    const absl::Status status = call.Told(entry.upload(
                                              call, first,
                                              [&](google::protobuf::Message& message) -> absl::StatusOr<bool> {
                                                message.Clear();
                                                return next(static_cast<v1::UploadPartsRequest&>(message));
                                              },
                                              response),
                                          response);
    if (!status.ok()) return status;
    return response;
  }
  v1::PartImport Uploaded(const File& file) {
    const auto import = Upload(file);
    EXPECT_TRUE(import.ok()) << import.status();
    return import.ok() ? *import : v1::PartImport();
  }
  v1::PartImport ImportOf(const std::string& part_import_id) {
    v1::GetPartImportRequest request;
    request.set_part_import_id(part_import_id);
    return Must<v1::PartImport>(request);
  }
  v1::PartImport Finished(const v1::PartImport& import) {
    RunPeriodic("part_imports");
    return ImportOf(import.part_import_id());
  }
  v1::PartImport Imported(const std::string& csv, v1::ImportPartsRequest::Mode mode = kAllOrNothing) {
    return Finished(Uploaded(AFile(csv, mode)));
  }
  std::vector<v1::PartImportError> ErrorsOf(const v1::PartImport& import) {
    std::vector<v1::PartImportError> errors;
    v1::ListPartImportErrorsRequest request;
    request.set_part_import_id(import.part_import_id());
    do {
      const auto page = Must<v1::ListPartImportErrorsResponse>(request);
      errors.insert(errors.end(), page.part_import_errors().begin(), page.part_import_errors().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return errors;
  }
  static std::string Lines(int first, int count) {
    std::string csv;
    for (int i = first; i < first + count; ++i) {
      absl::StrAppend(&csv, "P-", i, ",机油滤清器,Oil filter,原厂,piece,1000,A4;A6,,", 1000 + i, "\n");
    }
    return csv;
  }
  std::string Exported() {
    const auto& entry = rpcs_.entries().at("/aftersales.parts.v1.PartImportService/ExportParts");
    chassis::Command command;
    command.store_id = kStore;
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Minutes(1), "en", "");
    v1::ExportPartsRequest request;
    request.set_store_id(kStore);
    std::string csv;
    const absl::Status status = entry.stream(
        call, request,
        [&](const google::protobuf::Message& message) {
          csv += static_cast<const v1::ExportPartsResponse&>(message).data();
          return true;
        },
        [] { return false; });
    EXPECT_TRUE(status.ok()) << status;
    return csv;
  }
};

// Handbook: P-01
TEST_F(PartImports, BringInAHundredThousandLinesAtOnceOrNotAtAll) {
  const v1::PartImport uploaded = Uploaded(AFile(kHeader + Lines(0, 100000)));
  EXPECT_EQ(uploaded.state(), v1::PartImport::STATE_CHECKING);
  PartImportJob job(host_);
  v1::PartImport import = uploaded;
  while (import.state() == v1::PartImport::STATE_CHECKING) {
    ASSERT_EQ(*job.Advance(kStore, import.part_import_id()), PartImportJob::Progress::kMore);
    ASSERT_EQ(Count("part"), 0) << "nothing is seen before everything is";
    import = ImportOf(import.part_import_id());
  }
  EXPECT_EQ(import.good_count(), 100000);
  import = Finished(import);
  EXPECT_EQ(import.state(), v1::PartImport::STATE_DONE);
  EXPECT_EQ(import.created_count(), 100000);
  EXPECT_EQ(import.price_count(), 100000);
  EXPECT_EQ(Count("part"), 100000);
  EXPECT_EQ(Count("part_stock"), 100000);
  EXPECT_EQ(Count("part_fitment"), 200000);
  EXPECT_EQ(Count("part_import_chunk"), 0) << "the file is not kept twice";
}

// Handbook: P-01
TEST_F(PartImports, NameEveryBadLineAndThenStoreNothing) {
  std::string csv = kHeader + Lines(0, 1200);
  csv += "b c,乙,B,原厂,piece,1000,,,100\n";         // 1202
  csv += "C,丙,C,原厂,piece,100,,,100\n";            // 1203
  csv += "D,,D,原厂,piece,1000,,,100\n";             // 1204
  csv += "E,戊,E,原厂,piece,1000,,GHOST,100\n";      // 1205
  csv += "P-7,庚,G,原厂,piece,1000,,,100\n";         // 1206: in line 9 already
  csv += "F,己,F,原厂,piece\n";                      // 1207
  csv += "H,辛,H,原厂,piece,1000,,,x\n";             // 1208
  csv += "I,壬,I,原厂,piece,1000,A4/LSV/12-9,,1\n";  // 1209
  const v1::PartImport import = Imported(csv);
  EXPECT_EQ(import.state(), v1::PartImport::STATE_FAILED);
  EXPECT_EQ(import.bad_count(), 8) << import.DebugString();
  EXPECT_EQ(import.good_count(), 1200);
  EXPECT_EQ(import.errors_size(), 8) << "the first twenty come with the import";
  const auto errors = ErrorsOf(import);
  ASSERT_EQ(errors.size(), 8u);
  const std::vector<std::pair<int, std::string>> expected{{1202, "part_number"},
                                                          {1203, "step_milli"},
                                                          {1204, "name_zh"},
                                                          {1205, "superseded_by"},
                                                          {1206, "part_number"},
                                                          {1207, ""},
                                                          {1208, "retail_price_amount"},
                                                          {1209, "fitments[0].serial_from"}};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(errors[i].line_number(), expected[i].first);
    EXPECT_EQ(errors[i].field(), expected[i].second);
    EXPECT_FALSE(errors[i].zh().empty());
  }
  EXPECT_EQ(Count("part"), 0);
}

TEST_F(PartImports, StoreTheGoodLinesWhenAskedTo) {
  std::string csv = kHeader + Lines(0, 2500);
  csv += "A,甲,A,原厂,piece,1000,,B,100\nB,乙,B,原厂,piece,1000,,A,100\nC,丙,C,原厂,piece,1000,,A,100\n";
  csv += "OLD,丁,D,原厂,piece,1000,,P-3,100\n";
  const v1::PartImport import = Imported(csv, kGoodLines);
  EXPECT_EQ(import.state(), v1::PartImport::STATE_DONE);
  EXPECT_EQ(import.bad_count(), 3) << "two that turn on each other, one that leads to them";
  EXPECT_EQ(import.created_count(), 2501);
  EXPECT_EQ(Count("part WHERE successor_part_id IS NOT NULL"), 1);
  EXPECT_EQ(Count("part"), 2501);
}

TEST_F(PartImports, ChangeWhatIsKnownInTheColumnsGivenAndOnlyThat) {
  Imported(kHeader + Lines(0, 10));
  clock_.Advance(absl::Seconds(1));
  const v1::PartImport import = Imported(
      "part_number,name_en,models,retail_price_amount\nP-1,Oil filter,A4;A6,1001\nP-2,Element,A4;A6,1002\n"
      "P-3,Oil filter,A8/LSVAA2A19N1/100000-,1003\nP-4,Oil filter,A4;A6,9999\n");
  EXPECT_EQ(import.state(), v1::PartImport::STATE_DONE);
  EXPECT_EQ(import.unchanged_count(), 2);
  EXPECT_EQ(import.updated_count(), 2);
  EXPECT_EQ(import.price_count(), 1);
  EXPECT_EQ(Count("part_fitment WHERE model_code = 'A8' AND serial_from = '100000' AND serial_to = ''"), 1);
  EXPECT_EQ(Count("part_fitment"), 19);
  EXPECT_EQ(Count("part WHERE name_zh = '机油滤清器'"), 10);
  EXPECT_EQ(Count("part_import_line WHERE before_json LIKE '%Oil filter%'"), 2) << "what was there stands in the line";
}

// Handbook: P-01
TEST_F(PartImports, ResumeWhereTheConnectionBroke) {
  File file = AFile(kHeader + Lines(0, 20000));
  file.piece = 100 << 10;
  EXPECT_FALSE(Upload(file, 0, 5).ok());
  // The header alone tells where to go on.
  const auto stands = Upload(file, file.csv.size());
  ASSERT_TRUE(stands.ok()) << stands.status();
  EXPECT_EQ(stands->state(), v1::PartImport::STATE_UPLOADING);
  EXPECT_EQ(stands->received_bytes(), 5 * (100 << 10));
  // From a little before: what is there is not taken twice.
  const auto resumed = Upload(file, stands->received_bytes() - 1000);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->part_import_id(), stands->part_import_id());
  const v1::PartImport import = Finished(*resumed);
  EXPECT_EQ(import.state(), v1::PartImport::STATE_DONE);
  EXPECT_EQ(import.created_count(), 20000);
  EXPECT_EQ(Upload(file)->part_import_id(), import.part_import_id()) << "a repeat begins no second import";
  EXPECT_EQ(Count("part_import"), 1);
}

TEST_F(PartImports, RefuseAGapMoreThanAnnouncedAndAnotherFile) {
  File file = AFile(kHeader + Lines(0, 100));
  EXPECT_TRUE(IsRefusal(Stream(HeaderOf(file),
                               [&, sent = 0](v1::UploadPartsRequest& message) mutable -> absl::StatusOr<bool> {
                                 message.set_offset(10);
                                 message.set_data("x");
                                 return sent++ == 0;
                               })
                            .status(),
                        v1::CATALOGUE_ERROR_REASON_UPLOAD_ORDER));
  EXPECT_TRUE(IsRefusal(Stream(HeaderOf(file),
                               [&, sent = 0](v1::UploadPartsRequest& message) mutable -> absl::StatusOr<bool> {
                                 message.set_data(file.csv + "x");
                                 return sent++ == 0;
                               })
                            .status(),
                        v1::CATALOGUE_ERROR_REASON_UPLOAD_TOO_LARGE));
  File other = file;
  other.csv += "more";
  EXPECT_TRUE(IsRefusal(Upload(other).status(), v1::CATALOGUE_ERROR_REASON_UPLOAD_DIFFERS));
  v1::UploadPartsRequest headless = HeaderOf(file);
  headless.clear_header();
  EXPECT_FALSE(Stream(headless, [](v1::UploadPartsRequest&) { return false; }).ok());
}

TEST_F(PartImports, GoOnAfterACrashWithNothingLostAndNothingDoubled) {
  for (const auto mode : {kGoodLines, kAllOrNothing}) {
    const int first = mode == kGoodLines ? 0 : 50000;
    const v1::PartImport import = Uploaded(AFile(kHeader + Lines(first, 7000), mode));
    const int64_t before = Count("part");
    // Every piece is done by another process than the one before.
    int pieces = 0;
    for (auto progress = PartImportJob::Progress::kMore; progress == PartImportJob::Progress::kMore; ++pieces) {
      PartImportJob job(host_);
      const auto advanced = job.Advance(kStore, import.part_import_id());
      ASSERT_TRUE(advanced.ok()) << advanced.status();
      progress = *advanced;
      const int64_t seen = Count("part") - before;
      if (mode == kAllOrNothing) {
        EXPECT_TRUE(seen == 0 || seen == 7000) << seen;
      }
    }
    EXPECT_GT(pieces, 7);
    EXPECT_EQ(ImportOf(import.part_import_id()).created_count(), 7000);
    EXPECT_EQ(Count("part") - before, 7000);
  }
}

TEST_F(PartImports, ThatCannotBeReadFail) {
  EXPECT_EQ(Imported("part_number,colour\nA,red\n").state(), v1::PartImport::STATE_FAILED);
  EXPECT_EQ(Imported("\n\n").failure_en(), "there is no header");
  const v1::PartImport open = Imported(kHeader + Lines(0, 3) + "X,\"滤清器,Filter,原厂,piece,1000,,,5\n" + Lines(4, 5));
  EXPECT_EQ(open.state(), v1::PartImport::STATE_FAILED);
  EXPECT_EQ(open.failure_en(), "the quote in line 5 is never closed");
  EXPECT_EQ(Count("part"), 0);
}

TEST_F(PartImports, CanBeCancelledUntilTheyAreDone) {
  File file = AFile(kHeader + Lines(0, 5000));
  EXPECT_FALSE(Upload(file, 0, 2).ok());
  v1::CancelPartImportRequest request;
  request.set_part_import_id(Upload(file, file.csv.size())->part_import_id());
  request.set_reason("the wrong file");
  EXPECT_EQ(Must<v1::PartImport>(request).state(), v1::PartImport::STATE_CANCELLED);
  EXPECT_EQ(Upload(file)->state(), v1::PartImport::STATE_CANCELLED) << "no way back";
  request.clear_request_id();
  EXPECT_TRUE(IsRefusal(Send<v1::PartImport>(request).status(), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Count("part_import_chunk"), 0);
}

TEST_F(PartImports, NobodyGoesOnWithAreGivenUp) {
  File file = AFile(kHeader + Lines(0, 5000));
  EXPECT_FALSE(Upload(file, 0, 2).ok());
  clock_.Advance(absl::Hours(24 * 8));
  RunPeriodic("part_imports");
  EXPECT_EQ(Upload(file)->state(), v1::PartImport::STATE_CANCELLED);
}

// Handbook: P-01
TEST_F(PartImports, TakeBackAnExportAsItIs) {
  v1::Part filter = PartNamed("F-1");
  filter.set_name_en("Filter, \"long\"");
  filter.set_tax_basis_points(600);
  filter.set_shelf_life_days(90);
  filter.set_tracking(v1::Part::TRACKING_BATCH);
  filter.set_pack_quantity_milli(4000);
  filter.set_old_part_tracked(true);
  filter.add_fitments()->set_model_code("A4");
  auto& run = *filter.add_fitments();
  run.set_model_code("A6");
  run.set_vin_prefix("LSVAA2A19N1");
  run.set_serial_from("100000");
  run.set_serial_to("199999");
  auto& reference = *filter.add_cross_references();
  reference.set_brand("MANN");
  reference.set_reference_number("W712");
  const v1::Part successor = APart("F-2");
  const v1::Part made = Create(filter);
  v1::SupersedePartRequest supersede;
  supersede.set_part_id(made.part_id());
  supersede.set_successor_part_id(successor.part_id());
  supersede.set_reason("bulletin 17");
  Must<v1::Part>(supersede);
  APrice(successor, 4200);
  const std::string csv = Exported();
  const v1::PartImport again = Imported(csv);
  EXPECT_EQ(again.state(), v1::PartImport::STATE_DONE) << csv << again.DebugString();
  EXPECT_EQ(again.unchanged_count(), 2) << csv;
  EXPECT_EQ(again.price_count(), 0);
  EXPECT_EQ(Exported(), csv);
}

}  // namespace
}  // namespace parts
