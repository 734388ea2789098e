// The mapper against a real database, on a record that has everything.
#include "chassis/records/table.h"

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/duty.pb.h"
#include "chassis/host/host.h"
#include "chassis/records/sample_for_test.h"
#include "chassis/records/table_check.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis::records {
namespace {

namespace v1 = aftersales::common::v1;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

constexpr char kStore[] = "01234567-89ab-7cde-8f01-000000000001";
constexpr char kOtherStore[] = "01234567-89ab-7cde-8f01-000000000002";
constexpr char kCustomer[] = "01234567-89ab-7cde-8f01-0000000000cc";

std::string Get(const Message& message, const std::string& field) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
}
void Set(Message& message, const std::string& field, const std::string& value) {
  message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(field), value);
}

class TableTest : public testing::Test {
 protected:
  TableTest() : schema_(harness::FreshSchema("")), host_(MakeHost()), table_(Sample::Type("Order"), *cipher_) {
    for (const char* create : kSampleTables) {
      const absl::Status status =
          schema_->pool().Read(Later(), [&](sql::Session& session) { return session.Execute(create).status(); });
      EXPECT_TRUE(status.ok()) << status;
    }
  }

  std::unique_ptr<Host> MakeHost() {
    Host::Parts parts{};
    parts.service_name = "sample-svc";
    parts.package = "aftersales.sample.v1";
    parts.clock = &clock_;
    parts.ids = &ids_;
    parts.pool = &schema_->pool();
    parts.cipher = cipher_.get();
    return std::make_unique<Host>(parts);
  }
  static absl::Time Later() { return absl::Now() + absl::Seconds(30); }

  // One unit of work; what it recorded is found in the command log of the real thing, here it is dropped with it.
  absl::Status Work(const std::function<absl::Status(UnitOfWork&)>& body) {
    return schema_->pool().Transact(Later(), [&](sql::Session& session) {
      UnitOfWork work(*host_, session, {"tester", "", ""}, kStore);
      return body(work);
    });
  }
  absl::Status Read(const std::function<absl::Status(sql::Session&)>& body) {
    return schema_->pool().Read(Later(), body);
  }
  void Insert(Message& order) {
    const absl::Status status = Work([&](UnitOfWork& work) { return table_.Insert(work, order); });
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::Status Update(const Message& before, Message& after) {
    return Work([&](UnitOfWork& work) { return table_.Update(work, before, after); });
  }
  std::unique_ptr<Message> Load(const std::string& id, absl::Status* outcome = nullptr) {
    auto order = Sample::New();
    const absl::Status status = Read([&](sql::Session& session) {
      return table_.Get(session, {kStore, id}, false, *order);
    });
    if (outcome != nullptr) {
      *outcome = status;
    } else {
      EXPECT_TRUE(status.ok()) << status;
    }
    return order;
  }
  std::unique_ptr<Message> Copy(const Message& message) {
    std::unique_ptr<Message> copy(message.New());
    copy->CopyFrom(message);
    return copy;
  }
  int64_t Count(const std::string& table) {
    int64_t count = -1;
    EXPECT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                  ASSIGN_OR_RETURN(const sql::Rows rows,
                                   session.Query(absl::StrCat("SELECT COUNT(*) AS n FROM ", table)));
                  count = rows[0].Int("n");
                  return absl::OkStatus();
                }).ok());
    return count;
  }
  int64_t Statements() { return schema_->pool().Statistics().statements_total; }
  void ExpectStored(const Message& order) {
    const auto stored = Load(Get(order, "order_id"));
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(order, *stored)) << difference;
  }
  static std::string Line(const std::string& code) {
    return absl::StrCat("lines { code: \"", code, "\" quantity_milli: 1000 }");
  }
  // An order with a few lines, saved.
  std::unique_ptr<Message> AnOrder(const std::string& number, const std::string& more = "") {
    auto order =
        Sample::Of(absl::StrCat("store_id: \"", kStore, "\" number: \"", number, "\" state: STATE_OPEN ", more));
    Insert(*order);
    return order;
  }

  struct Page {
    std::vector<std::unique_ptr<Message>> orders;
    std::string next;
    absl::Status status;
    std::vector<std::string> Numbers() const {
      std::vector<std::string> numbers;
      for (const auto& order : orders) numbers.push_back(Get(*order, "number"));
      return numbers;
    }
  };
  Page List(const ListQuery& query) {
    Page page;
    page.status = Read([&](sql::Session& session) {
      return table_.List(
          session, query,
          [&] {
            page.orders.push_back(Sample::New());
            return page.orders.back().get();
          },
          page.next);
    });
    return page;
  }
  // All pages of one query.
  std::vector<std::string> AllNumbers(ListQuery query) {
    std::vector<std::string> numbers;
    do {
      const Page page = List(query);
      EXPECT_TRUE(page.status.ok()) << page.status;
      if (!page.status.ok()) break;
      for (const std::string& number : page.Numbers()) numbers.push_back(number);
      query.page_token = page.next;
    } while (!query.page_token.empty());
    return numbers;
  }

  ManualClock clock_{absl::FromUnixMicros(1795219200123456)};
  CountingIds ids_;
  std::unique_ptr<privacy::Cipher> cipher_ = privacy::CipherForTest();
  std::unique_ptr<harness::Schema> schema_;
  std::unique_ptr<Host> host_;
  TableMapper table_;
};

