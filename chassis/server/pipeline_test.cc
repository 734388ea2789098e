// One call on its way through the pipeline, over real gRPC and a real database: who may call, what is refused and
// how, what a repeat gets, what is masked.
#include "chassis/server/pipeline.h"

#include <thread>

#include "chassis/server/shelf_for_test.h"
#include "chassis/telemetry/log.h"

namespace chassis {
namespace {

constexpr char kUnmaskedReads[] = "command_log WHERE reason = 'unmasked read'";

class Access : public Shelf {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(Access, NeedsAToken) {
  const auto answer = Mirror({});
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_UNAUTHENTICATED)) << answer.status();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(Access, NeedsATokenThatVerifies) {
  CallOptions options = Adviser();
  options.token.back() = options.token.back() == 'A' ? 'B' : 'A';
  options.token[options.token.size() - 10] = options.token[options.token.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(IsRefusal(Mirror(options).status(), common::ERROR_REASON_UNAUTHENTICATED));
}

TEST_F(Access, NeedsOneOfTheMethodsRolesAndNamesThem) {
  const auto answer = Mirror(As("cashier"));
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_ROLE_NOT_ALLOWED)) << answer.status();
  EXPECT_EQ(RefusalIn(answer.status()).arguments().at("roles"), "service_adviser, suite_service");
}

TEST_F(Access, ToAnotherStoreLooksLikeAStoreThatIsNotThere) {
  const auto answer = Mirror(As("service_adviser", kOtherStore));
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_STORE_UNKNOWN)) << answer.status();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Access, IsDecidedBeforeTheRequestIsValidated) {
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  request.set_phone("not a phone");
  EXPECT_TRUE(IsRefusal(client_->Call<shelf::MirrorResponse>(As("service_adviser", kOtherStore), request).status(),
                        common::ERROR_REASON_STORE_UNKNOWN));
  EXPECT_TRUE(
      IsRefusal(client_->Call<shelf::MirrorResponse>(Adviser(), request).status(), common::ERROR_REASON_INVALID_FIELD));
}

TEST_F(Access, ToAllStoresIsForTheGroup) {
  shelf::WatchBooksRequest request;
  request.set_count(1);
  const auto take = [](const shelf::WatchBooksResponse&) { return true; };
  EXPECT_TRUE(IsRefusal(client_->Watch<shelf::WatchBooksResponse>(As("technician"), request, take),
                        common::ERROR_REASON_STORE_UNKNOWN));
  EXPECT_TRUE(client_->Watch<shelf::WatchBooksResponse>(As("technician", "*"), request, take).ok());
}

TEST_F(Access, ToGroupMethodsIsForTheGroup) {
  shelf::CloseGroupRequest request;
  request.set_request_id(NewRequestId());
  EXPECT_TRUE(IsRefusal(client_->Call<shelf::CloseGroupResponse>(Adviser(), request).status(),
                        common::ERROR_REASON_ROLE_NOT_ALLOWED));
  EXPECT_TRUE(client_->Call<shelf::CloseGroupResponse>(As("group_manager", "*"), request).ok());
}

TEST_F(Access, OnBehalfOfSomebodyIsBelievedFromServicesOnly) {
  CallOptions service = As("suite_service", "*", "service:parts-svc");
  service.on_behalf_of = "wang.wei";
  EXPECT_EQ(Mirror(service)->on_behalf_of(), "wang.wei");
  CallOptions person = Adviser();
  person.on_behalf_of = "wang.wei";
  EXPECT_EQ(Mirror(person)->on_behalf_of(), "");
  EXPECT_EQ(Mirror(person)->subject(), "li.na");
}

class Deadline : public Shelf {};

