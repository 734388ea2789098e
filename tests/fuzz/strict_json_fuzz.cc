// A JSON body against a message with every kind of field: what is taken is a message protobuf parses, and what
// protobuf prints of it is taken again and means the same.
#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/rest/strict_json.h"

namespace {

namespace pb = google::protobuf;
using gateway::rest::JsonTask;
using gateway::rest::ReadJson;
using gateway::rest::WireWriter;

constexpr char kProto[] = R"pb(
  syntax = "proto3"
  ;
package fuzz;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum E { Z = 0; A = 1; }
message M {
  string s = 1; bytes b = 2; bool t = 3; int32 i = 4; int64 l = 5; uint32 u = 6; uint64 v = 7; sint64 g = 8;
  fixed32 f = 9; sfixed64 h = 10; float r = 11; double d = 12; E e = 13; M m = 14; repeated M n = 15;
  repeated string p = 16; map<string, int64> q = 17; map<int32, M> w = 18; oneof o { string x = 19; M y = 20; }
  google.protobuf.Timestamp at = 21; google.protobuf.Duration du = 22; google.protobuf.FieldMask fm = 23;
  google.protobuf.Int64Value iv = 24; google.protobuf.StringValue sv = 25; google.protobuf.Struct st = 26;
  google.protobuf.Value va = 27; google.protobuf.ListValue li = 28; google.protobuf.Any an = 29;
  optional int32 maybe_set = 30; repeated E ee = 31; google.protobuf.NullValue nu = 32;
}
)pb";

void Check(bool holds) {
  if (!holds) std::abort();
}

struct World {
  pb::DescriptorPool pool{pb::DescriptorPool::generated_pool()};
  pb::DynamicMessageFactory types{&pool};
  const pb::Descriptor* message = nullptr;

  World() {
    pb::Any::descriptor(), pb::Duration::descriptor(), pb::FieldMask::descriptor(), pb::Struct::descriptor();
    pb::Timestamp::descriptor(), pb::Int64Value::descriptor();
    pb::SetLogHandler(nullptr);
    pb::io::ArrayInputStream input(kProto, sizeof kProto - 1);
    pb::io::Tokenizer tokens(&input, nullptr);
    pb::FileDescriptorProto file;
    pb::compiler::Parser parser;
    Check(parser.Parse(&tokens, &file));
    file.set_name("fuzz.proto");
    message = pool.BuildFile(file)->FindMessageTypeByName("M");
  }
};

// nullptr when it is refused.
std::unique_ptr<pb::Message> Read(World& world, std::string_view text, const pb::FieldDescriptor* body_field) {
  std::vector<std::string> mask;
  JsonTask task;
  task.request = world.message;
  task.body_field = body_field;
  task.pool = &world.pool;
  task.mask = &mask;
  WireWriter wire;
  if (const auto problem = ReadJson(text, task, wire)) {
    Check(!problem->path.empty() && !problem->wrong.en.empty());
    Check(!problem->at_byte.has_value() || *problem->at_byte <= text.size() + 1);
    return nullptr;
  }
  Check(wire.depth() == 0);
  std::unique_ptr<pb::Message> message(world.types.GetPrototype(world.message)->New());
  Check(message->ParseFromString(wire.bytes()));
  for (const std::string& path : mask) Check(!path.empty());
  return message;
}

std::string Deterministic(const pb::Message& message) {
  std::string bytes;
  pb::io::StringOutputStream stream(&bytes);
  pb::io::CodedOutputStream output(&stream);
  output.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&output);
  output.Trim();
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World* const world = new World();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* field : {"m", "s", "va", "an"}) Read(*world, text, world->message->FindFieldByName(field));
  const std::unique_ptr<pb::Message> taken = Read(*world, text, nullptr);
  if (taken == nullptr) return 0;
  std::string printed;
  if (!pb::util::MessageToJsonString(*taken, &printed).ok()) return 0;
  const std::unique_ptr<pb::Message> again = Read(*world, printed, nullptr);
  Check(again != nullptr);
  Check(Deterministic(*again) == Deterministic(*taken));
  return 0;
}