const std::string kFull = absl::StrCat(R"(
  store_id: ")",
                                       kStore, R"(" number: "N-1" state: STATE_OPEN customer_id: ")", kCustomer, R"("
  name: "张伟" phone: "13800000000" total_amount: -9007199254740993 odometer_km: 120000 score: 0 remark: ""
  urgent: true due_date: "2026-11-21" due_time { seconds: 1795219200 nanos: 123456000 } digest: "\000\377'"
  address { city: "上海" code: 200000 states: STATE_DONE } tags: "a" tags: "b" persons { name: "李娜" relation: "spouse" }
  document_id: "SH01/1" last_state: STATE_UNSPECIFIED
  lines { code: "OIL" quantity_milli: 4500 needed_time { seconds: 1795219300 } note: "轻一点"
          steps { sequence: 2 what: "drain" } steps { sequence: 1 what: "fill" } }
  lines { code: "FILTER" quantity_milli: 1000 })");

TEST_F(TableTest, GivesBackTheWholeDocument) {
  auto order = Sample::Of(kFull);
  Insert(*order);
  EXPECT_EQ(Get(*order, "etag"), "1");
  EXPECT_FALSE(Get(*order, "order_id").empty());
  ExpectStored(*order);
}

TEST_F(TableTest, GivesBackAnEmptyDocumentAsEmpty) {
  auto order = AnOrder("N-1");
  const auto stored = Load(Get(*order, "order_id"));
  EXPECT_TRUE(MessageDifferencer::Equals(*order, *stored)) << stored->DebugString();
  EXPECT_FALSE(stored->GetReflection()->HasField(*stored, stored->GetDescriptor()->FindFieldByName("score")));
}

TEST_F(TableTest, TakesOneStatementPerTableForReadingAndWriting) {
  auto order = Sample::Of(kFull);
  int64_t before = Statements();
  Insert(*order);
  EXPECT_EQ(Statements() - before, 3);
  before = Statements();
  Load(Get(*order, "order_id"));
  EXPECT_EQ(Statements() - before, 3);
}

TEST_F(TableTest, StoresNoPersonalDataInClear) {
  auto order = Sample::Of(kFull);
  Insert(*order);
  ASSERT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                for (const char* table : {"sample_order", "sample_line"}) {
                  ASSIGN_OR_RETURN(const sql::Rows rows, session.Query(absl::StrCat("SELECT * FROM ", table)));
                  for (const auto& cells : rows.cells_) {
                    for (const sql::Value& cell : cells) {
                      const auto* bytes = std::get_if<sql::Bytes>(&cell);
                      const auto* text = std::get_if<std::string>(&cell);
                      const std::string data = bytes != nullptr ? bytes->data : text != nullptr ? *text : "";
                      for (const char* personal : {"张伟", "13800000000", "李娜", "轻一点"}) {
                        EXPECT_EQ(data.find(personal), std::string::npos);
                      }
                    }
                  }
                }
                return absl::OkStatus();
              }).ok());
}

TEST_F(TableTest, RefusesAnIdThatIsNone) {
  auto order = Sample::Of(absl::StrCat("store_id: '", kStore, "' number: 'x' state: STATE_OPEN customer_id: 'nobody'"));
  EXPECT_FALSE(Work([&](UnitOfWork& work) { return table_.Insert(work, *order); }).ok());
  EXPECT_EQ(Count("sample_order"), 0);
}

