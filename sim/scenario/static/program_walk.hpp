#pragma once
/// A handler's program, walked in expectation: how often each of its calls is made for one request, and how
/// long it takes on average.
///
/// Arms of a `parallel` count by the longest of their means, which is a lower bound of the mean of the
/// longest.

#include <functional>
#include <string_view>

#include "spillway/settings.hpp"

namespace spillway {

/// One request's way through a program.
struct WalkedRequest {
  std::string_view class_name{};
  double first = 1;         ///< the chance that it is the first of its batch
  double work_seconds = 0;  ///< what `compute: request` takes
  /// A call or emit that is made with this probability; says how many seconds it is waited for.
  std::function<double(const Value& step, double chance)> hop;
};

/// The mean seconds of one request.
double walk_program(const Value& program, const WalkedRequest& request);

}  // namespace spillway
