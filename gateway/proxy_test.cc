// What passes the door unchanged: bytes of all four kinds, headers, trailers, details, deadlines, cancellation.
#include <grpc/grpc.h>

#include "gateway/door_for_test.h"

namespace gateway {
namespace {

TEST_F(DoorTest, CarriesAUnaryCallThroughAsBytes) {
  std::string seen_header;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      seen_header = call.Header("x-custom");
                      call.context.AddInitialMetadata("x-first", "early");
                      call.context.AddTrailingMetadata("x-last", "late");
                      Task echo = Echo(call);
                      co_await echo;
                    }}});
  OpenBefore(backend);
  // Not a message of any proto: nobody on the way looks inside.
  const std::string text("\x00\xff\x01 whatever \xfe", 14);

  ClientCall call(channel_, kCall, WithToken({{"x-custom", "kept"}}));
  call.Write(text);
  call.WritesDone();
  std::string answer;
  EXPECT_TRUE(call.Read(&answer));
  EXPECT_TRUE(call.Finish().ok());

  EXPECT_EQ(answer, text);
  EXPECT_EQ(seen_header, "kept");
  EXPECT_EQ(call.Initial("x-first"), "early");
  EXPECT_EQ(call.Trailing("x-last"), "late");
}

TEST_F(DoorTest, KeepsStatusDetailsAndTrailersOfARefusal) {
  google::rpc::Status details;
  details.set_code(9);
  details.set_message("not yet");
  google::rpc::ErrorInfo info;
  info.set_reason("ESTIMATE_MISSING");
  details.add_details()->PackFrom(info);
  const auto refuse = [&](BackendCall& call) -> Task {
    call.context.AddTrailingMetadata("x-last", "late");
    call.status = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "not yet", details.SerializeAsString());
    co_return;
  };
  Backend backend({{kCall, refuse}, {kList, refuse}});
  OpenBefore(backend);

  for (const char* method : {kCall, kList}) {
    ClientCall call(channel_, method, WithToken());
    call.Write("x");
    call.WritesDone();
    std::string answer;
    EXPECT_FALSE(call.Read(&answer));
    const grpc::Status status = call.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << method;
    EXPECT_EQ(status.error_message(), "not yet");
    EXPECT_EQ(status.error_details(), details.SerializeAsString());
    EXPECT_EQ(call.Trailing("x-last"), "late");
  }
}

TEST_F(DoorTest, CarriesAServerStreamAndItsHeadersBeforeTheFirstMessage) {
  absl::Notification go_on;
  Backend backend({{kList, [&](BackendCall& call) -> Task {
                      call.stream.Read(&call.message, &call.read);
                      co_await call.read;
                      call.context.AddInitialMetadata("x-first", "early");
                      call.stream.SendInitialMetadata(&call.written);
                      co_await call.written;
                      for (int i = 0; i < 100; ++i) {
                        call.stream.Write(Bytes(absl::StrCat(Text(call.message), i)), &call.written);
                        co_await call.written;
                      }
                    }}});
  OpenBefore(backend);

  ClientCall call(channel_, kList, WithToken());
  call.Write("item ");
  call.WritesDone();
  std::string answer;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(call.Read(&answer));
    ASSERT_EQ(answer, absl::StrCat("item ", i));
  }
  EXPECT_FALSE(call.Read(&answer));
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(call.Initial("x-first"), "early");
}

TEST_F(DoorTest, CarriesAClientStream) {
  Backend backend({{kCollect, [](BackendCall& call) -> Task {
                      std::string all;
                      for (;;) {
                        call.stream.Read(&call.message, &call.read);
                        const bool got = co_await call.read;
                        if (!got) break;
                        all += Text(call.message);
                      }
                      call.stream.Write(Bytes(all), &call.written);
                      co_await call.written;
                    }}});
  OpenBefore(backend);

  ClientCall call(channel_, kCollect, WithToken());
  for (const char* part : {"a", "b", "c"}) EXPECT_TRUE(call.Write(part));
  call.WritesDone();
  std::string answer;
  EXPECT_TRUE(call.Read(&answer));
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(answer, "abc");
}