TEST_F(TableTest, NamesTheKeyThatExistsAlready) {
  AnOrder("N-1");
  auto twin = Sample::Of(absl::StrCat("store_id: '", kStore, "' number: 'N-1' state: STATE_OPEN"));
  const absl::Status status = Work([&](UnitOfWork& work) { return table_.Insert(work, *twin); });
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_EQ(status.message(), "this sample_order exists already: by_number");
}

TEST_F(TableTest, WhatIsNotThereIsNotFound) {
  auto order = AnOrder("N-1");
  absl::Status status;
  for (const std::string id : {"01234567-89ab-7cde-8f01-999999999999", "no-uuid", ""}) {
    Load(id, &status);
    EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_NOT_FOUND)) << id;
  }
  auto elsewhere = Sample::New();
  EXPECT_TRUE(absl::IsNotFound(Read([&](sql::Session& session) {
    return table_.Get(session, {kOtherStore, Get(*order, "order_id")}, false, *elsewhere);
  })));
}

TEST_F(TableTest, UpdatesEveryKindOfField) {
  auto before = AnOrder("N-1");
  auto after = Sample::Of(kFull);
  for (const char* kept : {"store_id", "order_id"}) Set(*after, kept, Get(*before, kept));
  after->GetReflection()
      ->MutableMessage(after.get(), after->GetDescriptor()->FindFieldByName("create_time"))
      ->CopyFrom(before->GetReflection()->GetMessage(*before, before->GetDescriptor()->FindFieldByName("create_time")));
  clock_.Advance(absl::Hours(1));
  const absl::Status status = Update(*before, *after);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Get(*after, "etag"), "2");
  ExpectStored(*after);
  // And back again.
  auto cleared = Copy(*before);
  ASSERT_TRUE(Update(*after, *cleared).ok());
  EXPECT_EQ(Get(*cleared, "etag"), "3");
  ExpectStored(*cleared);
  EXPECT_EQ(Count("sample_line"), 0);
  EXPECT_EQ(Count("sample_step"), 0);
}

TEST_F(TableTest, BumpsTheVersionEvenWhenOnlyAChildChanged) {
  auto before = AnOrder("N-1", Line("A"));
  auto after = Copy(*before);
  auto* line =
      after->GetReflection()->MutableRepeatedMessage(after.get(), after->GetDescriptor()->FindFieldByName("lines"), 0);
  Set(*line, "code", "B");
  ASSERT_TRUE(Update(*before, *after).ok());
  EXPECT_EQ(Get(*after, "etag"), "2");
  ExpectStored(*after);
}

TEST_F(TableTest, RefusesWhenSomebodyElseWasFaster) {
  auto before = AnOrder("N-1");
  auto mine = Copy(*before);
  auto theirs = Copy(*before);
  Set(*theirs, "number", "N-2");
  ASSERT_TRUE(Update(*before, *theirs).ok());
  Set(*mine, "number", "N-3");
  EXPECT_TRUE(IsRefusal(Update(*before, *mine), v1::ERROR_REASON_CHANGED_MEANWHILE));
  EXPECT_EQ(Get(*Load(Get(*before, "order_id")), "number"), "N-2");
}

