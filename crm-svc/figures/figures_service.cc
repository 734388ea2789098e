#include "crm-svc/figures/figures_service.h"

#include <utility>

#include "crm-svc/figures/figures_store.h"

namespace crm {

FiguresService::FiguresService(chassis::Rooms& rooms) {
  for (chassis::Census::Family& figure : Figures()) rooms.Count(std::move(figure));
}

}  // namespace crm
