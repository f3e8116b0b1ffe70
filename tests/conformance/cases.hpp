#pragma once
// Worked examples of others, each a row of a file in cases/: its id, its kind, what goes in, what is
// expected, and where it stands in the world.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spillway::testing {

using Case = nlohmann::json;

inline std::vector<Case> cases_of(const std::string& file) {
  std::ifstream in(SPILLWAY_SOURCE_DIR "/tests/conformance/cases/" + file);
  Case all = Case::parse(in);
  return all.is_array() ? all : all.at("cases");
}

/// A case's id as GoogleTest lets a test be called.
inline std::string name_of_case(const ::testing::TestParamInfo<Case>& of) {
  std::string name = of.param["id"];
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

/// What is done with the cases of a kind, or with one case: by its name.
using Runs = std::map<std::string, std::function<void(const Case& in, const Case& expected)>>;

/// `which` names what is run, "kind" or "id".
inline void run_case(const Runs& runs, const char* which, const Case& row) {
  const auto run = runs.find(row[which]);
  ASSERT_NE(run, runs.end()) << "nobody runs " << row[which];
  SCOPED_TRACE(row.value("source", ""));
  run->second(row["inputs"], row["expected"]);
}

}  // namespace spillway::testing