TEST_F(TableTest, OneOfManyConcurrentUpdatesWins) {
  auto before = AnOrder("N-1");
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      auto after = Copy(*before);
      Set(*after, "number", absl::StrCat("N-", i + 2));
      const absl::Status status = Update(*before, *after);
      if (status.ok()) ++won;
      EXPECT_TRUE(status.ok() || IsRefusal(status, v1::ERROR_REASON_CHANGED_MEANWHILE)) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_F(TableTest, RecordsWhatChangedWithoutPersonalData) {
  auto order = Sample::Of(kFull);
  auto commit = [&](const std::function<absl::Status(UnitOfWork&)>& body) {
    const auto reply = host_->Commit({kStore, {"tester", "", ""}, "test", "", ""}, Later(),
                                     [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
                                       RETURN_IF_ERROR(body(work));
                                       return std::string();
                                     });
    ASSERT_TRUE(reply.ok()) << reply.status();
  };
  std::unique_ptr<Message> after;
  commit([&](UnitOfWork& work) { return table_.Insert(work, *order); });
  commit([&](UnitOfWork& work) {
    after = Copy(*order);
    Set(*after, "number", "N-2");
    Set(*after, "name", "王芳");
    const auto* lines = after->GetDescriptor()->FindFieldByName("lines");
    auto* line = after->GetReflection()->MutableRepeatedMessage(after.get(), lines, 1);
    Set(*line, "code", "FILTER-2");
    return table_.Update(work, *order, *after);
  });
  commit([&](UnitOfWork& work) { return table_.Delete(work, *after); });

  std::vector<std::string> changes;
  ASSERT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const sql::Rows rows,
                                 session.Query("SELECT changes FROM command_log ORDER BY command_id"));
                for (size_t i = 0; i < rows.size(); ++i) changes.push_back(rows[i].Text("changes"));
                return absl::OkStatus();
              }).ok());
  ASSERT_EQ(changes.size(), 3u);
  for (const std::string& change : changes) {
    for (const char* personal : {"张伟", "王芳", "13800000000", "李娜", "轻一点"}) {
      EXPECT_EQ(change.find(personal), std::string::npos) << change;
    }
    EXPECT_NE(change.find(Get(*order, "order_id")), std::string::npos) << change;
  }
  EXPECT_EQ(changes[0].find("\"before\""), std::string::npos);
  EXPECT_NE(changes[0].find("\"code\":\"OIL\""), std::string::npos) << changes[0];
  EXPECT_NE(changes[1].find("\"before\":{\"etag\":\"1\",\"number\":\"N-1\",\"name\":null,\"lines\":[{"),
            std::string::npos)
      << changes[1];
  EXPECT_NE(changes[1].find("\"number\":\"N-2\",\"name\":null,\"lines\":[{"), std::string::npos) << changes[1];
  EXPECT_EQ(changes[1].find("OIL"), std::string::npos) << "only the line that changed";
  EXPECT_EQ(changes[2].find("\"after\""), std::string::npos);
}

class ChildrenTest : public TableTest {
 protected:
  // Rewrites the lines as their codes say; a known code keeps its row.
  std::unique_ptr<Message> WithLines(const Message& order, const std::vector<std::string>& codes, int64_t quantity) {
    auto after = Copy(order);
    const auto* reflection = after->GetReflection();
    const auto* lines = after->GetDescriptor()->FindFieldByName("lines");
    reflection->ClearField(after.get(), lines);
    for (const std::string& code : codes) {
      Message* line = reflection->AddMessage(after.get(), lines);
      for (int i = 0; i < reflection->FieldSize(order, lines); ++i) {
        const Message& old = reflection->GetRepeatedMessage(order, lines, i);
        if (Get(old, "code") == code) line->CopyFrom(old);
      }
      Set(*line, "code", code);
      line->GetReflection()->SetInt64(line, line->GetDescriptor()->FindFieldByName("quantity_milli"), quantity);
    }
    return after;
  }
};

TEST_F(ChildrenTest, AreInsertedUpdatedDeletedAndReordered) {
  auto order = AnOrder("N-1", Line("A") + Line("B") + Line("C"));
  const std::vector<std::vector<std::string>> rounds = {
      {"A", "B", "C", "D"},      {"D", "A", "C"},           {"C"},     {},
      {"E", "F", "G", "H", "I"}, {"I", "H", "G", "F", "E"}, {"J", "E"}};
  int64_t quantity = 1000;
  for (const auto& codes : rounds) {
    auto after = WithLines(*order, codes, ++quantity);
    const absl::Status status = Update(*order, *after);
    ASSERT_TRUE(status.ok()) << status;
    ExpectStored(*after);
    EXPECT_EQ(Count("sample_line"), static_cast<int64_t>(codes.size()));
    order = std::move(after);
  }
}

TEST_F(ChildrenTest, ChangedRowsTakeOneStatementHoweverMany) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += Line(absl::StrCat("L", i));
  auto order = AnOrder("N-1", lines);
  std::vector<std::string> codes;
  for (int i = 0; i < 20; ++i) codes.push_back(absl::StrCat("L", i));
  auto after = WithLines(*order, codes, 7);
  const int64_t before = Statements();
  ASSERT_TRUE(Update(*order, *after).ok());
  EXPECT_EQ(Statements() - before, 2);
  ExpectStored(*after);
}

