// Clients that are machines: a scanner at the gate, a partner's integration, which show a certificate instead of a
// token. A list says who each is; the gateway signs a token for it, which the services verify like any other, because
// the gateway's own issuer (own-issuer) is among theirs. Nobody but who holds the listed certificate's key gets it.
//
//   [{"certificate": "uri:spiffe://dealer.example/gate-7", "subject": "gate-7",
//     "roles": ["gate_guard"], "stores": ["00000000-0000-7000-8000-000000000001"]}]
//
// `certificate` is a name the certificate must hold: uri: or dns: of its subject alternative names, or cn: its common
// name. The list is read again when it changes; one with an error is refused whole, and the one before stays in force.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/identity.h"
#include "chassis/time/clock.h"
#include "nlohmann/json_fwd.hpp"

namespace gateway {

class MachineClients {
 public:
  struct Caller {
    chassis::identity::Identity identity;
    std::string token;  // without "Bearer "
  };

  // `ids` outlives it.
  MachineClients(const std::string& file, std::unique_ptr<chassis::identity::TokenIssuer> issuer, chassis::Ids& ids);

  absl::Status Load();
  // True when the file is another than it was: then Load.
  bool Changed();

  // Who shows a certificate with these names ("cn:gate-7"). Nothing when the list does not know it, or when its names
  // stand for different callers.
  std::optional<Caller> Find(const std::vector<std::string>& names, absl::Time now);

 private:
  struct Entry {
    std::string subject;
    std::vector<std::string> roles;
    std::vector<std::string> stores;
    Caller caller;  // as of the last token
    absl::Time renew_time = absl::InfinitePast();
  };
  using Entries = absl::flat_hash_map<std::string, std::shared_ptr<Entry>>;
  static absl::StatusOr<Entries> Parse(std::string_view text);
  // One entry; the error says what is wrong with it.
  static absl::Status Read(const nlohmann::json& object, std::string& certificate, Entry& entry);
  void Renew(Entry& entry, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  chassis::Ids& ids_;
  absl::Mutex loading_;
  chassis::config::WatchedFile file_ ABSL_GUARDED_BY(loading_);
  absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gateway
