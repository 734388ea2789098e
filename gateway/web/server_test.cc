// The HTTP/1.1 server by itself: what of HTTP's grammar it lets in, how long it waits for whom, how it ends.
#include "gateway/web/server.h"

#include <grpcpp/alarm.h>
#include <openssl/ssl.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gateway/web/http_for_test.h"
#include "gtest/gtest.h"

namespace gateway::web {
namespace {

// /echo answers with the body, /hold when it is let go, /stream without end, /fields with the fields of the request.
class TestSite final : public Site {
 public:
  Task Serve(Exchange& exchange) override {
    const std::string path(exchange.request().Path());
    if (path == "/hold") return Hold(exchange);
    if (path == "/stream") return Stream(exchange);
    return Echo(exchange);
  }
  Text Malformed(int http_status, std::string_view why, const HttpRequest&) override {
    return {"text/plain", absl::StrCat(http_status, " ", std::string(why))};
  }

  // Lets every /hold go, those to come included.
  void LetGo() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
    for (grpc::Alarm* alarm : held_) alarm->Cancel();
  }
  void AwaitHeld(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return held_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20)));
  }
  std::atomic<int64_t> stream_bytes{0};
  absl::Notification stream_ended;
  std::atomic<int> gone{0};

 private:
  struct Watcher final : Attendant {
    explicit Watcher(TestSite& site) : site(site) {}
    void ClientGone() override { ++site.gone; }
    void ClientSilent() override {}
    void Look(absl::Time) override {}
    TestSite& site;
  };

  Task Echo(Exchange& exchange) {
    HttpAnswer answer;
    std::string body;
    for (;;) {
      std::string piece;
      Exchange::Got got = Exchange::Got::kGone;
      Task read = exchange.Read(Exchange::Pace::kSteady, piece, got);
      co_await read;
      if (got == Exchange::Got::kPiece) {
        body += piece;
        continue;
      }
      if (got == Exchange::Got::kSlow) answer.status = 408;
      if (got == Exchange::Got::kMalformed) answer.status = 400;
      break;
    }
    if (exchange.request().Path() == "/fields") {
      for (const auto& [name, value] : exchange.request().fields) absl::StrAppend(&body, name, "=", value, "\n");
    }
    bool sent = false;
    Task answered = exchange.Answer(std::move(answer), std::move(body), sent);
    co_await answered;
  }

  Task Hold(Exchange& exchange) {
    Watcher watcher(*this);
    exchange.Attend(&watcher);
    grpc::Alarm alarm;
    Tag let_go;
    alarm.Set(exchange.queue(), std::chrono::system_clock::now() + std::chrono::seconds(20), &let_go);
    {
      absl::MutexLock lock(&mutex_);
      held_.push_back(&alarm);
      if (open_) alarm.Cancel();
    }
    co_await let_go;
    {
      absl::MutexLock lock(&mutex_);
      std::erase(held_, &alarm);
    }
    bool sent = false;
    Task answered = exchange.Answer(HttpAnswer(), "let go", sent);
    co_await answered;
    exchange.Attend(nullptr);
  }

  Task Stream(Exchange& exchange) {
    bool sent = false;
    Task begun = exchange.Begin(HttpAnswer(), sent);
    co_await begun;
    while (sent) {
      Task written = exchange.Write(std::string(10'000, 'x'), sent);
      co_await written;
      if (sent) stream_bytes += 10'000;
    }
    stream_ended.Notify();
  }

  absl::Mutex mutex_;
  std::vector<grpc::Alarm*> held_ ABSL_GUARDED_BY(mutex_);
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    settings_.listen = "127.0.0.1:0";
    settings_.lanes = 2;
    settings_.limits = {.connections_max = 100,
                        .connections_per_address_max = 100,
                        .header_bytes_max = 4096,
                        .header_timeout = absl::Seconds(20),
                        .body_timeout = absl::Seconds(20),
                        .write_timeout = absl::Seconds(20),
                        .least_bytes_per_second = 1'000'000,
                        .idle_timeout = absl::Seconds(20)};
  }
  void Open() {
    auto server = Server::Open(settings_, site_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  int port() const { return server_->port(); }
  // What a connection that sends these bytes is answered.
  HttpReply Answered(std::string_view bytes) {
    HttpClient client(port());
    client.Send(bytes);
    return client.Read();
  }

  Server::Settings settings_;
  TestSite site_;
  std::unique_ptr<Server> server_;
};

// ---------------------------------------------------------------- grammar

TEST_F(ServerTest, LetsInWhatIsHttpAndNamesWhatIsNot) {
  Open();
  const std::string host = "Host: x\r\n";
  const struct {
    const char* what;
    std::string bytes;
    int status;
  } kCases[] = {
      {"a GET", "GET /echo HTTP/1.1\r\n" + host + "\r\n", 200},
      {"every method", "PATCH /echo HTTP/1.1\r\n" + host + "\r\n", 200},
      {"HTTP/1.0 without Host", "GET /echo HTTP/1.0\r\n\r\n", 200},
      {"a body by its length", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nab", 200},
      {"a chunked body", "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
       200},
      {"no HTTP at all", "\x16\x03\x01\x02hello\r\n\r\n", 400},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.2", "GET /echo HTTP/1.2\r\n" + host + "\r\n", 505},
      {"no version", "GET /echo\r\n\r\n", 400},
      {"no Host", "GET /echo HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /echo HTTP/1.1\r\n" + host + host + "\r\n", 400},
      {"an odd method", "BREW /echo HTTP/1.1\r\n" + host + "\r\n", 501},
      {"a method in lower case", "get /echo HTTP/1.1\r\n" + host + "\r\n", 501},
      {"TRACE", "TRACE /echo HTTP/1.1\r\n" + host + "\r\n", 501},
      {"CONNECT", "CONNECT other:443 HTTP/1.1\r\n" + host + "\r\n", 501},
      {"absolute form", "GET http://x/echo HTTP/1.1\r\n" + host + "\r\n", 400},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a fragment", "GET /echo#x HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a space in the target", "GET /echo x HTTP/1.1\r\n" + host + "\r\n", 505},
      {"both lengths",
       "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"both lengths the other way",
       "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", 400},
      {"two equal lengths", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 400},
      {"two lengths", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nab", 400},
      {"a list of lengths", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2, 3\r\n\r\nab", 400},
      {"a negative length", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: -2\r\n\r\nab", 400},
      {"a length in hexadecimal", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 0x2\r\n\r\nab", 400},
      {"another coding", "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"a hidden coding", "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked twice",
       "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"a coding in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a space before the colon", "GET /echo HTTP/1.1\r\nHost : x\r\n\r\n", 400},
      {"a field without colon", "GET /echo HTTP/1.1\r\n" + host + "nonsense\r\n\r\n", 400},
      {"a control character in a value", "GET /echo HTTP/1.1\r\n" + host + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"lines without CR", "GET /echo HTTP/1.1\nHost: x\n\nGET /", 505},
      {"an expectation nobody meets", "POST /echo HTTP/1.1\r\n" + host + "Expect: tea\r\nContent-Length: 1\r\n\r\na",
       417},
      {"a long target", "GET /" + std::string(8300, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 431},
      {"a chunk that is none", "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"a chunk longer than it says",
       "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk size beyond all numbers",
       "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
  };
  for (const auto& one : kCases) {
    const HttpReply reply = Answered(one.bytes);
    EXPECT_EQ(reply.status, one.status) << one.what << ": " << reply.body;
    EXPECT_TRUE(reply.whole) << one.what;
    EXPECT_TRUE(reply.Has("date")) << one.what;
    if (one.status >= 400) {
      EXPECT_EQ(reply.Field("connection"), "close") << one.what;
    }
  }
}

TEST_F(ServerTest, RefusesAHeaderThatIsTooLargeWithoutReadingItsEnd) {
  Open();
  HttpReply reply = Answered("GET /echo HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'a'));
  EXPECT_EQ(reply.status, 431);
  // A request line that never ends.
  reply = Answered("GET /" + std::string(5000, 'a'));
  EXPECT_EQ(reply.status, 431);
  // Many small fields.
  std::string many = "GET /echo HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&many, "X-", i, ": y\r\n");
  EXPECT_EQ(Answered(many + "\r\n").status, 431);
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 200);
}

TEST_F(ServerTest, LeavesOutWhatAChunkedBodyAppends) {
  Open();
  const HttpReply reply = Answered(
      "POST /fields HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer "
      "forged\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.find("forged"), std::string::npos) << reply.body;
}

TEST_F(ServerTest, AnswersRequestsOnOneConnectionInTheirOrder) {
  Open();
  HttpClient client(port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += RequestText("POST", "/echo", {}, absl::StrCat("body ", i));
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 50; ++i) {
    const HttpReply reply = client.Read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, absl::StrCat("body ", i));
  }
  // And sent byte by byte.
  for (const char c : RequestText("POST", "/echo", {}, "slow")) ASSERT_TRUE(client.Send(std::string(1, c)));
  EXPECT_EQ(client.Read().body, "slow");
}

TEST_F(ServerTest, KeepsOrClosesAsTheClientWishes) {
  Open();
  HttpClient closing(port());
  closing.Send(RequestText("GET", "/echo", {{"Connection", "close"}}));
  EXPECT_EQ(closing.Read().Field("connection"), "close");
  EXPECT_TRUE(closing.Ended());
  HttpClient old(port());
  old.Send("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Read().status, 200);
  EXPECT_TRUE(old.Ended());
  HttpClient old_keeping(port());
  for (int i = 0; i < 2; ++i) {
    old_keeping.Send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(old_keeping.Read().Field("connection"), "keep-alive");
  }
}

TEST_F(ServerTest, AnswersHeadWithoutBody) {
  Open();
  HttpClient client(port());
  client.Send(RequestText("HEAD", "/fields") + RequestText("GET", "/echo"));
  const HttpReply head = client.Read("HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.Field("content-length"), "0");
  EXPECT_EQ(client.Read().status, 200) << "the next answer follows at once";
}

TEST_F(ServerTest, SaysWhenABodyMayCome) {
  Open();
  HttpClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.ReadHead().status, 100);
  client.Send("here");
  const HttpReply reply = client.Read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "here");
}

// ---------------------------------------------------------------- slow clients

TEST_F(ServerTest, GivesUpOnAHeaderThatDoesNotComeWhileOthersAreServed) {
  settings_.limits.header_timeout = absl::Milliseconds(300);
  settings_.lanes = 1;
  Open();
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<HttpClient>(port()));
    slow.back()->Send("GET /echo HTTP/1.1\r\nHost: x\r\nX: a");
  }
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 200);
  for (const auto& client : slow) {
    EXPECT_EQ(client->Read().status, 408);
    EXPECT_TRUE(client->Ended());
  }
}

TEST_F(ServerTest, GivesUpOnABodyThatDoesNotCome) {
  settings_.limits.body_timeout = absl::Milliseconds(200);
  Open();
  HttpClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nten bytes.");
  const HttpReply reply = client.Read();
  EXPECT_EQ(reply.status, 408);
  EXPECT_EQ(reply.Field("connection"), "close");
  EXPECT_TRUE(client.Ended());
}

TEST_F(ServerTest, ClosesConnectionsThatIdle) {
  settings_.limits.idle_timeout = absl::Milliseconds(200);
  Open();
  HttpClient silent(port());
  EXPECT_TRUE(silent.Ended());
  HttpClient once(port());
  once.Send(RequestText("GET", "/echo"));
  EXPECT_EQ(once.Read().status, 200);
  EXPECT_TRUE(once.Ended());
}

TEST_F(ServerTest, LetsGoOfAClientThatNeverReadsItsStream) {
  settings_.limits.write_timeout = absl::Milliseconds(300);
  settings_.limits.least_bytes_per_second = 1'000'000'000;
  settings_.lanes = 1;
  Open();
  HttpClient client(port(), 4096);
  client.Send(RequestText("GET", "/stream"));
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 200) << "the others do not wait for it";
  ASSERT_TRUE(site_.stream_ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
  // What was written stands in the sockets' buffers; more than those hold was never made.
  EXPECT_LT(site_.stream_bytes, 20'000'000);
}

TEST_F(ServerTest, StopsAStreamWhoseReaderHasGone) {
  Open();
  {
    HttpClient client(port());
    client.Send(RequestText("GET", "/stream"));
    EXPECT_EQ(client.ReadHead().status, 200);
    std::string piece;
    EXPECT_TRUE(client.ReadChunk(piece));
  }
  EXPECT_TRUE(site_.stream_ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(ServerTest, AnswersAClientThatHasClosedItsHalf) {
  Open();
  HttpClient client(port());
  client.Send(RequestText("POST", "/echo", {}, "one") + RequestText("POST", "/echo", {}, "two"));
  client.CloseHalf();
  EXPECT_EQ(client.Read().body, "one");
  EXPECT_EQ(client.Read().body, "two");
  EXPECT_TRUE(client.Ended());
  // Within a body the rest cannot come any more.
  HttpClient broken(port());
  broken.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nten bytes.");
  broken.CloseHalf();
  EXPECT_EQ(broken.Read().Field("connection"), "close");
  EXPECT_TRUE(broken.Ended());
}

TEST_F(ServerTest, TellsTheAttendantOfAClientThatResets) {
  Open();
  {
    HttpClient client(port());
    client.Send(RequestText("GET", "/hold"));
    site_.AwaitHeld(1);
    const linger reset = {1, 0};
    setsockopt(client.socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (site_.gone == 0 && absl::Now() < end) std::this_thread::yield();
  EXPECT_EQ(site_.gone, 1);
  site_.LetGo();
}

// ---------------------------------------------------------------- how many

TEST_F(ServerTest, TurnsAwayConnectionsBeyondItsLimits) {
  settings_.limits.connections_max = 3;
  settings_.limits.connections_per_address_max = 2;
  Open();
  HttpClient first(port());
  HttpClient second(port());
  for (HttpClient* client : {&first, &second}) {
    client->Send(RequestText("GET", "/echo"));
    EXPECT_EQ(client->Read().status, 200);
  }
  HttpClient third(port());
  const HttpReply refused = third.Read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Field("connection"), "close");
  EXPECT_EQ(refused.Field("retry-after"), "1");
  first.Close();
  // The place comes back when the server has noticed.
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (server_->connections() > 1 && absl::Now() < end) std::this_thread::yield();
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 200);
}

// ---------------------------------------------------------------- the end

TEST_F(ServerTest, DrainsWithoutBreakingAnExchange) {
  Open();
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<HttpClient>(port()));
    idle.back()->Send(RequestText("GET", "/echo"));
    EXPECT_EQ(idle.back()->Read().status, 200);
  }
  HttpClient busy(port());
  busy.Send(RequestText("GET", "/hold"));
  site_.AwaitHeld(1);
  const int port_before = port();
  std::thread stop([&] { server_->Stop(absl::Now() + absl::Seconds(20)); });
  for (const auto& client : idle) EXPECT_TRUE(client->Ended());
  site_.LetGo();
  const HttpReply reply = busy.Read();
  EXPECT_EQ(reply.body, "let go");
  EXPECT_EQ(reply.Field("connection"), "close");
  EXPECT_TRUE(busy.Ended());
  stop.join();
  EXPECT_FALSE(HttpClient(port_before).connected());
}

TEST_F(ServerTest, SendsClientsElsewhereBeforeItDrains) {
  Open();
  HttpClient client(port());
  client.Send(RequestText("GET", "/echo"));
  EXPECT_FALSE(client.Read().Has("connection"));
  server_->Leave();
  client.Send(RequestText("GET", "/echo"));
  EXPECT_EQ(client.Read().Field("connection"), "close");
  EXPECT_TRUE(client.Ended());
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 200) << "it still takes connections";
}

TEST_F(ServerTest, BreaksOffWhatIsNotDoneAtTheEnd) {
  Open();
  HttpClient streaming(port(), 4096);
  streaming.Send(RequestText("GET", "/stream"));
  EXPECT_EQ(streaming.ReadHead().status, 200);
  HttpClient half(port());
  half.Send("GET /echo HT");
  server_->Stop(absl::Now());
  EXPECT_TRUE(site_.stream_ended.HasBeenNotified());
  EXPECT_EQ(half.Read().status, 0);
}

TEST_F(ServerTest, NamesAnAddressItCannotListenOn) {
  Open();
  settings_.listen = absl::StrCat("127.0.0.1:", port());
  EXPECT_NE(std::string(Server::Open(settings_, site_).status().message()).find(settings_.listen), std::string::npos);
  settings_.listen = "nowhere";
  EXPECT_FALSE(Server::Open(settings_, site_).ok());
}

// ---------------------------------------------------------------- encryption

class TlsClient final : public HttpClient {
 public:
  // `highest` 0: as the library likes; `protocol`: ALPN's only offer, "" for none.
  TlsClient(int port, const std::string& ca, int highest = 0, const std::string& protocol = "") : HttpClient(port) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(context_, ca.c_str(), nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (highest != 0) SSL_CTX_set_max_proto_version(context_, highest);
    ssl_ = SSL_new(context_);
    if (!protocol.empty()) {
      const std::string offer = std::string(1, static_cast<char>(protocol.size())) + protocol;
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offer.data()),
                          static_cast<unsigned>(offer.size()));
    }
    SSL_set_fd(ssl_, socket_);
    secured_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() override {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool secured() const { return secured_; }
  std::string Protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  std::string Subject() const {
    X509* certificate = SSL_get_peer_certificate(ssl_);
    char text[256] = "";
    if (certificate != nullptr) X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text));
    X509_free(certificate);
    return text;
  }

 private:
  ssize_t WriteSome(std::string_view bytes) override {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  ssize_t ReadSome(char* buffer, size_t size) override { return SSL_read(ssl_, buffer, static_cast<int>(size)); }
  bool Buffered() override { return SSL_pending(ssl_) > 0; }

  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool secured_ = false;
};

class TlsServerTest : public ServerTest {
 protected:
  TlsServerTest() {
    std::string name = absl::StrCat(std::filesystem::temp_directory_path().string(), "/web-tls-XXXXXX");
    directory_ = mkdtemp(name.data());
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt");
    Make("first");
    Make("second");
    std::filesystem::create_directory_symlink("first", directory_ + "/now");
    settings_.tls_directory = directory_ + "/now";
  }
  ~TlsServerTest() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Run(const std::string& arguments) {
    const std::string command = absl::StrCat("cd ", directory_, " && openssl ", arguments, " 2>openssl.log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void Make(const std::string& name) {
    std::filesystem::create_directory(directory_ + "/" + name);
    std::ofstream(directory_ + "/names") << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    Run(absl::StrCat("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=", name, " -keyout ", name,
                     "/tls.key -out tls.csr"));
    Run(absl::StrCat("x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out ",
                     name, "/tls.crt"));
  }
  std::string ca() const { return directory_ + "/ca.crt"; }

  std::string directory_;
};

TEST_F(TlsServerTest, ServesEncrypted) {
  Open();
  TlsClient client(port(), ca(), 0, "http/1.1");
  ASSERT_TRUE(client.secured());
  EXPECT_EQ(client.Protocol(), "http/1.1");
  const std::string large(300'000, 'x');
  for (int i = 0; i < 3; ++i) {
    client.Send(RequestText("POST", "/echo", {}, large));
    const HttpReply reply = client.Read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == large);
  }
  client.Send(RequestText("GET", "/echo", {{"Connection", "close"}}));
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_TRUE(client.Ended());
  TlsClient old(port(), ca(), TLS1_2_VERSION);
  EXPECT_TRUE(old.secured());
}

TEST_F(TlsServerTest, TurnsAwayOldTlsOtherProtocolsAndPlainText) {
  settings_.limits.header_timeout = absl::Milliseconds(300);
  Open();
  EXPECT_FALSE(TlsClient(port(), ca(), TLS1_1_VERSION).secured());
  EXPECT_FALSE(TlsClient(port(), ca(), 0, "h2").secured());
  EXPECT_EQ(Fetch(port(), "GET", "/echo").status, 0);
  // A handshake that never goes on.
  HttpClient silent(port());
  EXPECT_TRUE(silent.Ended());
  TlsClient good(port(), ca());
  ASSERT_TRUE(good.secured());
  good.Send(RequestText("GET", "/echo"));
  EXPECT_EQ(good.Read().status, 200);
}

TEST_F(TlsServerTest, ShowsTheNewCertificateWhenTheDirectoryIsSwitched) {
  Open();
  TlsClient before(port(), ca());
  ASSERT_TRUE(before.secured());
  EXPECT_EQ(before.Subject(), "/CN=first");
  // A pair that does not fit is passed over.
  std::filesystem::create_directory(directory_ + "/torn");
  std::filesystem::copy(directory_ + "/first/tls.crt", directory_ + "/torn/tls.crt");
  std::filesystem::copy(directory_ + "/second/tls.key", directory_ + "/torn/tls.key");
  const auto switch_to = [&](const std::string& name) {
    std::filesystem::create_directory_symlink(name, directory_ + "/next");
    std::filesystem::rename(directory_ + "/next", directory_ + "/now");
  };
  switch_to("torn");
  EXPECT_TRUE(TlsClient(port(), ca()).secured());
  switch_to("second");
  std::string subject;
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (subject != "/CN=second" && absl::Now() < end) subject = TlsClient(port(), ca()).Subject();
  EXPECT_EQ(subject, "/CN=second");
  before.Send(RequestText("GET", "/echo"));
  EXPECT_EQ(before.Read().status, 200) << "connections that stand go on";
}

TEST_F(TlsServerTest, DoesNotStartWithoutACertificate) {
  settings_.tls_directory = directory_ + "/nowhere";
  EXPECT_NE(std::string(Server::Open(settings_, site_).status().message()).find("tls.crt"), std::string::npos);
}

}  // namespace
}  // namespace gateway::web