TEST_F(ChildrenTest, ChangeOnlyWhereTheyDiffer) {
  auto order = AnOrder("N-1", Line("A") + Line("B") + Line("C"));
  auto after = Copy(*order);
  const auto* lines = after->GetDescriptor()->FindFieldByName("lines");
  Set(*after->GetReflection()->MutableRepeatedMessage(after.get(), lines, 0), "note", "一");
  auto* last = after->GetReflection()->MutableRepeatedMessage(after.get(), lines, 2);
  Set(*last, "note", "三");
  Set(*last, "code", "CC");
  ASSERT_TRUE(Update(*order, *after).ok());
  ExpectStored(*after);
}

TEST_F(ChildrenTest, OfChildrenFollow) {
  auto order = AnOrder("N-1", R"(lines { code: "A" steps { sequence: 1 what: "x" } steps { sequence: 2 what: "y" } }
                                 lines { code: "B" steps { sequence: 1 what: "z" } })");
  auto after = Copy(*order);
  const auto* lines = after->GetDescriptor()->FindFieldByName("lines");
  auto* first = after->GetReflection()->MutableRepeatedMessage(after.get(), lines, 0);
  const auto* steps = first->GetDescriptor()->FindFieldByName("steps");
  first->GetReflection()->RemoveLast(first, steps);
  Set(*first->GetReflection()->MutableRepeatedMessage(first, steps, 0), "what", "changed");
  after->GetReflection()->RemoveLast(after.get(), lines);
  auto* fresh = after->GetReflection()->AddMessage(after.get(), lines);
  Set(*fresh, "code", "C");
  auto* step = fresh->GetReflection()->AddMessage(fresh, steps);
  step->GetReflection()->SetInt32(step, step->GetDescriptor()->FindFieldByName("sequence"), 9);
  const absl::Status status = Update(*order, *after);
  ASSERT_TRUE(status.ok()) << status;
  ExpectStored(*after);
  EXPECT_EQ(Count("sample_step"), 2);
}

TEST_F(ChildrenTest, WithOneKeyTwiceAreRefused) {
  auto order = AnOrder("N-1", Line("A"));
  auto after = Copy(*order);
  const auto* lines = after->GetDescriptor()->FindFieldByName("lines");
  after->GetReflection()
      ->AddMessage(after.get(), lines)
      ->CopyFrom(after->GetReflection()->GetRepeatedMessage(*order, lines, 0));
  EXPECT_FALSE(Update(*order, *after).ok());
  EXPECT_EQ(Count("sample_line"), 1);
}

TEST_F(TableTest, DeletesTheDocumentWithItsChildren) {
  auto order = Sample::Of(kFull);
  Insert(*order);
  auto stale = Copy(*order);
  Set(*stale, "etag", "7");
  EXPECT_TRUE(IsRefusal(Work([&](UnitOfWork& work) { return table_.Delete(work, *stale); }),
                        v1::ERROR_REASON_CHANGED_MEANWHILE));
  EXPECT_EQ(Count("sample_line"), 2);
  ASSERT_TRUE(Work([&](UnitOfWork& work) { return table_.Delete(work, *order); }).ok());
  for (const char* table : {"sample_order", "sample_line", "sample_step"}) EXPECT_EQ(Count(table), 0) << table;
}

