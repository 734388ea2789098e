// parts-svc with everything around it (pipeline, identity, validation) behind a port, for what only the pipeline does:
// who may call, and which store is whose. `Base` is a fixture on the same schema, whose builders prepare the records.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "chassis/client/suite_client.h"
#include "chassis/config/config.h"
#include "chassis/identity/keys.h"
#include "parts-svc/parts_for_test.h"

namespace parts {

template <typename Base>
class ServedOn : public Base {
 protected:
  ServedOn() : directory_(std::filesystem::path(testing::TempDir()) / absl::StrCat("parts_", ::getpid())) {
    std::filesystem::create_directories(directory_);
    const std::string jwk = chassis::identity::NewPrivateJwk("test");
    Write("issuer.jwk", jwk);
    Write("jwks.json", *chassis::identity::PublicJwks({jwk}));
    const std::string key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    Write("data.json", absl::StrCat(R"({"current":"1","keys":{"1":")", key, R"("},"index":")", key, R"("})"));
    issuer_ = *chassis::identity::LoadTokenIssuer(Path("issuer.jwk"), "test", "aftersales");
    chassis::config::Config config(chassis::config::ServiceSettings());
    const chassis::sql::Endpoint& endpoint = this->schema_->endpoint();
    config.Set("database-host", endpoint.host);
    config.Set("database-port", absl::StrCat(endpoint.port));
    config.Set("database-schema", endpoint.schema);
    config.Set("database-user", endpoint.user);
    config.Set("migration-user", endpoint.user);
    config.Set("chassis-migrations", harness::SourceDirectory() + "/chassis/migrations");
    config.Set("migrations", harness::SourceDirectory() + "/parts-svc/migrations");
    config.Set("issuer", "test");
    config.Set("jwks-file", Path("jwks.json"));
    config.Set("keys-file", Path("data.json"));
    config.Set("background", "false");
    config.Set("log-level", "error");
    service_ = chassis::MakeService(Definition(), config);
    const absl::Status started = service_->Start();
    EXPECT_TRUE(started.ok()) << started;
    client_ = std::make_unique<chassis::SuiteClient>(absl::StrCat("127.0.0.1:", service_->port()), "");
  }
  ~ServedOn() override {
    client_.reset();
    service_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::string Path(const std::string& name) const { return directory_ / name; }
  void Write(const std::string& name, const std::string& content) const { std::ofstream(Path(name)) << content; }
  chassis::CallOptions As(const std::string& role, const std::string& store) {
    return {.token =
                issuer_->Issue({.subject = "zhang.lei", .roles = {role}, .stores = {store}, .issue_time = absl::Now()}),
            .language = "en"};
  }

  std::filesystem::path directory_;
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  std::unique_ptr<chassis::Service> service_;
  std::unique_ptr<chassis::SuiteClient> client_;
};

}  // namespace parts
