#pragma once
/// Which call each call was made for, so that records are fetched before an answer comes to them.
///
/// An answer travels up a chain of calls within one event, faster than memory follows: each record on its way
/// was last used long ago, and only names the next. The links therefore also stand by themselves, four bytes
/// each and so in the cache, and lead the way a few records ahead.

#include <cstdint>
#include <vector>

#include "spillway/journey.hpp"

namespace spillway {

class AnswerPath {
 public:
  /// `call` is made for the sake of `served`.
  void made(CallId call, CallId served) {
    const auto index = static_cast<std::size_t>(call);
    if (index >= served_.size()) [[unlikely]]
      served_.resize(index + index / 2 + 64, kNoCall);
    served_[index] = served;
  }

  /// Asks `calls` for the records above a call that was made for another's sake and is answered now. Its link
  /// ends here: a record that is used again for a call of nobody's sake must not lead on.
  template <class Calls>
  void follow(CallId answered, const Calls& calls) {
    int steps = 1;
    if (answered != next_) {
      ahead_ = answered;
      steps = kAhead;
    }
    for (; steps > 0 && ahead_ != kNoCall; --steps) {
      ahead_ = served(ahead_);
      if (ahead_ != kNoCall) calls.fetch(ahead_);
    }
    next_ = served(answered);
    if (next_ != kNoCall) served_[static_cast<std::size_t>(answered)] = kNoCall;
  }

  std::size_t bytes() const { return served_.capacity() * sizeof(CallId); }

 private:
  static constexpr int kAhead = 3;

  CallId served(CallId call) const {
    const auto index = static_cast<std::size_t>(call);
    return index < served_.size() ? served_[index] : kNoCall;
  }

  std::vector<CallId> served_;  ///< by the number of the call that was made
  CallId next_ = kNoCall;       ///< is answered next, if the answer goes on up
  CallId ahead_ = kNoCall;      ///< the last that was asked for
};

}  // namespace spillway
