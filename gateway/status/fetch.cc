#include "gateway/status/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace gateway::status {
namespace {

constexpr absl::Duration kLookForStop = absl::Milliseconds(100);

struct EasyDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// One GET under way.
struct Get {
  std::unique_ptr<CURL, EasyDeleter> curl;
  std::string body;
  size_t bytes_max = 0;
  char why[CURL_ERROR_SIZE] = "";
  bool ended = false;
  CURLcode code = CURLE_OK;
};

// Gives less than it got, and so ends the transfer, when the answer grows too large.
size_t Take(char* data, size_t size, size_t count, void* whole) {
  Get& get = *static_cast<Get*>(whole);
  if (get.body.size() + size * count > get.bytes_max) return 0;
  get.body.append(data, size * count);
  return size * count;
}

void Prepare(Get& get, const std::string& url, const FetchLimits& limits) {
  CURL* const curl = get.curl.get();
  get.bytes_max = limits.answer_bytes_max;
  const auto ms = static_cast<long>(absl::ToInt64Milliseconds(limits.whole));
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &get);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, get.why);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, &get);
}

// How many ended since.
size_t NoteEnds(CURLM* multi) {
  size_t ended = 0;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* whose = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &whose);
    Get& get = *reinterpret_cast<Get*>(whose);
    get.ended = true;
    get.code = message->data.result;
    ++ended;
  }
  return ended;
}

absl::StatusOr<std::string> OutcomeOf(Get& get) {
  if (!get.ended) return absl::UnavailableError("no answer in time");
  if (get.code == CURLE_WRITE_ERROR) return absl::UnavailableError("the answer is too large");
  if (get.code != CURLE_OK) {
    return absl::UnavailableError(get.why[0] != '\0' ? get.why : curl_easy_strerror(get.code));
  }
  return std::move(get.body);
}

bool Has(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text[0] != '\0';
  curl_free(text);
  return has;
}

}  // namespace

std::vector<absl::StatusOr<std::string>> FetchAll(const std::vector<std::string>& urls, const FetchLimits& limits,
                                                  const std::atomic<bool>& stopped) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const absl::Time end = absl::Now() + limits.whole;
  // The transfers before what they are added to: taken apart in the other order.
  std::vector<std::unique_ptr<Get>> gets;
  const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
  for (const std::string& url : urls) {
    auto get = std::make_unique<Get>();
    get->curl.reset(curl_easy_init());
    Prepare(*get, url, limits);
    gets.push_back(std::move(get));
  }
  // The library can count connections itself, but then (7.88) it may leave the last transfer waiting for ever.
  size_t begun = 0;
  size_t ended = 0;
  while (ended < gets.size() && !stopped.load(std::memory_order_relaxed)) {
    while (begun < gets.size() && begun - ended < limits.at_once_max) {
      curl_multi_add_handle(multi.get(), gets[begun++]->curl.get());
    }
    int running = 0;
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
    const size_t just_ended = NoteEnds(multi.get());
    ended += just_ended;
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) break;
    if (just_ended > 0) continue;
    const auto wait = static_cast<int>(absl::ToInt64Milliseconds(std::min(left, kLookForStop))) + 1;
    curl_multi_poll(multi.get(), nullptr, 0, wait, nullptr);
  }
  std::vector<absl::StatusOr<std::string>> outcomes;
  for (const std::unique_ptr<Get>& get : gets) {
    // One that was never begun is none of the library's, which does not mind.
    curl_multi_remove_handle(multi.get(), get->curl.get());
    outcomes.push_back(OutcomeOf(*get));
  }
  return outcomes;
}

absl::Status CheckBaseUrl(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no URL"));
  }
  if (!text.starts_with("http://") && !text.starts_with("https://")) {
    return absl::InvalidArgumentError(absl::StrCat(text, " is neither http nor https"));
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (Has(url.get(), part)) {
      return absl::InvalidArgumentError("a URL with user, password, query or fragment is not taken");
    }
  }
  return absl::OkStatus();
}

std::string PercentEncoded(const std::string& text) {
  const std::unique_ptr<CURL, EasyDeleter> curl(curl_easy_init());
  char* encoded = curl_easy_escape(curl.get(), text.c_str(), static_cast<int>(text.size()));
  std::string result = encoded == nullptr ? "" : encoded;
  curl_free(encoded);
  return result;
}

}  // namespace gateway::status