TEST_F(Deadline, ReachesTheHandler) {
  Start();
  CallOptions options = Adviser();
  options.timeout = absl::Seconds(5);
  const auto answer = Mirror(options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_GT(answer->remaining_ms(), 3000);
  EXPECT_LE(answer->remaining_ms(), 5000);
}

TEST_F(Deadline, ThatHasPassedIsRefused) {
  Start();
  CallOptions options = Adviser();
  options.timeout = absl::ZeroDuration();
  EXPECT_TRUE(IsRefusal(Mirror(options).status(), common::ERROR_REASON_DEADLINE));
}

class Errors : public Shelf {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(Errors, NameEveryBadField) {
  shelf::MirrorRequest request;
  request.set_phone("12");
  request.add_items();
  const auto answer = client_->Call<shelf::MirrorResponse>(Adviser(), request);
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(RefusalIn(answer.status()).violations_size(), 4) << RefusalIn(answer.status()).DebugString();
}

TEST_F(Errors, SpeakTheCallersLanguage) {
  shelf::MirrorRequest request;
  CallOptions options = Adviser();
  options.language = "zh-CN";
  const auto answer = client_->Call<shelf::MirrorResponse>(options, request);
  EXPECT_EQ(RefusalIn(answer.status()).violations(0).zh(), "必填");
  options.language = "";
  request.set_store_id(kStore);
  EXPECT_EQ(client_->Call<shelf::MirrorResponse>(options, request)->language(), "zh-CN") << "by default";
}

TEST_F(Errors, OfOursBecomeAnIncidentWithoutTheCause) {
  std::string lines;
  log::CaptureForTest(&lines);
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  request.set_fail_with("SELECT secret FROM drawer");
  const auto answer = client_->Call<shelf::MirrorResponse>(Adviser(), request);
  log::CaptureForTest(nullptr);
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_INTERNAL));
  EXPECT_EQ(std::string(answer.status().message()).find("SELECT"), std::string::npos);
  EXPECT_NE(lines.find(RefusalIn(answer.status()).arguments().at("incident")), std::string::npos);
}

TEST_F(Errors, AreCountedByCode) {
  ASSERT_TRUE(Mirror(Adviser()).ok());
  ASSERT_FALSE(Mirror(As("cashier")).ok());
  EXPECT_EQ(Handled("Mirror", "OK"), 1);
  EXPECT_EQ(Handled("Mirror", "PermissionDenied"), 1);
}

class Repeats : public Shelf {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(Repeats, GetTheFirstAnswerAndChangeNothing) {
  const shelf::CreateBookRequest request = NewBook("B-1");
  const auto first = client_->Call<shelf::Book>(Adviser(), request);
  const auto second = client_->Call<shelf::Book>(Adviser(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(CountRows("book"), 1);
}

TEST_F(Repeats, WithOtherContentAreRefused) {
  shelf::CreateBookRequest request = NewBook("B-1");
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), request).ok());
  request.mutable_book()->set_title("西游记");
  const auto second = client_->Call<shelf::Book>(Adviser(), request);
  EXPECT_TRUE(IsRefusal(second.status(), common::ERROR_REASON_REQUEST_ID_REUSED)) << second.status();
}

TEST_F(Repeats, ForAnotherMethodAreRefused) {
  const shelf::CreateBookRequest request = NewBook("B-1");
  const auto book = client_->Call<shelf::Book>(Adviser(), request);
  ASSERT_TRUE(book.ok());
  shelf::LendBookRequest lend;
  lend.set_store_id(kStore);
  lend.set_request_id(request.request_id());
  lend.set_book_id(book->book_id());
  EXPECT_TRUE(IsRefusal(client_->Call<shelf::Book>(Adviser(), lend).status(), common::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(Repeats, OfWhatSucceededSucceedThoughTheStateForbidsItNow) {
  shelf::LendBookRequest lend;
  lend.set_store_id(kStore);
  lend.set_request_id(NewRequestId());
  lend.set_book_id(Create("B-1").book_id());
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), lend).ok());
  EXPECT_TRUE(client_->Call<shelf::Book>(Adviser(), lend).ok());
  lend.set_request_id(NewRequestId());
  EXPECT_TRUE(IsRefusal(client_->Call<shelf::Book>(Adviser(), lend).status(), common::ERROR_REASON_WRONG_STATE));
}

