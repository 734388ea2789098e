// See figures_service.h.
#include "parts-svc/figures/figures_service.h"

#include <utility>

#include "parts-svc/figures/figures_store.h"

namespace parts {

FiguresService::FiguresService(chassis::Rooms& rooms) {
  for (chassis::Census::Family& figure : Figures()) rooms.Count(std::move(figure));
}

}  // namespace parts
