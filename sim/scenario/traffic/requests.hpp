#pragma once
/// Traffic given as a list of requests: every arrival at its recorded moment, with its own duration, class,
/// size and key where the list has them. The list is streamed: its length costs no memory.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "formats/traffic_file.hpp"
#include "model/arrivals.hpp"
#include "scenario/traffic/ratio.hpp"
#include "spillway/random.hpp"

namespace spillway {

struct RequestListSettings {
  std::string path;
  RequestColumns columns{};
  std::vector<std::string>
      class_names{};        ///< a class of the list is its place among these; another is a problem
  bool from_first = false;  ///< time zero is the first request's moment, not the column's own zero
  Ratio speed{};            ///< recorded time passes so much faster; durations stay as they are
  double keep = 1;          ///< each request is kept with this probability
  Duration repeat_every{};  ///< the list starts again after this time; zero: once
};

tl::expected<std::unique_ptr<Arrivals>, std::string> arrivals_from_list(const RequestListSettings& settings,
                                                                        Stream keeps);

/// A key's text as a number: FNV-1a, 64 bits, so that equal texts are equal keys on any machine.
std::uint64_t key_of(std::string_view text);

}  // namespace spillway
