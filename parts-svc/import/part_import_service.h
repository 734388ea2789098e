// The import room (P-01): the catalogue from and to files of any size. Files come in by client stream and are checked
// and loaded behind it; the small ImportParts of the catalogue room answers at once.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/import/part_import_job.h"

namespace parts {

class PartImportService {
 public:
  explicit PartImportService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::PartImport> Upload(chassis::Call& call, chassis::Reader<v1::UploadPartsRequest>& messages);
  absl::StatusOr<v1::PartImport> Begin(chassis::Call& call, const v1::UploadPartsRequest& first);
  absl::Status TakeIn(chassis::Call& call, const v1::UploadPartsRequest& message, const v1::PartImport& import,
                      std::string& pending);
  absl::Status Keep(chassis::Call& call, v1::PartImport& import, std::string& pending);
  absl::StatusOr<v1::PartImport> Get(chassis::Call& call, const v1::GetPartImportRequest& request);
  absl::Status Watch(chassis::Call& call, const v1::WatchPartImportRequest& request,
                     chassis::Writer<v1::WatchPartImportResponse>& writer);
  absl::StatusOr<v1::ListPartImportErrorsResponse> ListErrors(chassis::Call& call,
                                                              const v1::ListPartImportErrorsRequest& request);
  absl::StatusOr<v1::PartImport> Cancel(chassis::Call& call, const v1::CancelPartImportRequest& request);
  absl::Status Export(chassis::Call& call, const v1::ExportPartsRequest& request,
                      chassis::Writer<v1::ExportPartsResponse>& writer);

  absl::StatusOr<v1::PartImport> Shown(chassis::Call& call, const std::string& part_import_id);

  CatalogueStore catalogue_;
  PartImportStore store_;
  PartImportJob job_;
};

}  // namespace parts
