// Retry and Catch.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"

namespace spillway::asl {

std::vector<std::string> Loader::error_equals(const Part& part, bool last) {
  std::vector<std::string> errors;
  const Json* names = list(part, "ErrorEquals", true);
  if (names == nullptr) return errors;
  if (names->empty()) problem(part.to("ErrorEquals"), "'ErrorEquals' must name at least one error");
  for (std::size_t i = 0; i < names->size(); ++i) {
    if ((*names)[i].is_string()) {
      errors.push_back((*names)[i].get<std::string>());
    } else {
      problem(part.to("ErrorEquals") + '/' + std::to_string(i), "an error's name must be a text");
    }
  }
  const bool all = std::find(errors.begin(), errors.end(), "States.ALL") != errors.end();
  if (all && errors.size() > 1) problem(part.to("ErrorEquals"), "'States.ALL' must stand alone");
  if (all && !last)
    problem(part.to("ErrorEquals"), "'States.ALL' must stand in the last element of its list");
  return errors;
}

Retrier Loader::read_retrier(const Part& part, bool last) {
  Retrier retrier;
  if (!part.value.is_object()) {
    problem(part.pointer, "a retrier must be an object");
    return retrier;
  }
  static constexpr std::array<std::string_view, 7> kKnown{"BackoffRate",     "Comment",        "ErrorEquals",
                                                          "IntervalSeconds", "JitterStrategy", "MaxAttempts",
                                                          "MaxDelaySeconds"};
  check_keys(part, kKnown, "a retrier");
  retrier.errors = error_equals(part, last);
  retrier.interval_seconds = whole(part, "IntervalSeconds", {1, 99'999'999}).value_or(1);
  retrier.max_attempts = whole(part, "MaxAttempts", {0, 99'999'999}).value_or(3);
  retrier.max_delay_seconds = whole(part, "MaxDelaySeconds", {1, 31'622'400});
  if (const Json* rate = part.find("BackoffRate")) {
    if (rate->is_number() && rate->get<double>() >= 1.0) {
      retrier.backoff_rate = rate->get<double>();
    } else {
      problem(part.to("BackoffRate"), "'BackoffRate' must be a number of at least 1.0");
    }
  }
  static constexpr std::array<std::string_view, 2> kStrategies{"FULL", "NONE"};
  retrier.full_jitter = one_of(part, "JitterStrategy", kStrategies, "NONE") == "FULL";
  return retrier;
}

Catcher Loader::read_catcher(const Part& part, bool last, const State& state, const Names& names) {
  Catcher catcher;
  if (!part.value.is_object()) {
    problem(part.pointer, "a catcher must be an object");
    return catcher;
  }
  static constexpr std::array<std::string_view, 5> kPath{"Assign", "Comment", "ErrorEquals", "Next",
                                                         "ResultPath"};
  static constexpr std::array<std::string_view, 5> kAta{"Assign", "Comment", "ErrorEquals", "Next", "Output"};
  const bool ata = state.language == Language::jsonata;
  check_keys(part, ata ? kAta : kPath, ata ? "a catcher in JSONata" : "a catcher in JSONPath");
  catcher.errors = error_equals(part, last);
  catcher.next = target(part, "Next", names);
  if (ata) {
    catcher.output = payload(part, "Output", state.language);
  } else {
    catcher.result_path = selector(part, "ResultPath", true);
  }
  if (part.has("Assign")) catcher.assign = assignments(part, state.language);
  return catcher;
}

}  // namespace spillway::asl
