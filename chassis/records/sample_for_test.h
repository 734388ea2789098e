// A record with everything a record can have, described as a service would describe it, without being part of the
// API: the file below is compiled when the test starts. Only for tests.
#pragma once

#include <memory>
#include <string>

#include "aftersales/options/v1/options.pb.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "gtest/gtest.h"

namespace chassis::records {

inline constexpr char kSampleProto[] = R"(
syntax = "proto3";
package aftersales.sample.v1;
import "aftersales/options/v1/options.proto";
import "google/protobuf/timestamp.proto";

message Order {
  option (aftersales.options.v1.table) = {name: "sample_order" key: "store_id" key: "order_id"};
  string store_id = 1;
  string order_id = 2;
  string etag = 3;
  string number = 4 [(aftersales.options.v1.column) = {filterable: true}];
  State state = 5 [(aftersales.options.v1.column) = {filterable: true}];
  string customer_id = 6 [(aftersales.options.v1.column) = {filterable: true}];
  string name = 7 [(aftersales.options.v1.privacy) = PRIVACY_NAME];
  string phone = 8 [
    (aftersales.options.v1.privacy) = PRIVACY_PHONE,
    (aftersales.options.v1.column) = {blind_index: true filterable: true}
  ];
  int64 total_amount = 9 [(aftersales.options.v1.column) = {filterable: true}];
  int32 odometer_km = 10;
  optional int32 score = 11;
  optional string remark = 12;
  bool urgent = 13 [(aftersales.options.v1.column) = {filterable: true}];
  string due_date = 14 [
    (aftersales.options.v1.rules) = {format: FORMAT_DATE},
    (aftersales.options.v1.column) = {filterable: true}
  ];
  google.protobuf.Timestamp due_time = 15 [(aftersales.options.v1.column) = {filterable: true}];
  bytes digest = 16;
  Address address = 17;
  repeated string tags = 18;
  repeated Person persons = 19;
  repeated Line lines = 20 [(aftersales.options.v1.column) = {child: true}];
  string greeting = 21 [(aftersales.options.v1.column) = {transient: true}];
  google.protobuf.Timestamp create_time = 22;
  google.protobuf.Timestamp update_time = 23;
  string document_id = 24 [(aftersales.options.v1.rules) = {format: FORMAT_CODE}];
  optional State last_state = 25;

  enum State {
    STATE_UNSPECIFIED = 0;
    STATE_OPEN = 1 [(aftersales.options.v1.state) = {next: "STATE_DONE"}];
    STATE_DONE = 2;
  }
  message Address {
    string city = 1;
    int64 code = 2;
    google.protobuf.Timestamp since = 3;
    repeated State states = 4;
    optional bool main = 5;
    bytes map = 6;
  }
  message Person {
    string name = 1 [(aftersales.options.v1.privacy) = PRIVACY_NAME];
    string relation = 2;
  }
}
message Line {
  option (aftersales.options.v1.table) = {name: "sample_line" key: "line_id"};
  string line_id = 1;
  string order_id = 2; // repeats the parent's key
  string code = 3;
  int64 quantity_milli = 4;
  google.protobuf.Timestamp needed_time = 5;
  string note = 6 [(aftersales.options.v1.privacy) = PRIVACY_TEXT];
  repeated Step steps = 7 [(aftersales.options.v1.column) = {child: true}];
}
message Step {
  option (aftersales.options.v1.table) = {name: "sample_step" key: "sequence"};
  int32 sequence = 1;
  string what = 2;
}
)";

inline constexpr const char* kSampleTables[] = {
    R"(CREATE TABLE sample_order (
  store_id BINARY(16) NOT NULL,
  order_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'DONE')),
  customer_id BINARY(16) NULL,
  name VARBINARY(500) NOT NULL,
  phone VARBINARY(200) NOT NULL,
  phone_index BINARY(32) NOT NULL,
  total_amount BIGINT NOT NULL,
  odometer_km INT NOT NULL,
  score INT NULL,
  remark VARCHAR(200) NULL,
  urgent TINYINT(1) NOT NULL,
  due_date DATE NULL,
  due_time DATETIME(6) NULL,
  digest VARBINARY(32) NOT NULL,
  address LONGTEXT NOT NULL,
  tags LONGTEXT NOT NULL,
  persons VARBINARY(4000) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  document_id VARCHAR(40) NOT NULL,
  last_state VARCHAR(40) NULL,
  PRIMARY KEY (store_id, order_id),
  UNIQUE KEY by_number (store_id, number),
  KEY by_state (store_id, state),
  KEY by_customer (store_id, customer_id),
  KEY by_phone (store_id, phone_index),
  KEY by_total (store_id, total_amount),
  KEY by_urgent (store_id, urgent),
  KEY by_due_date (store_id, due_date),
  KEY by_due_time (store_id, due_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)",
    R"(CREATE TABLE sample_line (
  store_id BINARY(16) NOT NULL,
  order_id BINARY(16) NOT NULL,
  line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  code VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  needed_time DATETIME(6) NULL,
  note VARBINARY(2000) NOT NULL,
  PRIMARY KEY (store_id, order_id, line_id),
  UNIQUE KEY by_code (store_id, order_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)",
    R"(CREATE TABLE sample_step (
  store_id BINARY(16) NOT NULL,
  order_id BINARY(16) NOT NULL,
  line_id BINARY(16) NOT NULL,
  sequence INT NOT NULL,
  position INT NOT NULL,
  what VARCHAR(100) NOT NULL,
  PRIMARY KEY (store_id, order_id, line_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)"};

class Sample {
 public:
  using Message = google::protobuf::Message;

  static const google::protobuf::Descriptor* Type(const std::string& name) {
    return The().file_->FindMessageTypeByName(name);
  }
  static std::unique_ptr<Message> New(const std::string& name = "Order") {
    return std::unique_ptr<Message>(The().factory_.GetPrototype(Type(name))->New());
  }
  // From text format.
  static std::unique_ptr<Message> Of(const std::string& text, const std::string& name = "Order") {
    auto message = New(name);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }

 private:
  Sample() : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
    // Submessages that are compiled in (Timestamp) keep their class.
    factory_.SetDelegateToGeneratedFactory(true);
    google::protobuf::FileDescriptorProto proto;
    proto.set_name("sample.proto");
    google::protobuf::io::ArrayInputStream stream(kSampleProto, sizeof(kSampleProto) - 1);
    google::protobuf::io::Tokenizer tokenizer(&stream, nullptr);
    google::protobuf::compiler::Parser parser;
    // The options and Timestamp must be in the generated pool before the import is resolved.
    aftersales::options::v1::Table::descriptor();
    google::protobuf::Timestamp::descriptor();
    if (!parser.Parse(&tokenizer, &proto)) std::abort();
    file_ = pool_.BuildFile(proto);
    if (file_ == nullptr) std::abort();
  }
  static Sample& The() {
    static auto* sample = new Sample();
    return *sample;
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::FileDescriptor* file_;
};

}  // namespace chassis::records
