// The policy room; see policy_service.h.
#include "parts-svc/policy/policy_service.h"

#include "google/protobuf/util/field_mask_util.h"

namespace parts {

using chassis::UnitOfWork;
using google::protobuf::util::FieldMaskUtil;

PolicyService::PolicyService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PolicyService::Get);
  rooms.rpcs.On(this, &PolicyService::Update);
}

absl::StatusOr<v1::PartsPolicy> PolicyService::Get(chassis::Call& call, const v1::GetPartsPolicyRequest& request) {
  return call.Read([&](chassis::sql::Session& session) { return store_.Get(session, request.store_id()); });
}

absl::StatusOr<v1::PartsPolicy> PolicyService::Update(chassis::Call& call,
                                                      const v1::UpdatePartsPolicyRequest& request) {
  for (const std::string& path : request.update_mask().paths()) {
    const auto* field = v1::PartsPolicy::descriptor()->FindFieldByName(path);
    if (field == nullptr || path == "store_id" || path == "etag") {
      return chassis::InvalidField("update_mask", "没有此字段：" + path, "names no figure of the policy: " + path);
    }
  }
  return call.Transact<v1::PartsPolicy>([&](UnitOfWork& work) -> absl::StatusOr<v1::PartsPolicy> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const std::optional<v1::PartsPolicy> before, store_.Lock(work));
    v1::PartsPolicy after = before.value_or(v1::PartsPolicy());
    if (after.etag() != request.parts_policy().etag()) return chassis::ChangedMeanwhile("parts policy");
    FieldMaskUtil::MergeOptions replacing;
    replacing.set_replace_repeated_fields(true);
    replacing.set_replace_message_fields(true);
    for (const std::string& path : request.update_mask().paths()) {
      const auto* field = v1::PartsPolicy::descriptor()->FindFieldByName(path);
      after.GetReflection()->ClearField(&after, field);
    }
    FieldMaskUtil::MergeMessageTo(request.parts_policy(), request.update_mask(), replacing, &after);
    after.set_store_id(work.store_id());
    RETURN_IF_ERROR(CheckPolicy(WithDefaults(after)));
    if (!before.has_value()) {
      const absl::Status inserted = store_.table().Insert(work, after);
      if (absl::IsAlreadyExists(inserted)) return chassis::ChangedMeanwhile("parts policy");
      RETURN_IF_ERROR(inserted);
    } else {
      RETURN_IF_ERROR(store_.table().Update(work, *before, after));
    }
    return WithDefaults(after);
  });
}

}  // namespace parts
