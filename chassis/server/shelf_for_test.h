// A whole service for tests of the chassis: the shelf of tests/protos on a schema of its own, served on loopback,
// with an issuer of tokens.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/shelf/v1/shelf.pb.h"
#include "chassis/client/suite_client.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/keys.h"
#include "chassis/server/service.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis {

namespace shelf = aftersales::shelf::v1;
namespace common = aftersales::common::v1;

inline constexpr char kStore[] = "01234567-89ab-7def-8123-456789abcdef";
inline constexpr char kOtherStore[] = "11111111-89ab-7def-8123-456789abcdef";

inline std::string NewRequestId() {
  static SystemClock clock;
  static RandomIds ids(clock);
  return ids.NewId();
}

class ShelfRoom {
 public:
  explicit ShelfRoom(Rooms& rooms) : books_(rooms.host.cipher()) {
    rooms.rpcs.Standard<shelf::Book>(books_,
                                     [](UnitOfWork&, const shelf::Book* before, shelf::Book& after) -> absl::Status {
                                       if (before == nullptr) after.set_state(shelf::Book::STATE_SHELVED);
                                       if (after.title() == "forbidden")
                                         return InvalidField("book.title", "禁书", "is forbidden");
                                       return absl::OkStatus();
                                     });
    rooms.rpcs.On(this, &ShelfRoom::Lend);
    rooms.rpcs.On(this, &ShelfRoom::Mirror);
    rooms.rpcs.On(this, &ShelfRoom::CloseGroup);
    rooms.rpcs.Watch(this, &ShelfRoom::Watch);
    rooms.rpcs.Upload(this, &ShelfRoom::Scan);
  }

  // Lets waiting Mirror calls go on, now and later.
  void LetGo() {
    std::lock_guard<std::mutex> lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }
  void AwaitWaiting(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

  // The pages taken in so far, over all uploads.
  int PagesScanned() {
    std::lock_guard<std::mutex> lock(mutex_);
    return pages_;
  }
  void AwaitPages(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return pages_ >= count; });
  }

 private:
  absl::StatusOr<shelf::ScanPagesResponse> Scan(Call& call, Reader<shelf::ScanPagesRequest>& pages) {
    shelf::ScanPagesResponse response;
    shelf::ScanPagesRequest page;
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, pages.Read(page));
      if (!more) break;
      response.set_pages(response.pages() + 1);
      response.set_text(response.text() + page.text());
      std::lock_guard<std::mutex> lock(mutex_);
      ++pages_;
      changed_.notify_all();
    }
    return call.Transact<shelf::ScanPagesResponse>([&](UnitOfWork& work) -> absl::StatusOr<shelf::ScanPagesResponse> {
      work.Because("scanned");
      return response;
    });
  }

  absl::StatusOr<shelf::Book> Lend(Call& call, const shelf::LendBookRequest& request) {
    return call.Transact<shelf::Book>([&](UnitOfWork& work) -> absl::StatusOr<shelf::Book> {
      ASSIGN_OR_RETURN(const shelf::Book before, books_.Get(work.sql(), request.store_id(), request.book_id()));
      shelf::Book after = before;
      RETURN_IF_ERROR(MoveTo(after, shelf::Book::STATE_LENT));
      RETURN_IF_ERROR(books_.Update(work, before, after));
      return after;
    });
  }

  absl::StatusOr<shelf::MirrorResponse> Mirror(Call& call, const shelf::MirrorRequest& request) {
    if (request.wait()) {
      std::unique_lock<std::mutex> lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return let_go_; });
    }
    if (!request.fail_with().empty()) return absl::InternalError(request.fail_with());
    shelf::MirrorResponse response;
    response.set_subject(call.actor().subject);
    response.set_on_behalf_of(call.actor().on_behalf_of);
    response.set_language(call.language());
    response.set_remaining_ms(absl::ToInt64Milliseconds(call.deadline() - call.Now()));
    return response;
  }

  absl::StatusOr<shelf::CloseGroupResponse> CloseGroup(Call&, const shelf::CloseGroupRequest&) {
    return shelf::CloseGroupResponse();
  }

  absl::Status Watch(Call&, const shelf::WatchBooksRequest& request, Writer<shelf::WatchBooksResponse>& writer) {
    shelf::WatchBooksResponse response;
    response.mutable_book()->set_reader_name("张小明");
    for (int i = 0; i < request.count(); ++i) {
      if (!writer.Write(response)) return absl::OkStatus();
    }
    while (request.count() == 0 && !writer.Cancelled()) {
      if (!writer.Write(response)) break;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return absl::OkStatus();
  }

  const records::Table<shelf::Book> books_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool let_go_ = false;
  int pages_ = 0;
};