TEST_F(TableTest, SelectsManyDocumentsWithOneStatementPerTable) {
  std::vector<std::unique_ptr<Message>> orders;
  for (int i = 0; i < 5; ++i) {
    orders.push_back(AnOrder(absl::StrCat("N-", i),
                             absl::StrCat("lines { code: 'A", i, "' steps { sequence: 1 } } lines { code: 'B' }")));
  }
  std::vector<std::unique_ptr<Message>> found;
  const int64_t before = Statements();
  ASSERT_TRUE(Read([&](sql::Session& session) {
                return table_.Select(session, "WHERE store_id = ? AND state = ? ORDER BY number DESC",
                                     {sql::ToValue(sql::Uuid{kStore}), sql::ToValue("OPEN")}, [&] {
                                       found.push_back(Sample::New());
                                       return found.back().get();
                                     });
              }).ok());
  EXPECT_EQ(Statements() - before, 3);
  ASSERT_EQ(found.size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(MessageDifferencer::Equals(*found[i], *orders[4 - i])) << i;
}

TEST_F(TableTest, InsertsThousandsInFewStatements) {
  std::vector<std::unique_ptr<Message>> orders;
  std::vector<Message*> pointers;
  for (int i = 0; i < 1000; ++i) {
    orders.push_back(
        Sample::Of(absl::StrCat("store_id: '", kStore, "' number: 'N-", i, "' state: STATE_OPEN ", Line("A"))));
    pointers.push_back(orders.back().get());
  }
  const int64_t before = Statements();
  ASSERT_TRUE(Work([&](UnitOfWork& work) { return table_.InsertAll(work, pointers); }).ok());
  EXPECT_LE(Statements() - before, 6);
  EXPECT_EQ(Count("sample_order"), 1000);
  EXPECT_EQ(Count("sample_line"), 1000);
}

class ListTest : public TableTest {
 protected:
  // Twelve orders: amounts 0..3 three times over, every other one with a due time, children on all.
  void Fill() {
    for (int i = 0; i < 12; ++i) {
      const std::string due = i % 2 == 0 ? absl::StrCat("due_time { seconds: ", 1795219200 + i / 4, " }") : "";
      AnOrder(absl::StrCat("N-", 10 + i),
              absl::StrCat("total_amount: ", i % 4, " urgent: ", i % 3 == 0 ? "true" : "false", " phone: '1380000000",
                           i % 2, "' ", due, Line("A")));
    }
  }
};

TEST_F(ListTest, PagesThroughEveryRowOnceInEveryOrder) {
  Fill();
  for (const char* order_by :
       {"", "number", "number desc", "total_amount", "total_amount desc, number", "due_time", "due_time desc",
        "due_time, total_amount desc", "urgent desc, due_time desc, number desc", "state, due_time", "customer_id"}) {
    ListQuery whole{kStore, "", order_by, 500, ""};
    const std::vector<std::string> expected = List(whole).Numbers();
    EXPECT_EQ(std::set<std::string>(expected.begin(), expected.end()).size(), 12u) << order_by;
    for (const int page_size : {1, 3, 5, 12}) {
      EXPECT_EQ(AllNumbers({kStore, "", order_by, page_size, ""}), expected) << order_by << " by " << page_size;
    }
  }
}

TEST_F(ListTest, FiltersByWhatIsAsked) {
  Fill();
  EXPECT_EQ(AllNumbers({kStore, "total_amount = 3", "number", 2, ""}),
            (std::vector<std::string>{"N-13", "N-17", "N-21"}));
  EXPECT_EQ(AllNumbers({kStore, "phone = '13800000001' AND urgent = true", "number", 0, ""}),
            (std::vector<std::string>{"N-13", "N-19"}));
  EXPECT_EQ(AllNumbers({kStore, "due_time = '' AND total_amount < 2", "number", 0, ""}),
            (std::vector<std::string>{"N-11", "N-15", "N-19"}));
  EXPECT_EQ(AllNumbers({kStore, "due_time <= \"2026-11-21T00:00:00Z\"", "number", 0, ""}),
            (std::vector<std::string>{"N-10", "N-12"}));
  EXPECT_TRUE(AllNumbers({kOtherStore, "", "", 0, ""}).empty());
  EXPECT_TRUE(AllNumbers({kStore, "state = DONE", "", 0, ""}).empty());
}

TEST_F(ListTest, BringsTheChildrenOfThePageOnly) {
  Fill();
  const int64_t before = Statements();
  const Page page = List({kStore, "", "number", 5, ""});
  EXPECT_EQ(Statements() - before, 3);
  for (const auto& order : page.orders) {
    EXPECT_EQ(order->GetReflection()->FieldSize(*order, order->GetDescriptor()->FindFieldByName("lines")), 1);
  }
}

TEST_F(ListTest, KeepsToItsLimits) {
  Fill();
  EXPECT_TRUE(IsRefusal(List({kStore, "", "", -1, ""}).status, v1::ERROR_REASON_INVALID_FIELD));
  EXPECT_TRUE(List({kStore, "", "", 100000, ""}).status.ok());
  EXPECT_TRUE(IsRefusal(List({"", "", "", 0, ""}).status, v1::ERROR_REASON_INVALID_FIELD));
  EXPECT_TRUE(IsRefusal(List({"no-uuid", "", "", 0, ""}).status, v1::ERROR_REASON_INVALID_FIELD));
}

TEST_F(ListTest, ATokenServesItsOwnQueryOnly) {
  Fill();
  const Page first = List({kStore, "", "number", 2, ""});
  ASSERT_FALSE(first.next.empty());
  EXPECT_TRUE(List({kStore, "", "number", 7, first.next}).status.ok()) << "the page size may change";
  EXPECT_TRUE(IsRefusal(List({kStore, "", "number desc", 2, first.next}).status, v1::ERROR_REASON_PAGE_TOKEN));
  EXPECT_TRUE(IsRefusal(List({kStore, "urgent = true", "number", 2, first.next}).status, v1::ERROR_REASON_PAGE_TOKEN));
  EXPECT_TRUE(IsRefusal(List({kOtherStore, "", "number", 2, first.next}).status, v1::ERROR_REASON_PAGE_TOKEN));
  EXPECT_TRUE(IsRefusal(List({kStore, "", "number", 2, "x"}).status, v1::ERROR_REASON_PAGE_TOKEN));
}

TEST_F(TableTest, TypedTablesWorkTheSame) {
  const Table<v1::Duty> duties(*cipher_);
  v1::Duty duty;
  duty.set_store_id(kStore);
  duty.set_kind("reminder");
  duty.set_subject_kind("order");
  duty.set_subject_id(kCustomer);
  duty.set_assignee_role(aftersales::options::v1::ROLE_SERVICE_ADVISER);
  duty.set_state(v1::Duty::STATE_OPEN);
  *duty.mutable_due_time() = ToProto(clock_.Now());
  ASSERT_TRUE(Work([&](UnitOfWork& work) -> absl::Status {
                RETURN_IF_ERROR(duties.Insert(work, duty));
                ASSIGN_OR_RETURN(const v1::Duty locked, duties.Lock(work, kStore, duty.duty_id()));
                EXPECT_TRUE(MessageDifferencer::Equals(locked, duty)) << locked.DebugString();
                v1::Duty done = locked;
                RETURN_IF_ERROR(MoveTo(done, v1::Duty::STATE_DONE));
                return duties.Update(work, locked, done);
              }).ok());
  ASSERT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const auto found, duties.Select(session, "WHERE store_id = ? AND kind = ?",
                                                                 sql::Uuid{kStore}, "reminder"));
                EXPECT_EQ(found.size(), 1u);
                EXPECT_EQ(found[0].state(), v1::Duty::STATE_DONE);
                EXPECT_EQ(found[0].etag(), "2");
                return absl::OkStatus();
              }).ok());
}