TEST_F(Repeats, AreNotRefusedWhileNobodyCanSayWhetherTheFirstSucceeded) {
  shelf::LendBookRequest lend;
  lend.set_store_id(kStore);
  lend.set_request_id(NewRequestId());
  lend.set_book_id(Create("B-1").book_id());
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), lend).ok());
  Execute("RENAME TABLE command_log TO command_log_away");
  const auto unknown = client_->Call<shelf::Book>(Adviser(), lend);
  EXPECT_FALSE(unknown.ok());
  EXPECT_FALSE(IsRefusal(unknown.status(), common::ERROR_REASON_WRONG_STATE)) << unknown.status();
  Execute("RENAME TABLE command_log_away TO command_log");
  EXPECT_TRUE(client_->Call<shelf::Book>(Adviser(), lend).ok());
}

TEST_F(Repeats, AtTheSameTimeHaveOneEffectAndOneAnswer) {
  const shelf::CreateBookRequest request = NewBook("B-1");
  const CallOptions options = Adviser();
  std::vector<absl::StatusOr<shelf::Book>> answers(16, absl::UnknownError(""));
  std::vector<std::thread> twins;
  for (auto& answer : answers) twins.emplace_back([&] { answer = client_->Call<shelf::Book>(options, request); });
  for (std::thread& twin : twins) twin.join();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->book_id(), answers[0]->book_id());
  }
  EXPECT_EQ(CountRows("book"), 1);
}

TEST_F(Repeats, AfterARefusalRunAgain) {
  shelf::CreateBookRequest request = NewBook("B-1");
  request.mutable_book()->set_title("forbidden");
  EXPECT_FALSE(client_->Call<shelf::Book>(Adviser(), request).ok());
  EXPECT_EQ(CountRows("command_log"), 0);
  request.mutable_book()->set_title("红楼梦");
  EXPECT_TRUE(client_->Call<shelf::Book>(Adviser(), request).ok()) << "a refused command leaves its id unused";
}

class PersonalData : public Shelf {
 protected:
  void SetUp() override {
    Start();
    request_.set_store_id(kStore);
    request_.set_book_id(Create("B-1").book_id());
  }
  shelf::GetBookRequest request_;
};

TEST_F(PersonalData, IsMaskedForWhoNeedsItNot) {
  const auto book = client_->Call<shelf::Book>(As("technician"), request_);
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->reader_name(), "张**");
  EXPECT_EQ(book->title(), "红楼梦");
  EXPECT_EQ(CountRows(kUnmaskedReads), 0);
}

TEST_F(PersonalData, IsShownToWhoNeedsItAndThatIsAudited) {
  const auto book = client_->Call<shelf::Book>(Adviser(), request_);
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->reader_name(), "张小明");
  EXPECT_EQ(CountRows(kUnmaskedReads), 1);
  EXPECT_EQ(CountRows("command_log WHERE actor = 'li.na' AND method = '/aftersales.shelf.v1.ShelfService/GetBook'"), 1);
}

TEST_F(PersonalData, GoesToServicesAsItIs) {
  const auto book = client_->Call<shelf::Book>(As("suite_service", "*", "service:parts-svc"), request_);
  EXPECT_EQ(book->reader_name(), "张小明");
  EXPECT_EQ(CountRows(kUnmaskedReads), 0);
}

TEST_F(PersonalData, IsMaskedInStreamsAndAuditedOncePerStream) {
  shelf::WatchBooksRequest request;
  request.set_store_id(kStore);
  request.set_count(3);
  std::vector<std::string> names;
  const auto take = [&](const shelf::WatchBooksResponse& response) {
    names.push_back(response.book().reader_name());
    return true;
  };
  ASSERT_TRUE(client_->Watch<shelf::WatchBooksResponse>(As("technician"), request, take).ok());
  EXPECT_EQ(names, std::vector<std::string>(3, "张**"));
  names.clear();
  ASSERT_TRUE(client_->Watch<shelf::WatchBooksResponse>(Adviser(), request, take).ok());
  EXPECT_EQ(names, std::vector<std::string>(3, "张小明"));
  EXPECT_EQ(CountRows(kUnmaskedReads), 1);
}

