// Reads the transition table that stands as options beside the values of a State enum. Nothing here knows a state
// by name.
#include "chassis/status/state.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/status/check.h"
#include "chassis/status/refusal.h"
#include "google/protobuf/descriptor.h"

namespace chassis {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* StateField(const Message& document) {
  const FieldDescriptor* field = document.GetDescriptor()->FindFieldByName("state");
  CHASSIS_CHECK(field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM,
                "a document that moves between states has an enum field `state`");
  return field;
}

int StateOf(const Message& document) { return document.GetReflection()->GetEnumValue(document, StateField(document)); }

// How people call the document: its table, else its message.
std::string WhatIs(const Message& document) {
  const auto& table = document.GetDescriptor()->options().GetExtension(options::table);
  return table.name().empty() ? document.GetDescriptor()->name() : table.name();
}

std::string ChineseName(const EnumDescriptor* states, int value) {
  const EnumValueDescriptor* found = states->FindValueByNumber(value);
  const std::string name(StateName(states, value));
  if (found == nullptr) return name;
  const std::string& zh = found->options().GetExtension(options::state).zh();
  return zh.empty() ? name : zh;
}

bool MayMove(const EnumValueDescriptor* from, const EnumValueDescriptor* to) {
  const auto& next = from->options().GetExtension(options::state).next();
  return std::find(next.begin(), next.end(), to->name()) != next.end();
}

absl::Status WrongState(const Message& document, const std::vector<int>& needed) {
  const EnumDescriptor* states = StateField(document)->enum_type();
  const int state = StateOf(document);
  std::vector<std::string> names;
  std::vector<std::string> chinese_names;
  for (int value : needed) {
    names.emplace_back(StateName(states, value));
    chinese_names.push_back(ChineseName(states, value));
  }
  return Refuse(aftersales::common::v1::ERROR_REASON_WRONG_STATE)
      .With("what", WhatIs(document))
      .With("state", StateName(states, state))
      .With("state_zh", ChineseName(states, state))
      .With("need", names.empty() ? "another state" : absl::StrJoin(names, " | "))
      .With("need_zh", chinese_names.empty() ? "其他状态" : absl::StrJoin(chinese_names, "、"))
      .At("state", "当前状态不允许此操作", "the present state does not allow this");
}

}  // namespace

absl::Status MoveTo(Message& document, int target) {
  const FieldDescriptor* field = StateField(document);
  const EnumDescriptor* states = field->enum_type();
  const EnumValueDescriptor* to = states->FindValueByNumber(target);
  CHASSIS_CHECK(to != nullptr, "MoveTo needs a state of the document's own enum");
  const EnumValueDescriptor* from = states->FindValueByNumber(StateOf(document));
  if (from == nullptr || !MayMove(from, to)) {
    std::vector<int> sources;
    for (int i = 0; i < states->value_count(); ++i) {
      if (MayMove(states->value(i), to)) sources.push_back(states->value(i)->number());
    }
    return WrongState(document, sources);
  }
  document.GetReflection()->SetEnumValue(&document, field, target);
  return absl::OkStatus();
}

absl::Status RequireState(const Message& document, std::initializer_list<int> allowed) {
  if (std::find(allowed.begin(), allowed.end(), StateOf(document)) != allowed.end()) return absl::OkStatus();
  return WrongState(document, allowed);
}

std::string_view StateName(const EnumDescriptor* states, int value) {
  const EnumValueDescriptor* found = states->FindValueByNumber(value);
  if (found == nullptr) return "UNKNOWN";
  // The prefix is what the zero value has before UNSPECIFIED; buf lint holds every enum to it.
  std::string_view prefix = states->value(0)->name();
  constexpr std::string_view kZero = "UNSPECIFIED";
  if (prefix.size() < kZero.size() || prefix.substr(prefix.size() - kZero.size()) != kZero) return found->name();
  prefix.remove_suffix(kZero.size());
  std::string_view name = found->name();
  if (name.substr(0, prefix.size()) == prefix) name.remove_prefix(prefix.size());
  return name;
}

}  // namespace chassis
