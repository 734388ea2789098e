#include "chassis/telemetry/certificate_figures.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include "absl/time/time.h"
#include "chassis/config/watched_file.h"
#include "prometheus/metric_family.h"

namespace chassis::telemetry {
namespace {

constexpr size_t kCertificatesBytesMax = 1 << 20;

// The earliest end of the certificates in a PEM text; nothing when it holds none.
std::optional<absl::Time> EarliestEnd(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      &BIO_free);
  std::optional<absl::Time> earliest;
  for (;;) {
    const std::unique_ptr<X509, decltype(&X509_free)> one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                          &X509_free);
    if (one == nullptr) break;
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(one.get()), &end) != 1) continue;
    const absl::Time time = absl::FromTM(end, absl::UTCTimeZone());
    earliest = earliest.has_value() ? std::min(*earliest, time) : time;
  }
  return earliest;
}

class OfCertificates : public prometheus::Collectable {
 public:
  explicit OfCertificates(std::vector<std::string> directories) : directories_(std::move(directories)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::MetricFamily family;
    family.name = "tls_certificate_expiry_timestamp_seconds";
    family.help = "When the first of the certificates in a file runs out.";
    family.type = prometheus::MetricType::Gauge;
    for (const auto& [label, file] : {std::pair("tls", "/tls.crt"), std::pair("ca", "/ca.crt")}) {
      std::optional<absl::Time> earliest;
      for (const std::string& directory : directories_) {
        if (directory.empty()) continue;
        const absl::StatusOr<std::string> pem = config::WatchedFile(directory + file).Read(kCertificatesBytesMax);
        const std::optional<absl::Time> end = pem.ok() ? EarliestEnd(*pem) : std::nullopt;
        if (end.has_value()) earliest = earliest.has_value() ? std::min(*earliest, *end) : *end;
      }
      if (!earliest.has_value()) continue;
      prometheus::ClientMetric metric;
      metric.label.push_back({"file", label});
      metric.gauge.value = absl::ToDoubleSeconds(*earliest - absl::UnixEpoch());
      family.metric.push_back(std::move(metric));
    }
    if (family.metric.empty()) return {};
    return {family};
  }

 private:
  const std::vector<std::string> directories_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> CertificateFigures(std::vector<std::string> directories) {
  return std::make_shared<OfCertificates>(std::move(directories));
}

}  // namespace chassis::telemetry
