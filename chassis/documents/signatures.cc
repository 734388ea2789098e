// Recording signatures and finding those that no longer hold.
#include "chassis/documents/signatures.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/audit/digest.h"
#include "chassis/audit/sealing.h"
#include "chassis/host/host.h"
#include "chassis/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;
namespace pb = google::protobuf;

constexpr int64_t kSignaturesPerReadMax = 200;
constexpr std::string_view kContentPlace = "signed_document.content";
constexpr std::string_view kSignerPlace = "signed_document.signer";

bool IsSigned(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(aftersales::options::v1::column).signed_();
}

bool MarksFields(const pb::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsSigned(*type.field(i))) return true;
  }
  return false;
}

void KeepSigned(pb::Message& message) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const pb::Reflection& reflection = *message.GetReflection();
  if (auto* time = dynamic_cast<pb::Timestamp*>(&message)) time->set_nanos(time->nanos() / 1000 * 1000);
  reflection.MutableUnknownFields(&message)->Clear();
  const bool selective = MarksFields(type);
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (selective && !IsSigned(*field)) {
      reflection.ClearField(&message, field);
    } else if (field->is_map()) {
      continue;  // plain values only; sorted when serialized
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        KeepSigned(*reflection.MutableMessage(&message, field));
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        KeepSigned(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

std::string Canonical(const pb::Message& message) {
  std::string bytes;
  pb::io::StringOutputStream stream(&bytes);
  pb::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

struct Kept {
  std::string signature_id;
  std::string kind;
  std::string document_id;
  std::string content;
};

absl::Status CompareCurrent(sql::Session& session, const std::string& store_id,
                            const std::map<std::string, documents::Loader>& loaders, const Kept& latest,
                            v1::LedgerCheck& check) {
  const auto loader = loaders.find(latest.kind);
  if (loader == loaders.end()) return absl::OkStatus();
  const std::string name = absl::StrCat(latest.kind, " ", latest.document_id);
  auto current = loader->second(session, store_id, latest.document_id);
  if (absl::IsNotFound(current.status())) {
    audit::AddDifference(check, absl::StrCat(name, " was signed and is gone"));
    return absl::OkStatus();
  }
  if (absl::IsUnavailable(current.status()) || absl::IsDeadlineExceeded(current.status())) return current.status();
  // What was tampered with may not even decrypt or parse: that is a finding, not a failure of the verification.
  if (!current.ok()) {
    audit::AddDifference(check, absl::StrCat(name, " was signed and can no longer be read"));
    return absl::OkStatus();
  }
  if (*current == nullptr) return absl::OkStatus();
  // Read back and written again by the same hand, so that only what it says is compared.
  std::unique_ptr<pb::Message> signed_document((*current)->New());
  if (!signed_document->ParseFromString(latest.content) ||
      Canonical(*signed_document) != documents::SignedContent(**current)) {
    audit::AddDifference(check, absl::StrCat(name, " differs from what signature ", latest.signature_id, " covers"));
  }
  return absl::OkStatus();
}

}  // namespace

namespace documents {

std::string SignedContent(const pb::Message& document) {
  std::unique_ptr<pb::Message> copy(document.New());
  copy->CopyFrom(document);
  KeepSigned(*copy);
  return Canonical(*copy);
}

absl::StatusOr<v1::LedgerCheck> VerifySignedDocuments(sql::Session& session, const privacy::Cipher& cipher,
                                                      const std::map<std::string, Loader>& loaders,
                                                      const std::string& store_id) {
  v1::LedgerCheck check;
  check.set_name("signed_documents");
  const std::string store = store_id.empty() ? std::string(kGroupStoreId) : store_id;
  // In the order of the index: the last signature of a document is the one that counts for its current state.
  std::optional<Kept> latest;
  std::string after_kind, after_document(16, '\0'), after_signature(16, '\0');
  int64_t after_version = -1;
  while (true) {
    ASSIGN_OR_RETURN(
        sql::Rows rows,
        session.Query(
            "SELECT signature_id, document_kind, document_id, document_version, digest, content FROM "
            "signed_document WHERE store_id = ? AND (document_kind > ? OR (document_kind = ? AND (document_id "
            "> ? OR (document_id = ? AND (document_version > ? OR (document_version = ? AND signature_id > "
            "?)))))) ORDER BY document_kind, document_id, document_version, signature_id LIMIT ?",
            sql::Uuid{store}, after_kind, after_kind, sql::Bytes{after_document}, sql::Bytes{after_document},
            after_version, after_version, sql::Bytes{after_signature}, kSignaturesPerReadMax));
    for (size_t i = 0; i < rows.size(); ++i) {
      const sql::Row row = rows[i];
      check.set_checked_count(check.checked_count() + 1);
      after_kind = row.Text("document_kind");
      after_document = row.Text("document_id");
      after_version = row.Int("document_version");
      after_signature = row.Text("signature_id");
      Kept kept{.signature_id = row.Id("signature_id"),
                .kind = after_kind,
                .document_id = row.Id("document_id"),
                .content = ""};
      absl::StatusOr<std::string> content = cipher.Open(row.Text("content"), kContentPlace);
      if (!content.ok() || audit::Sha256(*content) != row.Text("digest")) {
        // Rarely one that was edited: usually nothing opens, because the keys are others.
        const char* what = content.ok() ? " was edited" : " cannot be opened with the keys at hand";
        audit::AddDifference(
            check, absl::StrCat("signature ", kept.signature_id, " of ", kept.kind, " ", kept.document_id, what));
        continue;
      }
      kept.content = *std::move(content);
      if (latest.has_value() && (latest->kind != kept.kind || latest->document_id != kept.document_id)) {
        RETURN_IF_ERROR(CompareCurrent(session, store, loaders, *latest, check));
      }
      latest = std::move(kept);
    }
    if (static_cast<int64_t>(rows.size()) < kSignaturesPerReadMax) break;
  }
  if (latest.has_value()) RETURN_IF_ERROR(CompareCurrent(session, store, loaders, *latest, check));
  return check;
}

}  // namespace documents

absl::StatusOr<v1::Signature> UnitOfWork::Sign(const pb::Message& document, const DocumentRef& ref,
                                               const v1::Signature& given) {
  if (!MarksFields(*document.GetDescriptor())) {
    return absl::InternalError(absl::StrCat(document.GetDescriptor()->name(), " marks no field as signed"));
  }
  const std::string content = documents::SignedContent(document);
  v1::Signature signature = given;
  *signature.mutable_sign_time() = now_proto();
  signature.set_document_digest(audit::Sha256(content));
  signature.set_recorder(actor_.on_behalf_of.empty() ? actor_.subject : actor_.on_behalf_of);
  const std::string signature_id = NewId();
  const std::string role = v1::Signature::SignerRole_Name(signature.signer_role());
  const std::string method = v1::Signature::AuthorizationMethod_Name(signature.method());
  RETURN_IF_ERROR(
      session_
          .Execute(
              "INSERT INTO signed_document (store_id, signature_id, document_kind, document_id, document_version, "
              "signer, signer_role, method, evidence, sign_time, digest, content, recorder) VALUES (?, ?, ?, ?, ?, "
              "?, ?, ?, ?, ?, ?, ?, ?)",
              sql::Uuid{store_id_}, sql::Uuid{signature_id}, ref.kind, sql::Uuid{ref.id}, ref.version,
              sql::Bytes{host_.cipher().Seal(signature.signer_name(), kSignerPlace)}, role, method,
              signature.evidence(), now_, sql::Bytes{signature.document_digest()},
              sql::Bytes{host_.cipher().Seal(content, kContentPlace)}, signature.recorder())
          .status());
  Record({.table = "signed_document",
          .record_id = signature_id,
          .before_json = "",
          .after_json = absl::StrCat("{\"document_kind\":\"", std::string(ref.kind), "\",\"document_id\":\"", ref.id,
                                     "\",\"document_version\":", ref.version, ",\"digest\":\"",
                                     audit::Hex(signature.document_digest()), "\"}")});
  return signature;
}

}  // namespace chassis
