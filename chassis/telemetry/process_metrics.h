// What the operating system and the connection pool know about this process, collected when Prometheus asks: memory,
// CPU, threads, open files, connections. Nothing on the path of a call.
#pragma once

#include <functional>
#include <memory>

#include "chassis/sql/pool.h"
#include "prometheus/collectable.h"

namespace chassis::telemetry {

std::shared_ptr<prometheus::Collectable> ProcessMetrics();
// `pool` outlives the collectable's use: unregister it first.
std::shared_ptr<prometheus::Collectable> PoolMetrics(const sql::Pool& pool);

}  // namespace chassis::telemetry
