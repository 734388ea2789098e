// The connector's wall against a real server: what goes in comes out, nothing is silently changed, and errors come
// out as the header says.
#include "chassis/sql/session.h"

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chassis/sql/connection.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis::sql {
namespace {

constexpr char kId[] = "01234567-89ab-7cde-8f01-23456789abcd";
// Some authority's certificate; valid for a hundred years.
constexpr char kCa[] = R"(-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUSQ5GyjR+ew6ulXZMx5Q0nco3iZAwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHdGVzdCBjYTAgFw0yNjExMjEyMTI2NTBaGA8yMTI2MTAyODIx
MjY1MFowEjEQMA4GA1UEAwwHdGVzdCBjYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABM3nKNgbQVxAINzxYfK6WKa2VrlrDxx6k0w0pgivXkvFZLenR9Op4Hx3v03O
vEeB+pJ+nNT3CpGbbctPrv1/WcOjUzBRMB0GA1UdDgQWBBQuBl6UTR1ZGCOTL1IK
Q/evjNTOTTAfBgNVHSMEGDAWgBQuBl6UTR1ZGCOTL1IKQ/evjNTOTTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCyqusMN+HGiBTACcqHSRgbyfyR
9Z7uZHI8vDLsOniWwAIgec9m3/nViO169eGgAexFHgTrrpvB3Cl6vqs6/FZN56Y=
-----END CERTIFICATE-----
)";
constexpr char kOther[] = "01234567-89ab-7cde-8f01-23456789abce";

class SessionTest : public testing::Test {
 protected:
  SessionTest() : schema_(harness::FreshSchema("")) {
    Run("CREATE TABLE sample (id BINARY(16) NOT NULL PRIMARY KEY, number BIGINT NULL, small INT NULL, "
        "flag TINYINT(1) NULL, text VARCHAR(100) NULL, long_text LONGTEXT NULL, sealed VARBINARY(100) NULL, "
        "moment DATETIME(6) NULL, day DATE NULL, huge BIGINT UNSIGNED NULL, "
        "UNIQUE KEY by_text (text), CHECK (number >= 0)) ENGINE=InnoDB");
  }
  void Run(const std::string& sql) {
    const absl::Status status =
        schema_->pool().Read(Later(), [&](Session& session) { return session.Execute(sql).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::Status Read(const std::function<absl::Status(Session&)>& body) { return schema_->pool().Read(Later(), body); }
  absl::Status Transact(const std::function<absl::Status(Session&)>& body) {
    return schema_->pool().Transact(Later(), body);
  }
  static absl::Time Later() { return absl::Now() + absl::Seconds(30); }

  std::unique_ptr<harness::Schema> schema_;
};

TEST_F(SessionTest, GivesBackWhatItWasGiven) {
  const absl::Time moment = absl::FromUnixMicros(1795219200123456);
  const std::string binary("\x00\xff'\\\n\x80", 6);
  const std::string chinese = "刹车异响 \xf0\x9f\x9a\x97 \" ' \\";
  const absl::Status status = Read([&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(session
                        .Execute("INSERT INTO sample (id, number, small, flag, text, long_text, sealed, moment, day) "
                                 "VALUES (?,?,?,?,?,?,?,?,?)",
                                 Uuid{kId}, int64_t{9007199254740993}, 7, true, chinese, std::string(100000, 'x'),
                                 Bytes{binary}, moment, "2026-11-21")
                        .status());
    ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT * FROM sample WHERE id = ?", Uuid{kId}));
    ASSIGN_OR_RETURN(const Row row, rows.One());
    EXPECT_EQ(row.Id("id"), kId);
    EXPECT_EQ(row.Int("number"), 9007199254740993);
    EXPECT_EQ(row.Int("small"), 7);
    EXPECT_EQ(row.Int("flag"), 1);
    EXPECT_EQ(row.Text("text"), chinese);
    EXPECT_EQ(row.Text("long_text").size(), 100000u);
    EXPECT_EQ(std::get<Bytes>(row.Cell("sealed")).data, binary);
    EXPECT_EQ(row.Time("moment"), moment);
    EXPECT_EQ(row.Text("day"), "2026-11-21");
    EXPECT_TRUE(row.IsNull("huge"));
    EXPECT_EQ(row.IntOr("huge", -1), -1);
    EXPECT_FALSE(row.Has("nothing"));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, ReadsTimesWithAndWithoutAFractionAndBeforeTheEpoch) {
  for (const int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1795219200000000}, int64_t{-3000000000000001}}) {
    const absl::Time moment = absl::FromUnixMicros(micros);
    const absl::Status status = Read([&](Session& session) -> absl::Status {
      RETURN_IF_ERROR(session.Execute("REPLACE INTO sample (id, moment) VALUES (?, ?)", Uuid{kId}, moment).status());
      ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT moment FROM sample WHERE id = ?", Uuid{kId}));
      EXPECT_EQ(rows[0].Time("moment"), moment);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(SessionTest, NullsComeBackAsNull) {
  const absl::Status status = Read([&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(session
                        .Execute("INSERT INTO sample (id, number, text, moment) VALUES (?,?,?,?)", Uuid{kId}, Null{},
                                 Null{}, Null{})
                        .status());
    ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT number, text, moment, NULL AS nothing FROM sample"));
    EXPECT_TRUE(rows[0].IsNull("number"));
    EXPECT_EQ(rows[0].Text("text"), "");
    EXPECT_EQ(rows[0].Time("moment"), absl::InfinitePast());
    EXPECT_TRUE(rows[0].IsNull("nothing"));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, SumsAndCountsAreIntegers) {
  const absl::Status status = Read([&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(
        session.Execute("INSERT INTO sample (id, number) VALUES (?, 40), (?, 2)", Uuid{kId}, Uuid{kOther}).status());
    ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT SUM(number) AS total, COUNT(*) AS rows_found, "
                                                    "AVG(number) AS mean, MAX(number) AS most FROM sample"));
    EXPECT_EQ(rows[0].Int("total"), 42);
    EXPECT_EQ(rows[0].Int("rows_found"), 2);
    EXPECT_EQ(rows[0].Text("mean"), "21.0000");
    EXPECT_EQ(rows[0].Int("most"), 40);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, RefusesANumberThatDoesNotFitAndStaysUsable) {
  const absl::Status status = Read([&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(
        session.Execute("INSERT INTO sample (id, huge) VALUES (?, 18446744073709551615)", Uuid{kId}).status());
    EXPECT_EQ(session.Query("SELECT huge FROM sample").status().code(), absl::StatusCode::kInternal);
    return session.Query("SELECT 1 AS one").status();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, RefusesATimeTheColumnCannotHold) {
  const absl::Status status = Read([&](Session& session) {
    return session.Execute("INSERT INTO sample (id, moment) VALUES (?, ?)", Uuid{kId}, absl::InfiniteFuture()).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

TEST_F(SessionTest, NamesTheDuplicateKeyAndGoesOn) {
  const absl::Status status = Transact([&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(session.Execute("INSERT INTO sample (id, text) VALUES (?, 'a')", Uuid{kId}).status());
    const auto twice = session.Execute("INSERT INTO sample (id, text) VALUES (?, 'a')", Uuid{kOther});
    EXPECT_TRUE(absl::IsAlreadyExists(twice.status()));
    EXPECT_EQ(twice.status().message(), "by_text");
    return session.Execute("UPDATE sample SET number = 5 WHERE id = ?", Uuid{kId}).status();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, ErrorsHaveTheirCodes) {
  EXPECT_TRUE(
      Read([&](Session& session) -> absl::Status {
        EXPECT_TRUE(absl::IsFailedPrecondition(
            session.Execute("INSERT INTO sample (id, number) VALUES (?, -1)", Uuid{kId}).status()));
        EXPECT_TRUE(absl::IsInternal(session.Query("SELECT * FROM nowhere").status()));
        EXPECT_TRUE(absl::IsInternal(
            session.Execute("INSERT INTO sample (id, text) VALUES (?, ?)", Uuid{kId}, std::string(200, 'x')).status()));
        return session.Query("SELECT 1 AS one").status();
      }).ok());
  EXPECT_EQ(schema_->pool().Statistics().open, 1) << "server errors keep the connection";
}

TEST_F(SessionTest, AFailedTransactionLeavesNothing) {
  EXPECT_FALSE(Transact([&](Session& session) -> absl::Status {
                 RETURN_IF_ERROR(session.Execute("INSERT INTO sample (id) VALUES (?)", Uuid{kId}).status());
                 return absl::CancelledError("no");
               }).ok());
  EXPECT_TRUE(Read([&](Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT id FROM sample"));
                EXPECT_TRUE(rows.empty());
                return absl::OkStatus();
              }).ok());
}

TEST_F(SessionTest, SessionsAreReadCommittedStrictAndInUtc) {
  const absl::Status status = Read([&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const Rows version, session.Query("SELECT VERSION() AS version"));
    const bool maria_db = version[0].Text("version").find("MariaDB") != std::string::npos;
    ASSIGN_OR_RETURN(const Rows rows,
                     session.Query(absl::StrCat(
                         "SELECT @@", maria_db ? "tx" : "transaction", "_isolation AS isolation, ",
                         "@@time_zone AS zone, @@sql_mode AS mode, ", "@@character_set_connection AS charset, ",
                         "@@innodb_lock_wait_timeout AS lock_seconds")));
    EXPECT_EQ(rows[0].Text("isolation"), "READ-COMMITTED");
    EXPECT_EQ(rows[0].Text("zone"), "+00:00");
    EXPECT_NE(rows[0].Text("mode").find("STRICT_ALL_TABLES"), std::string::npos);
    EXPECT_EQ(rows[0].Text("charset"), "utf8mb4");
    EXPECT_EQ(rows[0].Int("lock_seconds"), 3);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SessionTest, SurvivesMoreStatementsThanItKeeps) {
  EXPECT_TRUE(Read([&](Session& session) -> absl::Status {
                for (int round = 0; round < 2; ++round) {
                  for (int i = 0; i < 300; ++i) {
                    ASSIGN_OR_RETURN(const Rows rows, session.Query(absl::StrCat("SELECT ", i, " AS number")));
                    EXPECT_EQ(rows[0].Int("number"), i);
                  }
                }
                return absl::OkStatus();
              }).ok());
}

// A cached `SELECT *` meets a migration: the client library cannot follow, so the connection is replaced.
TEST_F(SessionTest, RecoversWhenATableGrewAColumn) {
  auto select = [](Session& session) { return session.Query("SELECT * FROM sample").status(); };
  ASSERT_TRUE(Read(select).ok());
  Run("ALTER TABLE sample ADD COLUMN fresh INT NOT NULL DEFAULT 8");
  const absl::Status first = Read(select);
  EXPECT_TRUE(first.ok() || absl::IsUnavailable(first)) << first;
  EXPECT_TRUE(Read([&](Session& session) -> absl::Status {
                RETURN_IF_ERROR(session.Execute("INSERT INTO sample (id) VALUES (?)", Uuid{kId}).status());
                ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT * FROM sample"));
                EXPECT_EQ(rows[0].Int("fresh"), 8);
                return absl::OkStatus();
              }).ok());
}

TEST_F(SessionTest, RepeatsDeadlockedTransactionsUntilBothAreDone) {
  ASSERT_TRUE(Read([&](Session& session) {
                return session.Execute("INSERT INTO sample (id, number) VALUES (?, 0), (?, 0)", Uuid{kId}, Uuid{kOther})
                    .status();
              }).ok());
  // Each locks its first row before either goes for the second, on the first run; later runs are free.
  std::atomic<int> arrived{0};
  auto worker = [&](const char* first, const char* second) {
    bool first_run = true;
    const absl::Status status = Transact([&](Session& session) -> absl::Status {
      RETURN_IF_ERROR(session.Execute("UPDATE sample SET number = number + 1 WHERE id = ?", Uuid{first}).status());
      if (std::exchange(first_run, false)) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
      }
      return session.Execute("UPDATE sample SET number = number + 1 WHERE id = ?", Uuid{second}).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  std::thread one(worker, kId, kOther);
  std::thread two(worker, kOther, kId);
  one.join();
  two.join();
  EXPECT_TRUE(Read([&](Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT SUM(number) AS total FROM sample"));
                EXPECT_EQ(rows[0].Int("total"), 4);
                return absl::OkStatus();
              }).ok());
  EXPECT_GE(schema_->pool().Statistics().retried_total, 1);
}

TEST_F(SessionTest, ALostConnectionIsReplaced) {
  std::string connection;
  ASSERT_TRUE(Read([&](Session& session) -> absl::Status {
                ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT CONNECTION_ID() AS id"));
                connection = absl::StrCat(rows[0].Int("id"));
                return absl::OkStatus();
              }).ok());
  SystemClock clock;
  SystemSleeper sleeper;
  auto other = MakePool(schema_->endpoint(), {}, clock, sleeper);
  ASSERT_TRUE(
      other->Read(Later(), [&](Session& session) { return session.Execute("KILL " + connection).status(); }).ok());
  EXPECT_TRUE(absl::IsUnavailable(Read([](Session& session) { return session.Query("SELECT 1 AS one").status(); })));
  EXPECT_TRUE(Read([](Session& session) { return session.Query("SELECT 1 AS one").status(); }).ok());
}

TEST_F(SessionTest, AStatementThatTakesTooLongIsDeadlineExceeded) {
  SystemClock clock;
  SystemSleeper sleeper;
  PoolLimits limits;
  limits.statement_timeout = absl::Milliseconds(50);
  auto hasty = MakePool(schema_->endpoint(), limits, clock, sleeper);
  const absl::Status status = hasty->Read(Later(), [](Session& session) {
    return session
        .Query(
            "SELECT COUNT(*) AS n FROM information_schema.columns a, "
            "information_schema.columns b, information_schema.columns c")
        .status();
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(hasty->Read(Later(), [](Session& session) { return session.Query("SELECT 1 AS one").status(); }).ok());
}

// The test server speaks no TLS; the connector would go on in plaintext.
TEST_F(SessionTest, RefusesAnUnencryptedConnectionWhenACaIsSet) {
  Endpoint endpoint = schema_->endpoint();
  endpoint.ca_file = absl::StrCat(testing::TempDir(), "/session_test_ca.pem");
  std::ofstream(endpoint.ca_file) << kCa;
  EXPECT_TRUE(absl::IsUnavailable(Connect(endpoint, {}).status()));
  endpoint.ca_file = "/nonexistent/ca.pem";
  EXPECT_TRUE(absl::IsUnavailable(Connect(endpoint, {}).status()));
}

TEST(Uuid, ReadsTextAndWritesIt) {
  EXPECT_EQ(UuidText(UuidBytes(kId)), kId);
  EXPECT_EQ(UuidBytes("01234567-89AB-7CDE-8F01-23456789ABCD"), UuidBytes(kId));
  EXPECT_EQ(UuidBytes("0123456789ab7cde8f0123456789abcd"), "");
  EXPECT_EQ(UuidBytes("01234567-89ab-7cde-8f01-23456789abcg"), "");
  EXPECT_EQ(UuidBytes("01234567-89ab-7cde-8f0123456789abcd-"), "");
  EXPECT_EQ(UuidBytes(""), "");
  EXPECT_EQ(UuidText("short"), "");
  EXPECT_TRUE(std::holds_alternative<Null>(ToValue(Uuid{""})));
}

TEST(Placeholders, AreSeparatedByCommas) {
  EXPECT_EQ(Placeholders(3), "?,?,?");
  EXPECT_EQ(RowPlaceholders(2, 2), "(?,?),(?,?)");
  EXPECT_EQ(Placeholders(0), "");
}

TEST(RowDeathTest, EndsTheProgramOnAColumnThatIsNotThere) {
  Rows rows;
  rows.columns_ = std::make_shared<std::vector<std::string>>(std::vector<std::string>{"number", "text"});
  rows.cells_ = {{Value(Null{}), Value(std::string("7"))}};
  EXPECT_DEATH(rows[0].Int("nothing"), "nothing");
  EXPECT_DEATH(rows[0].Int("number"), "number");
  EXPECT_DEATH(rows[0].Int("text"), "text");
  EXPECT_DEATH(rows[1], "beyond");
}

}  // namespace
}  // namespace chassis::sql
