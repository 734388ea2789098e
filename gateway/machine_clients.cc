#include "gateway/machine_clients.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/identity/tokens.h"
#include "chassis/server/formats.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

namespace gateway {
namespace {

using chassis::identity::Identity;
using nlohmann::json;

constexpr size_t kFileBytesMax = 1 << 20;
constexpr size_t kEntriesMax = 5000;
constexpr size_t kNameBytesMax = 200;
constexpr absl::Duration kLifetime = absl::Minutes(15);
constexpr absl::Duration kRenewBefore = absl::Minutes(5);

bool IsCertificateName(const std::string& text) {
  for (const char* kind : {"uri:", "dns:", "cn:"}) {
    if (absl::StartsWith(text, kind) && text.size() > std::string_view(kind).size()) return true;
  }
  return false;
}

// Empty when it is no list of texts.
std::vector<std::string> TextsIn(const json& object, const char* name) {
  std::vector<std::string> texts;
  const json listed = object.value(name, json());
  if (!listed.is_array()) return texts;
  for (const json& entry : listed) {
    if (!entry.is_string()) return {};
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

}  // namespace

MachineClients::MachineClients(const std::string& file, std::unique_ptr<chassis::identity::TokenIssuer> issuer,
                               chassis::Ids& ids)
    : issuer_(std::move(issuer)), ids_(ids), file_(file) {}

absl::Status MachineClients::Read(const nlohmann::json& object, std::string& certificate, Entry& entry) {
  static const std::set<std::string> kKnown = {"certificate", "subject", "roles", "stores"};
  if (!object.is_object()) return absl::InvalidArgumentError("is no object");
  for (const auto& [name, value] : object.items()) {
    if (kKnown.count(name) == 0) return absl::InvalidArgumentError(absl::StrCat("has the unknown name ", name));
  }
  certificate = chassis::identity::TextIn(object, "certificate");
  if (!IsCertificateName(certificate)) {
    return absl::InvalidArgumentError("certificate must begin with uri:, dns: or cn:");
  }
  Identity& identity = entry.caller.identity;
  identity.subject = entry.subject = chassis::identity::TextIn(object, "subject");
  if (entry.subject.empty() || entry.subject.size() > kNameBytesMax)
    return absl::InvalidArgumentError("has no subject");
  entry.roles = TextsIn(object, "roles");
  entry.stores = TextsIn(object, "stores");
  if (entry.roles.empty() || entry.stores.empty()) return absl::InvalidArgumentError("needs roles and stores");
  for (const std::string& role : entry.roles) {
    const auto known = chassis::identity::RoleNamed(role);
    // What speaks for others is a service with a key of its own, never a client at the door.
    if (known == aftersales::options::v1::ROLE_UNSPECIFIED || known == aftersales::options::v1::ROLE_SUITE_SERVICE) {
      return absl::InvalidArgumentError(absl::StrCat("cannot have the role ", role));
    }
    identity.roles.insert(known);
  }
  for (const std::string& store : entry.stores) {
    if (store == "*") {
      identity.group = true;
    } else if (chassis::formats::IsUuid(store)) {
      identity.store_ids.insert(store);
    } else {
      return absl::InvalidArgumentError("names a store that is no id");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<MachineClients::Entries> MachineClients::Parse(std::string_view text) {
  const json list = chassis::identity::ParseStrictly(text);
  if (!list.is_array()) return absl::InvalidArgumentError("machine clients: no list in strict JSON");
  if (list.size() > kEntriesMax) return absl::InvalidArgumentError("machine clients: too many");
  Entries entries;
  for (const json& object : list) {
    auto entry = std::make_shared<Entry>();
    std::string certificate;
    absl::Status read = Read(object, certificate, *entry);
    if (read.ok() && !entries.emplace(certificate, std::move(entry)).second) {
      read = absl::InvalidArgumentError("stands there twice");
    }
    if (!read.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("machine client ", entries.size() + 1, ": ", read.message()));
    }
  }
  return entries;
}

absl::Status MachineClients::Load() {
  absl::MutexLock loading(&loading_);
  ASSIGN_OR_RETURN(const std::string text, file_.Read(kFileBytesMax));
  ASSIGN_OR_RETURN(Entries entries, Parse(text));
  absl::MutexLock lock(&mutex_);
  entries_ = std::move(entries);
  return absl::OkStatus();
}

bool MachineClients::Changed() {
  absl::MutexLock loading(&loading_);
  return file_.Changed();
}

std::optional<MachineClients::Caller> MachineClients::Find(const std::vector<std::string>& names, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Entry> found;
  for (const std::string& name : names) {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) continue;
    if (found != nullptr && found->subject != entry->second->subject) return std::nullopt;
    if (found == nullptr) found = entry->second;
  }
  if (found == nullptr) return std::nullopt;
  // Also when the clock went back behind the token.
  if (now >= found->renew_time || now < found->renew_time - kLifetime) Renew(*found, now);
  return found->caller;
}

void MachineClients::Renew(Entry& entry, absl::Time now) {
  chassis::identity::TokenRequest request;
  request.subject = entry.subject;
  request.roles = entry.roles;
  request.stores = entry.stores;
  request.issue_time = now;
  request.lifetime = kLifetime;
  request.token_id = ids_.NewId();
  entry.caller.token = issuer_->Issue(request);
  entry.caller.identity.expire_time = now + kLifetime;
  entry.renew_time = now + kLifetime - kRenewBefore;
}

}  // namespace gateway
