// Descriptors for tests: those of the whole suite as the build made them, and small ones from a proto written in the
// test.
#pragma once

#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "tests/harness/database.h"
#include "tests/harness/processes.h"

namespace gateway::openapi {

inline google::protobuf::FileDescriptorSet SuiteDescriptorsForTest() {
  google::protobuf::FileDescriptorSet files;
  std::ifstream file(harness::BinaryDirectory() + "/aftersales.binpb", std::ios::binary);
  if (!files.ParseFromIstream(&file)) harness::FailHarness("aftersales.binpb is missing: build the target descriptors");
  return files;
}

class ComplainingCollector : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override {
    harness::FailHarness("test.proto:" + std::to_string(line + 1) + ": " + message);
  }
};

// The proto `text` as test.proto, after the options and google's files it may import. Options are interpreted when a
// pool builds it.
inline google::protobuf::FileDescriptorSet DescriptorsForTest(const std::string& text) {
  google::protobuf::FileDescriptorSet files;
  const google::protobuf::FileDescriptorSet suite = SuiteDescriptorsForTest();
  for (const auto& file : suite.file()) {
    if (absl::StartsWith(file.name(), "google/") || absl::StartsWith(file.name(), "aftersales/options/")) {
      *files.add_file() = file;
    }
  }
  ComplainingCollector complaints;
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  google::protobuf::io::Tokenizer tokenizer(&stream, &complaints);
  google::protobuf::compiler::Parser parser;
  parser.RecordErrorsTo(&complaints);
  auto* file = files.add_file();
  if (!parser.Parse(&tokenizer, file)) harness::FailHarness("test.proto cannot be read");
  file->set_name("test.proto");
  return files;
}

}  // namespace gateway::openapi
