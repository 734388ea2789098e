// Signatures (G-04): what exactly was signed is kept as bytes with their digest, so nobody can change a signed
// document and keep its signature. Knows no document by name: the fields marked (column).signed are what is signed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/privacy/cipher.h"
#include "chassis/sql/session.h"
#include "google/protobuf/message.h"

namespace chassis::documents {

// The signed content of a document, canonical: its fields marked `signed` in order of their numbers, messages among
// them by their own marked fields (whole where none is marked), times to the microsecond, map entries by key, nothing
// unset, nothing unknown. Serialized as a message of the document's own type, so it can be read back.
std::string SignedContent(const google::protobuf::Message& document);

// Finds the current document; null when what was signed was superseded by a version still to be signed.
using Loader = std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
    sql::Session&, const std::string& store_id, const std::string& id)>;

// The check "signed_documents": every signature's content still has its digest, and the current document still says
// what the latest signature covers.
absl::StatusOr<aftersales::common::v1::LedgerCheck> VerifySignedDocuments(sql::Session& session,
                                                                          const privacy::Cipher& cipher,
                                                                          const std::map<std::string, Loader>& loaders,
                                                                          const std::string& store_id);

}  // namespace chassis::documents
