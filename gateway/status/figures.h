// Figures as Prometheus knows them: a value with its labels. What the status page is made of, wherever they come from.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::status {

struct Figure {
  std::map<std::string, std::string> labels;
  double value = 0;

  // "" without.
  std::string Label(const std::string& name) const {
    const auto found = labels.find(name);
    return found == labels.end() ? "" : found->second;
  }
};
using Figures = std::vector<Figure>;

}  // namespace gateway::status