class Shelf : public testing::Test {
 protected:
  Shelf() : schema_(harness::FreshSchema("")), config_(config::ServiceSettings()) {
    static int count = 0;
    directory_ = std::filesystem::path(testing::TempDir()) / absl::StrCat("shelf_", ::getpid(), "_", ++count);
    std::filesystem::create_directories(directory_);
    const std::string jwk = identity::NewPrivateJwk("test");
    Write("issuer.jwk", jwk);
    Write("jwks.json", *identity::PublicJwks({jwk}));
    const std::string key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    Write("data.json", absl::StrCat(R"({"current":"1","keys":{"1":")", key, R"("},"index":")", key, R"("})"));
    issuer_ = *identity::LoadTokenIssuer(Path("issuer.jwk"), "test", "aftersales");
    Execute(
        "CREATE TABLE book (store_id BINARY(16) NOT NULL, book_id BINARY(16) NOT NULL, version BIGINT NOT NULL, "
        "code VARCHAR(20) NOT NULL, title VARCHAR(10) NOT NULL, reader_name VARBINARY(500) NOT NULL, pages BIGINT NOT "
        "NULL, state VARCHAR(40) NOT NULL, create_time DATETIME(6) NOT NULL, PRIMARY KEY (store_id, book_id), "
        "UNIQUE KEY code (store_id, code)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
    const sql::Endpoint& endpoint = schema_->endpoint();
    Set("database-host", endpoint.host);
    Set("database-port", absl::StrCat(endpoint.port));
    Set("database-schema", endpoint.schema);
    Set("database-user", endpoint.user);
    Set("migration-user", endpoint.user);
    Set("chassis-migrations", harness::SourceDirectory() + "/chassis/migrations");
    Set("issuer", "test");
    Set("jwks-file", Path("jwks.json"));
    Set("service-key-file", Path("issuer.jwk"));
    Set("keys-file", Path("data.json"));
    Set("background", "false");
    Set("log-level", "error");
  }
  ~Shelf() override {
    client_.reset();
    if (room_ != nullptr) room_->LetGo();
    service_.reset();
    std::filesystem::remove_all(directory_);
  }

  ServiceDefinition Definition() {
    return {"shelf-svc", "aftersales.shelf.v1", [this](Rooms& rooms) { room_ = &rooms.Add<ShelfRoom>(); }};
  }
  void Set(const std::string& name, const std::string& value) { config_.Set(name, value); }
  std::string Path(const std::string& name) const { return directory_ / name; }
  void Write(const std::string& name, const std::string& content) const { std::ofstream(Path(name)) << content; }

  void Start() {
    service_ = MakeService(Definition(), config_);
    const absl::Status status = service_->Start();
    ASSERT_TRUE(status.ok()) << status;
    client_ =
        std::make_unique<SuiteClient>(absl::StrCat("127.0.0.1:", service_->port()), config_.Text("tls-directory"));
  }

  CallOptions As(const std::string& role, const std::string& store = kStore, const std::string& subject = "li.na") {
    return {
        .token = issuer_->Issue({.subject = subject, .roles = {role}, .stores = {store}, .issue_time = absl::Now()}),
        .language = "en"};
  }
  CallOptions Adviser() { return As("service_adviser"); }

  absl::StatusOr<shelf::MirrorResponse> Mirror(const CallOptions& options) {
    shelf::MirrorRequest request;
    request.set_store_id(kStore);
    return client_->Call<shelf::MirrorResponse>(options, request);
  }

  shelf::CreateBookRequest NewBook(const std::string& code) {
    shelf::CreateBookRequest request;
    request.set_store_id(kStore);
    request.set_request_id(NewRequestId());
    request.mutable_book()->set_code(code);
    request.mutable_book()->set_title("红楼梦");
    request.mutable_book()->set_reader_name("张小明");
    request.mutable_book()->set_pages(1200);
    return request;
  }
  shelf::Book Create(const std::string& code) {
    auto book = client_->Call<shelf::Book>(Adviser(), NewBook(code));
    EXPECT_TRUE(book.ok()) << book.status();
    return book.ok() ? *book : shelf::Book();
  }

  void Execute(const std::string& statement) {
    const absl::Status status = schema_->pool().Read(
        absl::Now() + absl::Seconds(10), [&](sql::Session& session) { return session.Execute(statement).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }
  int64_t CountRows(const std::string& from) {
    int64_t count = -1;
    const absl::Status status =
        schema_->pool().Read(absl::Now() + absl::Seconds(10), [&](sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const sql::Rows rows, session.Query("SELECT COUNT(*) AS n FROM " + from));
          count = rows[0].Int("n");
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }
  double Handled(const std::string& method, const std::string& code) {
    return service_->host()
        .metrics()
        .Counter("grpc_server_handled_total", "RPCs completed on the server, by code",
                 {{"grpc_type", "unary"},
                  {"grpc_service", "aftersales.shelf.v1.ShelfService"},
                  {"grpc_method", method},
                  {"grpc_code", code}})
        .Value();
  }

  std::filesystem::path directory_;
  std::unique_ptr<harness::Schema> schema_;
  config::Config config_;
  std::unique_ptr<identity::TokenIssuer> issuer_;
  ShelfRoom* room_ = nullptr;
  std::unique_ptr<Service> service_;
  std::unique_ptr<SuiteClient> client_;
};

}  // namespace chassis
