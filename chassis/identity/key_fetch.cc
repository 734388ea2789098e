#include "chassis/identity/key_fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/identity/tokens.h"
#include "chassis/status/status.h"

namespace chassis::identity {
namespace {

constexpr long kConnectMs = 3000;
constexpr long kWholeMs = 5000;
constexpr long kOk = 200;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct HeadersDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct Free {
  void operator()(char* text) const { curl_free(text); }
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, Free> owned(text);
  return owned.get();
}

// By name only `localhost`: any other could be made to lead anywhere.
bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return (ntohl(address.s_addr) >> 24) == 127;
  return host == "localhost" || host == "[::1]";
}

// Gives less than it got, and so ends the transfer, when the body grows beyond what a key set may be.
size_t Take(char* data, size_t size, size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kKeySetBytesMax) return 0;
  text.append(data, size * count);
  return size * count;
}

}  // namespace

bool IsUrl(const std::string& jwks) { return absl::StartsWith(jwks, "https://") || absl::StartsWith(jwks, "http://"); }

absl::Status CheckJwksUrl(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("jwks: ", text, " is no URL"));
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    if (!PartOf(url.get(), part).empty()) {
      return absl::InvalidArgumentError("jwks: a URL with user, password or fragment is not taken");
    }
  }
  if (PartOf(url.get(), CURLUPART_SCHEME) == "https") return absl::OkStatus();
  if (IsLoopback(PartOf(url.get(), CURLUPART_HOST))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("jwks: ", text, " is neither https nor on loopback"));
}

absl::StatusOr<std::string> FetchOverHttp(const IssuerSettings& issuer) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  RETURN_IF_ERROR(CheckJwksUrl(issuer.jwks));
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  const std::unique_ptr<curl_slist, HeadersDeleter> headers(
      curl_slist_append(nullptr, "Accept: application/jwk-set+json, application/json"));
  if (curl == nullptr || headers == nullptr) return absl::ResourceExhaustedError("curl");
  std::string body;
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, issuer.jwks.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kWholeMs);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why);
  if (!issuer.ca_file.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, issuer.ca_file.c_str());
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat(issuer.jwks, ": ", why[0] != '\0' ? why : curl_easy_strerror(code)));
  }
  long answer = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer);
  if (answer != kOk) return absl::UnavailableError(absl::StrCat(issuer.jwks, " answers ", answer));
  return body;
}

}  // namespace chassis::identity