TEST_F(PersonalData, StandsInNoLogLine) {
  std::string lines;
  log::CaptureForTest(&lines);
  ASSERT_TRUE(log::SetMinimum("debug"));
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), request_).ok());
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), NewBook("B-2")).ok());
  log::CaptureForTest(nullptr);
  EXPECT_NE(lines.find("ShelfService/GetBook"), std::string::npos);
  EXPECT_EQ(lines.find("张"), std::string::npos);
}

class StandardMethodsTest : public Shelf {
 protected:
  void SetUp() override { Start(); }
  shelf::UpdateBookRequest Update(const shelf::Book& book, std::initializer_list<const char*> mask) {
    shelf::UpdateBookRequest request;
    request.set_store_id(kStore);
    request.set_request_id(NewRequestId());
    *request.mutable_book() = book;
    for (const char* path : mask) request.mutable_update_mask()->add_paths(path);
    return request;
  }
  std::string BadField(const absl::Status& status) {
    EXPECT_TRUE(IsRefusal(status, common::ERROR_REASON_INVALID_FIELD)) << status;
    return RefusalIn(status).violations_size() == 0 ? "" : RefusalIn(status).violations(0).field();
  }
};

TEST_F(StandardMethodsTest, CreateFillsKeyEtagTimeAndStateAndGetFindsIt) {
  const shelf::Book book = Create("B-1");
  EXPECT_EQ(book.store_id(), kStore);
  EXPECT_EQ(book.book_id().size(), 36u);
  EXPECT_EQ(book.etag(), "1");
  EXPECT_EQ(book.state(), shelf::Book::STATE_SHELVED);
  EXPECT_GT(book.create_time().seconds(), 0);
  shelf::GetBookRequest get;
  get.set_store_id(kStore);
  get.set_book_id(book.book_id());
  const auto found = client_->Call<shelf::Book>(Adviser(), get);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->SerializeAsString(), book.SerializeAsString());
}

TEST_F(StandardMethodsTest, CreateRefusesWhatTheServiceFills) {
  shelf::CreateBookRequest request = NewBook("B-1");
  request.mutable_book()->set_book_id(kStore);
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), request).status()), "book.book_id");
  request = NewBook("B-1");
  request.mutable_book()->set_state(shelf::Book::STATE_LENT);
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), request).status()), "book.state");
  request = NewBook("B-1");
  request.mutable_book()->mutable_create_time()->set_seconds(1);
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), request).status()), "book.create_time");
  request = NewBook("B-1");
  request.mutable_book()->set_store_id(kOtherStore);
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), request).status()), "book.store_id");
  EXPECT_EQ(CountRows("book"), 0);
}

TEST_F(StandardMethodsTest, CreateNamesADuplicateByItsCode) {
  Create("B-1");
  const auto second = client_->Call<shelf::Book>(Adviser(), NewBook("B-1"));
  EXPECT_TRUE(IsRefusal(second.status(), common::ERROR_REASON_ALREADY_EXISTS)) << second.status();
  EXPECT_EQ(RefusalIn(second.status()).arguments().at("key"), "B-1");
}

TEST_F(StandardMethodsTest, GetAnswersNotFound) {
  shelf::GetBookRequest get;
  get.set_store_id(kStore);
  get.set_book_id(kOtherStore);
  EXPECT_TRUE(IsRefusal(client_->Call<shelf::Book>(Adviser(), get).status(), common::ERROR_REASON_NOT_FOUND));
}

TEST_F(StandardMethodsTest, ListPagesThroughEverythingOnce) {
  for (const char* code : {"B-1", "B-2", "B-3", "B-4", "B-5"}) Create(code);
  shelf::ListBooksRequest list;
  list.set_store_id(kStore);
  list.set_page_size(2);
  list.set_order_by("code desc");
  std::vector<std::string> codes;
  for (int page = 0; page < 3; ++page) {
    const auto books = client_->Call<shelf::ListBooksResponse>(As("technician"), list);
    ASSERT_TRUE(books.ok()) << books.status();
    for (const auto& book : books->books()) {
      codes.push_back(book.code());
      EXPECT_EQ(book.reader_name(), "张**");
    }
    list.set_page_token(books->next_page_token());
  }
  EXPECT_EQ(codes, (std::vector<std::string>{"B-5", "B-4", "B-3", "B-2", "B-1"}));
  EXPECT_EQ(list.page_token(), "");
  list.set_page_size(-1);
  EXPECT_EQ(BadField(client_->Call<shelf::ListBooksResponse>(Adviser(), list).status()), "page_size");
}

