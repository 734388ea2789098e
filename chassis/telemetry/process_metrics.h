// What the operating system, the connection pool and the build know about this process, collected when Prometheus
// asks: memory, CPU, threads, open files, connections, statements, version. Nothing on the path of a call.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "chassis/sql/pool.h"
#include "prometheus/collectable.h"

namespace chassis::telemetry {

std::shared_ptr<prometheus::Collectable> ProcessMetrics();
// aftersales_build_info: 1, with the name of the program and the version it was built as.
std::shared_ptr<prometheus::Collectable> BuildInfo(const std::string& service);
// `pool` outlives the collectable's use: unregister it first.
std::shared_ptr<prometheus::Collectable> PoolMetrics(const sql::Pool& pool);

}  // namespace chassis::telemetry
