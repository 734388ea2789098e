#include "reception-svc/store/store_service.h"

#include "aftersales/common/v1/event.pb.h"

namespace reception {

namespace common = aftersales::common::v1;

StoreService::StoreService(chassis::Rooms& rooms) : stores_(rooms.host.cipher()) {
  chassis::Stores& known = rooms.host.stores();
  rooms.rpcs.Standard<common::Store>(
      stores_, [&known](chassis::UnitOfWork& work, const common::Store*, common::Store& after) -> absl::Status {
        // Dropped from the cache now; a reader between here and the commit sees the old settings for a minute at most.
        known.Forget(after.store_id());
        common::StoreChanged changed;
        *changed.mutable_store() = after;
        work.Publish(changed, {"store", after.store_id(), std::atoll(after.etag().c_str()) + 1});
        return absl::OkStatus();
      });
}

}  // namespace reception