TEST_F(StandardMethodsTest, UpdateChangesWhatTheMaskNames) {
  shelf::Book book = Create("B-1");
  book.set_title("西游记");
  book.set_pages(7);
  const auto updated = client_->Call<shelf::Book>(Adviser(), Update(book, {"title"}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->title(), "西游记");
  EXPECT_EQ(updated->pages(), 1200);
  EXPECT_EQ(updated->etag(), "2");
}

TEST_F(StandardMethodsTest, UpdateWithoutMaskChangesWhatIsFilled) {
  const shelf::Book book = Create("B-1");
  shelf::Book changed;
  changed.set_book_id(book.book_id());
  changed.set_etag(book.etag());
  changed.set_pages(7);
  const auto updated = client_->Call<shelf::Book>(Adviser(), Update(changed, {}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->pages(), 7);
  EXPECT_EQ(updated->title(), "红楼梦");
}

TEST_F(StandardMethodsTest, UpdateOfAMaskedRecordKeepsWhatWasHidden) {
  shelf::Book seen = Create("B-1");
  seen.set_reader_name("张**");
  seen.set_pages(7);
  const auto updated = client_->Call<shelf::Book>(Adviser(), Update(seen, {}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->reader_name(), "张小明");
  EXPECT_EQ(updated->pages(), 7);
  // Over REST the mask is derived from what the body names.
  seen.set_etag(updated->etag());
  seen.set_pages(8);
  const auto named = client_->Call<shelf::Book>(Adviser(), Update(seen, {"reader_name", "pages"}));
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->reader_name(), "张小明");
  EXPECT_EQ(named->pages(), 8);
}

TEST_F(StandardMethodsTest, UpdateNeedsTheEtagThatWasRead) {
  shelf::Book book = Create("B-1");
  ASSERT_TRUE(client_->Call<shelf::Book>(Adviser(), Update(book, {"title"})).ok());
  const auto stale = client_->Call<shelf::Book>(Adviser(), Update(book, {"pages"}));
  EXPECT_TRUE(IsRefusal(stale.status(), common::ERROR_REASON_CHANGED_MEANWHILE)) << stale.status();
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  book.clear_etag();
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), Update(book, {"pages"})).status()), "book.etag");
}

TEST_F(StandardMethodsTest, UpdateRefusesToTouchWhatIsNotTheCallers) {
  shelf::Book book = Create("B-1");
  for (const char* path :
       {"code", "create_time", "state", "etag", "book_id", "store_id", "colour", "create_time.seconds", "title.x"}) {
    EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), Update(book, {path})).status()), "update_mask") << path;
  }
  book.set_code("B-2");
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), Update(book, {})).status()), "book.code");
}

TEST_F(StandardMethodsTest, ChecksOfTheRoomRefuseBeforeAnythingIsWritten) {
  shelf::Book book = Create("B-1");
  book.set_title("forbidden");
  EXPECT_EQ(BadField(client_->Call<shelf::Book>(Adviser(), Update(book, {"title"})).status()), "book.title");
  EXPECT_EQ(CountRows("book WHERE version > 1"), 0);
}

TEST(Rpcs, CompleteNamesEveryMethodWithoutHandler) {
  const Rpcs rpcs("aftersales.shelf.v1");
  const absl::Status status = rpcs.Complete();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  for (const char* method : {"GetBook", "WatchBooks", "CloseGroup"}) {
    EXPECT_NE(std::string(status.message()).find(absl::StrCat(method, " has no handler")), std::string::npos);
  }
}

}  // namespace
}  // namespace chassis
