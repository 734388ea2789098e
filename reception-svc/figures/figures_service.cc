#include "reception-svc/figures/figures_service.h"

#include <utility>

#include "reception-svc/figures/figures_store.h"

namespace reception {

FiguresService::FiguresService(chassis::Rooms& rooms) {
  for (chassis::Census::Family& figure : Figures()) rooms.Count(std::move(figure));
}

}  // namespace reception
