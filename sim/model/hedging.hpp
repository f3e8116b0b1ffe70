#pragma once
/// Hedging: a client that sends a request again while the first still runs, and takes the answer that comes
/// first. Here are its rules, the delay before a hedge, the tokens that hold hedges back when too much fails,
/// and which calls are hedged now. What is done with them is in model/port_guards.cpp.
///
/// The rules are gRPC's hedgingPolicy and retryThrottling (gRFC A6); a delay that follows the measured
/// latency is that of Dean and Barroso, "The Tail at Scale" (2013).

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/retry_policy.hpp"
#include "spillway/journey.hpp"
#include "spillway/pool.hpp"
#include "spillway/time.hpp"

namespace spillway {

/// No call is sent more often (gRFC A6).
inline constexpr std::size_t kMostHedged = 5;

struct HedgingPolicy {
  std::int32_t max_attempts = 2;  ///< of one attempt of the retry policy, the first included
  Duration delay{};               ///< between two of them
  double quantile = 0;            ///< of the measured latencies: in place of the delay; zero: not used
  std::uint8_t non_fatal = kRetryNothing;  ///< outcomes that do not end the others: the next is sent at once
  std::int32_t tokens_millis = 0;          ///< thousandths of a token, when full; zero: hedges need none
  std::int32_t earned_millis = 0;          ///< by a success; a failure that is not fatal costs a whole one
};

/// How long the next hedge is held back.
class HedgingDelay {
 public:
  explicit HedgingDelay(const HedgingPolicy& policy);

  /// None as long as too few latencies are known.
  std::optional<Duration> next() const { return delay_; }
  void measured(Duration latency);

  static constexpr std::size_t kRemembered = 1000;  ///< latencies, the newest
  static constexpr std::size_t kRenewed = 100;      ///< after so many the quantile is worked out anew

 private:
  double quantile_;
  std::optional<Duration> delay_;
  std::vector<Duration> latencies_;  ///< a ring; empty where the delay is fixed
  std::vector<Duration> scratch_;
  std::size_t known_ = 0;
  std::size_t next_ = 0;
};

/// gRPC's retry throttling: hedges are sent as long as more than half of the tokens are there.
class HedgingTokens {
 public:
  explicit HedgingTokens(const HedgingPolicy& policy)
      : most_(policy.tokens_millis), earned_(policy.earned_millis), left_(most_) {}

  bool allow() const { return most_ == 0 || left_ > most_ / 2; }
  void failed() { left_ = left_ > 1000 ? left_ - 1000 : 0; }
  void succeeded() { left_ = left_ + earned_ < most_ ? left_ + earned_ : most_; }

 private:
  std::int32_t most_;
  std::int32_t earned_;
  std::int32_t left_;
};

enum class HedgedId : std::uint32_t {};
inline constexpr auto kNotHedged = HedgedId{UINT32_MAX};
/// Of a first attempt that a hedge overtook: its work, should it still succeed, is done for the second time.
inline constexpr auto kOvertaken = HedgedId{UINT32_MAX - 1};

/// An attempt that is hedged: from its sending until the answer that counts, or, if that is later, until its
/// last timer has run.
struct HedgedCall {
  Time begun{};
  Time due{};     ///< when the next hedge may be sent
  Waits waits{};  ///< of the call until it began
  std::array<CallId, kMostHedged> sides{kNoCall, kNoCall, kNoCall, kNoCall, kNoCall};  ///< waited for
  CallId first = kNoCall;  ///< the one that was not a hedge, while it is waited for
  Lineage lineage{};       ///< of that
  std::uint8_t attempt = 1;
  std::uint8_t sent = 1;
  std::uint8_t waited_for = 1;
  bool over = false;
  bool timer_armed = false;
};

/// The calls of one port that are hedged now, by their own numbers and by those of their sides.
class HedgedCalls {
 public:
  HedgedId begin(const HedgedCall& hedged, CallId first);
  void join(HedgedId hedged, CallId side);
  /// Takes a side out; it is waited for no longer.
  HedgedId leave(CallId side);
  /// Lets go of one that is over, when no timer holds it.
  void release(HedgedId id) { pool_.release(id); }

  HedgedCall& operator[](HedgedId id) { return pool_[id]; }
  HedgedId of(CallId side) const {
    const auto number = static_cast<std::size_t>(side);
    return number < of_.size() ? of_[number] : kNotHedged;
  }
  void note(CallId call, HedgedId as);

 private:
  Pool<HedgedCall, HedgedId> pool_;
  std::vector<HedgedId> of_;  ///< by the number of the call
};

}  // namespace spillway
