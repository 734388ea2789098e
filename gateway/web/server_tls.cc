#include "gateway/web/server_tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace gateway::web {
namespace {

std::string LastError() {
  char text[256] = "unknown";
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  ERR_clear_error();
  return text;
}

// HTTP/1.1 to whoever asks for it by name; whoever asks for other protocols only is turned away.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kOurs, sizeof(kOurs), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

struct X509Deleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(unsigned char* text) const { OPENSSL_free(text); }
};

// A name with a zero byte is cut by whoever reads it as C does: it is nobody's.
void Add(const char* kind, const unsigned char* text, int size, std::vector<std::string>& names) {
  const std::string name(reinterpret_cast<const char*>(text), static_cast<size_t>(std::max(0, size)));
  if (!name.empty() && name.find('\0') == std::string::npos) names.push_back(kind + name);
}

// Who shows a certificate must show a good one; nothing of it outlives its connection.
bool AskClients(SSL_CTX* context, const std::string& authority) {
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(authority.c_str());
  if (names == nullptr || SSL_CTX_load_verify_locations(context, authority.c_str(), nullptr) != 1) return false;
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return SSL_CTX_set_num_tickets(context, 0) == 1;
}

}  // namespace

std::vector<std::string> ClientNames(SSL* ssl) {
  std::vector<std::string> names;
  X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return names;
  const std::unique_ptr<GENERAL_NAMES, X509Deleter> others(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; others != nullptr && i < sk_GENERAL_NAME_num(others.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(others.get(), i);
    if (name->type != GEN_URI && name->type != GEN_DNS) continue;
    const ASN1_IA5STRING* text = name->d.ia5;
    Add(name->type == GEN_URI ? "uri:" : "dns:", ASN1_STRING_get0_data(text), ASN1_STRING_length(text), names);
  }
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int common = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (common < 0) return names;
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, common)));
  const std::unique_ptr<unsigned char, X509Deleter> owned(text);
  Add("cn:", text, size, names);
  return names;
}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Load(const std::string& directory, AskForCertificate ask) {
  std::unique_ptr<ServerTls> tls(new ServerTls(directory, ask));
  tls->stamp_ = tls->Stamp();
  ASSIGN_OR_RETURN(Context context, tls->Read());
  absl::MutexLock lock(&tls->mutex_);
  tls->context_ = std::move(context);
  return tls;
}

absl::StatusOr<ServerTls::Context> ServerTls::Read() const {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return absl::InternalError(absl::StrCat("TLS: ", LastError()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no buffers; a write that could go on from a moved buffer may.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  const std::string certificate = directory_ + "/tls.crt";
  const std::string key = directory_ + "/tls.key";
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("cannot use ", certificate, ": ", LastError()));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("cannot use ", key, ": ", LastError()));
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(key, " does not belong to ", certificate));
  }
  if (ask_ == AskForCertificate::kYes && !AskClients(context.get(), directory_ + "/ca.crt")) {
    return absl::InvalidArgumentError(absl::StrCat("cannot use ", directory_, "/ca.crt: ", LastError()));
  }
  return context;
}

std::string ServerTls::Stamp() const {
  std::string stamp;
  std::vector<const char*> names = {"/tls.crt", "/tls.key"};
  if (ask_ == AskForCertificate::kYes) names.push_back("/ca.crt");
  for (const char* name : names) {
    struct stat found {};
    if (stat((directory_ + name).c_str(), &found) != 0) return "";
    absl::StrAppend(&stamp, found.st_dev, ".", found.st_ino, ".", found.st_size, ".", found.st_mtim.tv_sec, ".",
                    found.st_mtim.tv_nsec, " ");
  }
  return stamp;
}

Ssl ServerTls::New(int socket) {
  Ssl ssl;
  {
    absl::MutexLock lock(&mutex_);
    ssl.reset(SSL_new(context_.get()));  // keeps its context
  }
  if (ssl == nullptr) return ssl;
  SSL_set_accept_state(ssl.get());
  if (SSL_set_fd(ssl.get(), socket) != 1) return nullptr;
  return ssl;
}

void ServerTls::LookAgain() {
  std::string stamp = Stamp();
  // Empty: between two files of a change; looked at again in a moment.
  if (stamp.empty() || stamp == stamp_) return;
  absl::StatusOr<Context> context = Read();
  stamp_ = std::move(stamp);
  if (!context.ok()) {
    chassis::log::Error("the certificate of the web door could not be renewed",
                        {{"why", std::string(context.status().message())}});
    return;
  }
  absl::MutexLock lock(&mutex_);
  context_.swap(*context);
}

}  // namespace gateway::web
