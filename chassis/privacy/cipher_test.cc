#include "chassis/privacy/cipher.h"

#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace chassis::privacy {
namespace {

constexpr char kOld[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr char kNew[] = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
constexpr char kIndex[] = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

std::string KeyFile(const std::string& name, const std::string& content) {
  const std::string path = absl::StrCat(testing::TempDir(), "/", name);
  std::ofstream(path) << content;
  return path;
}

std::unique_ptr<Cipher> WithKeys(const std::string& current) {
  auto cipher = LoadCipher(
      KeyFile("keys_" + current, absl::StrCat(R"({"current":")", current, R"(","keys":{"2026-10":")", kOld,
                                              R"(","2026-11":")", kNew, R"("},"index":")", kIndex, R"("})")));
  EXPECT_TRUE(cipher.ok()) << cipher.status();
  return *std::move(cipher);
}

TEST(Cipher, OpensWhatItSealed) {
  const auto cipher = CipherForTest();
  for (const std::string& text :
       {std::string(), std::string("张伟"), std::string("13800000000"), std::string(5000, 'x')}) {
    const std::string sealed = cipher->Seal(text, "customer.name");
    if (!text.empty()) {
      EXPECT_EQ(sealed.find(text), std::string::npos);
    }
    const auto opened = cipher->Open(sealed, "customer.name");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*opened, text);
  }
}

TEST(Cipher, NeverSealsTheSameTwice) {
  const auto cipher = CipherForTest();
  EXPECT_NE(cipher->Seal("张伟", "customer.name"), cipher->Seal("张伟", "customer.name"));
}

TEST(Cipher, DoesNotOpenAValueMovedToAnotherColumn) {
  const auto cipher = CipherForTest();
  const std::string sealed = cipher->Seal("13800000000", "customer.phone");
  EXPECT_FALSE(cipher->Open(sealed, "customer.name").ok());
}

TEST(Cipher, DoesNotOpenAChangedOrShortenedValue) {
  const auto cipher = CipherForTest();
  const std::string sealed = cipher->Seal("13800000000", "customer.phone");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(cipher->Open(changed, "customer.phone").ok()) << i;
    EXPECT_FALSE(cipher->Open(sealed.substr(0, i), "customer.phone").ok()) << i;
  }
}

TEST(Cipher, OpensValuesOfTheOldKeyAndKnowsThemStale) {
  const std::string sealed = WithKeys("2026-10")->Seal("张伟", "customer.name");
  const auto rotated = WithKeys("2026-11");
  EXPECT_TRUE(rotated->IsStale(sealed));
  EXPECT_EQ(*rotated->Open(sealed, "customer.name"), "张伟");
  EXPECT_FALSE(rotated->IsStale(rotated->Seal("张伟", "customer.name")));
}

TEST(BlindIndex, SurvivesRotationAndIgnoresHowPeopleType) {
  const auto old_cipher = WithKeys("2026-10");
  const auto new_cipher = WithKeys("2026-11");
  const std::string index = old_cipher->BlindIndex("13800000000", "customer.phone");
  EXPECT_EQ(index.size(), 32u);
  EXPECT_EQ(index, new_cipher->BlindIndex("+86 138-0000-0000", "customer.phone"));
  EXPECT_NE(index, new_cipher->BlindIndex("13800000001", "customer.phone"));
  EXPECT_NE(index, new_cipher->BlindIndex("13800000000", "customer.other_phone"));
}

TEST(LoadCipher, KnowsWhenTheCurrentKeyWasMadeWhereTheFileSaysSo) {
  const auto with = [](const std::string& name, const std::string& times) {
    return LoadCipher(KeyFile(name, absl::StrCat(R"({"current":"b","keys":{"a":")", kOld, R"(","b":")", kNew,
                                                 R"("},"index":")", kIndex, R"(")", times, "}")));
  };
  EXPECT_EQ((*with("t1", ""))->KeyCreateTime(), std::nullopt);
  EXPECT_EQ((*with("t2", R"(,"create_time":{"a":"2026-10-01T00:00:00Z"})"))->KeyCreateTime(), std::nullopt);
  EXPECT_EQ(
      (*with("t3", R"(,"create_time":{"a":"2026-10-01T00:00:00Z","b":"2026-11-21T09:00:00+08:00"})"))->KeyCreateTime(),
      absl::FromUnixSeconds(1795222800));
  EXPECT_FALSE(with("t4", R"(,"create_time":{"b":"soon"})").ok());
}

TEST(LoadCipher, SaysWhatIsWrongWithTheFile) {
  EXPECT_FALSE(LoadCipher("/nonexistent").ok());
  EXPECT_FALSE(LoadCipher(KeyFile("k1", "not json")).ok());
  EXPECT_FALSE(LoadCipher(KeyFile("k2", R"({"current":"a","keys":{"a":"c2hvcnQ="},"index":"c2hvcnQ="})")).ok());
  EXPECT_FALSE(LoadCipher(KeyFile("k3", absl::StrCat(R"({"current":"b","keys":{"a":")", kOld, R"("},"index":")", kIndex,
                                                     R"("})")))
                   .ok());
}

TEST(Cipher, WorksFromManyThreads) {
  const auto cipher = CipherForTest();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cipher, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string text = absl::StrCat(t, "-", i);
        EXPECT_EQ(*cipher->Open(cipher->Seal(text, "a.b"), "a.b"), text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace chassis::privacy
