// Walks a message by its `privacy` options. Whether a type holds anything personal is worked out once per type, so
// the many messages without cost one look-up.
#include "chassis/privacy/masking.h"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.h"

namespace chassis::privacy {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

options::Privacy KindOf(const FieldDescriptor* field) { return field->options().GetExtension(options::privacy); }

bool Holds(const Descriptor* type, std::set<const Descriptor*>& visited) {
  if (!visited.insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (KindOf(field) != options::PRIVACY_UNSPECIFIED) return true;
    if (field->message_type() != nullptr && Holds(field->message_type(), visited)) return true;
  }
  return false;
}

// Applies `hide` to every set personal field, whatever its depth.
void ForEachPersonal(Message& message, const std::function<void(Message&, const FieldDescriptor*)>& hide) {
  if (!HoldsPersonalData(message.GetDescriptor())) return;
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (KindOf(field) != options::PRIVACY_UNSPECIFIED) {
      hide(message, field);
    } else if (field->message_type() != nullptr && HoldsPersonalData(field->message_type())) {
      if (!field->is_repeated()) {
        ForEachPersonal(*reflection->MutableMessage(&message, field), hide);
        continue;
      }
      const int count = reflection->FieldSize(message, field);
      for (int i = 0; i < count; ++i) {
        ForEachPersonal(*reflection->MutableRepeatedMessage(&message, field, i), hide);
      }
    }
  }
}

// Byte length of the first `count` UTF-8 characters.
size_t PrefixBytes(std::string_view text, size_t count) {
  size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    --count;
  }
  return at;
}

size_t CharacterCount(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The first `head` and last `tail` characters; everything is hidden when hardly more than that is there.
std::string Ends(std::string_view value, size_t head, size_t tail, std::string_view stars) {
  const size_t count = CharacterCount(value);
  if (count < head + tail + 2) return std::string(stars);
  std::string masked(value.substr(0, PrefixBytes(value, head)));
  masked.append(stars);
  masked.append(value.substr(PrefixBytes(value, count - tail)));
  return masked;
}

}  // namespace

bool HoldsPersonalData(const Descriptor* type) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* known = new absl::flat_hash_map<const Descriptor*, bool>();
  {
    absl::ReaderMutexLock lock(&mutex);
    if (auto found = known->find(type); found != known->end()) return found->second;
  }
  std::set<const Descriptor*> visited;
  const bool holds = Holds(type, visited);
  absl::MutexLock lock(&mutex);
  known->emplace(type, holds);
  return holds;
}

void Mask(Message& message) {
  ForEachPersonal(message, [](Message& holder, const FieldDescriptor* field) {
    const Reflection* reflection = holder.GetReflection();
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->type() == FieldDescriptor::TYPE_BYTES) {
      // A number, a time or a whole message has no half-shown form.
      reflection->ClearField(&holder, field);
      return;
    }
    const options::Privacy kind = KindOf(field);
    if (!field->is_repeated()) {
      reflection->SetString(&holder, field, Masked(reflection->GetString(holder, field), kind));
      return;
    }
    const int count = reflection->FieldSize(holder, field);
    for (int i = 0; i < count; ++i) {
      reflection->SetRepeatedString(&holder, field, i, Masked(reflection->GetRepeatedString(holder, field, i), kind));
    }
  });
}

void Strip(Message& message) {
  ForEachPersonal(message, [](Message& holder, const FieldDescriptor* field) {
    holder.GetReflection()->ClearField(&holder, field);
  });
}

std::string Masked(std::string_view value, options::Privacy kind) {
  if (value.empty()) return "";
  switch (kind) {
    case options::PRIVACY_NAME:
      return std::string(value.substr(0, PrefixBytes(value, 1))) + "**";
    case options::PRIVACY_PHONE:
      return Ends(value, 3, 4, "****");
    case options::PRIVACY_ADDRESS:
      return Ends(value, 6, 0, "****");
    case options::PRIVACY_ID_NUMBER:
      return Ends(value, 0, 4, "****");
    case options::PRIVACY_UNSPECIFIED:
      return std::string(value);
    default:
      return "***";
  }
}

}  // namespace chassis::privacy
