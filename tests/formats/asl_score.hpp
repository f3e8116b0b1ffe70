#pragma once
/// Scores over many cases that others made: how many agree, by group, and a line for each that does not.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include "formats/json.hpp"
#include "formats/shared_data.hpp"

namespace spillway::asl {

/// A score by group, and a line for each disagreement.
struct Score {
  std::map<std::string, std::pair<int, int>> groups;
  std::vector<std::string> disagreements;

  void add(const std::string& group, const std::string& id, const std::string& disagreement) {
    auto& [good, all] = groups[group];
    ++all;
    if (disagreement.empty()) {
      ++good;
    } else {
      disagreements.push_back(id + ": " + disagreement);
    }
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [group, count] : groups)
      text += fmt::format("{}: {} of {}\n", group, count.first, count.second);
    for (const std::string& one : disagreements) text += one + '\n';
    return text;
  }
};

inline std::string shown(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline Json shared_json(const std::string& path) {
  std::string text;
  return read_shared(path, text) ? Json::parse(text) : Json();
}

inline double fraction_of(const Score& score) {
  int good = 0;
  int all = 0;
  for (const auto& [group, count] : score.groups) {
    good += count.first;
    all += count.second;
  }
  return all == 0 ? 0 : static_cast<double>(good) / all;
}

}  // namespace spillway::asl