TEST_F(DoorTest, CarriesAConversation) {
  Backend backend({{kChat, [](BackendCall& call) -> Task {
                      for (;;) {
                        call.stream.Read(&call.message, &call.read);
                        const bool got = co_await call.read;
                        if (!got) co_return;
                        call.stream.Write(Bytes("re: " + Text(call.message)), &call.written);
                        co_await call.written;
                      }
                    }}});
  OpenBefore(backend);

  ClientCall call(channel_, kChat, WithToken());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(call.Write(absl::StrCat(i)));
    std::string answer;
    ASSERT_TRUE(call.Read(&answer));
    EXPECT_EQ(answer, absl::StrCat("re: ", i));
  }
  call.WritesDone();
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(DoorTest, EndsAConversationTheServiceEndsWhileTheClientStillWrites) {
  Backend backend({{kChat, [](BackendCall& call) -> Task {
                      call.status = grpc::Status(grpc::StatusCode::ABORTED, "enough", "details");
                      co_return;
                    }}});
  OpenBefore(backend);

  ClientCall call(channel_, kChat, WithToken());
  call.Write("one");
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(DoorTest, PassesTheDeadlineOnCutsItAndGivesADefault) {
  std::vector<absl::Duration> remaining;
  const auto note = [&](BackendCall& call) -> Task {
    remaining.push_back(call.Remaining());
    Task echo = Echo(call);
    co_await echo;
  };
  Backend backend({{kCall, note}, {kList, note}});
  OpenBefore(backend, {{"default-deadline", "15s"}, {"deadline-max", "60s"}, {"stream-deadline-max", "1h"}});

  gateway::Ask(channel_, kCall, "x", WithToken(), absl::Seconds(30));
  gateway::Ask(channel_, kCall, "x", WithToken(), absl::Hours(3));
  gateway::Ask(channel_, kCall, "x", WithToken(), absl::InfiniteDuration());
  gateway::Ask(channel_, kList, "x", WithToken(), absl::InfiniteDuration());

  ASSERT_EQ(remaining.size(), 4u);
  EXPECT_GT(remaining[0], absl::Seconds(25));
  // The wire rounds up.
  EXPECT_LE(remaining[0], absl::Seconds(31));
  EXPECT_GT(remaining[1], absl::Seconds(55));
  EXPECT_LE(remaining[1], absl::Seconds(61));
  EXPECT_GT(remaining[2], absl::Seconds(10));
  EXPECT_LE(remaining[2], absl::Seconds(16));
  EXPECT_GT(remaining[3], absl::Minutes(59));
}

TEST_F(DoorTest, AnswersForAServiceThatMissesTheDeadline) {
  bool cancelled = false;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      co_await call.done;
                      cancelled = call.context.IsCancelled();
                      call.done.Arrive(true);  // the backend waits for it once more
                    }}});
  OpenBefore(backend, {{"default-deadline", "300ms"}});

  const Reply reply = gateway::Ask(channel_, kCall, "x", WithToken(), absl::InfiniteDuration());
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ReasonOf(reply.status), "DEADLINE");
  EXPECT_EQ(Refused("deadline"), 1);
  backend.Die();
  EXPECT_TRUE(cancelled);
}

TEST_F(DoorTest, PassesCancellationOn) {
  for (const char* method : {kCall, kList, kCollect, kChat}) {
    absl::Notification began;
    absl::Notification cancelled;
    bool whole = false;
    Backend backend({{method, [&](BackendCall& call) -> Task {
                        call.stream.Read(&call.message, &call.read);
                        co_await call.read;
                        began.Notify();
                        co_await call.done;
                        if (call.context.IsCancelled()) cancelled.Notify();
                        call.done.Arrive(true);
                        // Whoever cancels has not said "that was all".
                        call.stream.Read(&call.message, &call.read);
                        const bool more = co_await call.read;
                        whole = !more && !grpc_call_failed_before_recv_message(call.context.c_call());
                      }}});
    OpenBefore(backend);
    {
      ClientCall call(channel_, method, WithToken());
      call.Write("x");
      const bool one_request = method == kCall || method == kList;
      if (one_request) call.WritesDone();
      ASSERT_TRUE(began.WaitForNotificationWithTimeout(kPatience)) << method;
      call.Cancel();
      EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
      EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(kPatience)) << method;
      backend.Die();
      if (!one_request) {
        EXPECT_FALSE(whole) << method;
      }
    }
    gateway_.reset();
  }
}

TEST_F(DoorTest, HoldsAWriterBackWhoseReaderIsSlow) {
  constexpr int kMessages = 1500;  // 96 MB: more than all windows on the way together
  constexpr size_t kSize = 64 * 1024;
  std::atomic<int> written{0};
  Backend backend({{kList, [&](BackendCall& call) -> Task {
                      call.stream.Read(&call.message, &call.read);
                      co_await call.read;
                      const grpc::ByteBuffer block = Bytes(std::string(kSize, 'x'));
                      while (written < kMessages) {
                        call.stream.Write(block, &call.written);
                        const bool sent = co_await call.written;
                        if (!sent) co_return;
                        ++written;
                      }
                    }}});
  OpenBefore(backend);
  ClientCall call(channel_, kList, WithToken());
  call.Write("x");
  call.WritesDone();
  std::string answer;
  ASSERT_TRUE(call.Read(&answer));
  // Other calls pass meanwhile: nothing waits for this client but its own stream.
  for (int i = 0; i < 200; ++i) gateway::Ask(channel_, kCall, "x", WithToken());
  EXPECT_LT(written, kMessages / 2);
  int received = 1;
  while (call.Read(&answer)) ++received;
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(received, kMessages);
}

TEST_F(DoorTest, ServesManyCallsAtOnceOfEveryKind) {
  const auto chat = [](BackendCall& call) -> Task {
    for (;;) {
      call.stream.Read(&call.message, &call.read);
      const bool got = co_await call.read;
      if (!got) co_return;
      call.stream.Write(call.message, &call.written);
      const bool sent = co_await call.written;
      if (!sent) co_return;
    }
  };
  Backend backend({{kCall, Echo}, {kChat, chat}});
  OpenBefore(backend);
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      const Headers headers = WithToken({}, absl::StrCat("person-", i));
      for (int j = 0; j < 50; ++j) {
        const std::string text = absl::StrCat(i, "/", j);
        const Reply reply = gateway::Ask(channel_, j % 2 == 0 ? kCall : kChat, text, headers);
        if (reply.status.ok() && reply.text == text) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
  EXPECT_TRUE(Reaches(kCallsAnswered, 200));
}

}  // namespace
}  // namespace gateway