TEST_F(TableTest, TheChassisTablesAgreeWithTheirMessages) {
  ASSERT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const auto differences, TableDifferences(session, "aftersales.common.v1"));
                for (const std::string& difference : differences) ADD_FAILURE() << difference;
                return absl::OkStatus();
              }).ok());
}

TEST_F(TableTest, DifferencesAreNamed) {
  ASSERT_TRUE(Read([&](sql::Session& session) -> absl::Status {
                RETURN_IF_ERROR(session
                                    .Execute("ALTER TABLE duty DROP COLUMN outcome, ADD COLUMN extra INT NULL, "
                                             "MODIFY COLUMN escalation_count VARCHAR(9) NOT NULL")
                                    .status());
                ASSIGN_OR_RETURN(const auto differences, TableDifferences(session, "aftersales.common.v1"));
                const std::set<std::string> found(differences.begin(), differences.end());
                EXPECT_EQ(found.count("duty: column outcome is missing"), 1u);
                EXPECT_EQ(found.count("duty: column extra belongs to no field"), 1u);
                EXPECT_EQ(found.count("duty: column escalation_count is varchar(9), expected bigint or int"), 1u);
                return absl::OkStatus();
              }).ok());
}

TEST(QueryFrom, TakesTheStandardFieldsOfARequest) {
  v1::ListDutiesRequest request;
  request.set_store_id(kStore);
  request.set_page_size(7);
  request.set_page_token("t");
  request.set_filter("f");
  request.set_order_by("o");
  const ListQuery query = QueryFrom(request);
  EXPECT_EQ(query.scope, kStore);
  EXPECT_EQ(query.page_size, 7);
  EXPECT_EQ(query.page_token, "t");
  EXPECT_EQ(query.filter, "f");
  EXPECT_EQ(query.order_by, "o");
}

}  // namespace
}  // namespace chassis::records
