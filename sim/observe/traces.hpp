#pragma once
/// Traces: which hops the slowest journeys made, and when. At most 4,096 journeys are followed at once; one
/// that is born while so many are on their way is not, so memory is bounded however deep a queue grows, and
/// the followed ones are spread over the whole run. Of them the slowest dozen are kept.

#include <cstdint>
#include <string>
#include <vector>

#include "spillway/world.hpp"

namespace spillway {

struct TraceHop {
  std::uint32_t call = 0;  ///< tells open hops apart; means nothing later
  std::uint16_t port = 0;  ///< of the call; in a report its row among the results' edges
  std::uint8_t attempt = 1;
  RetryLayer layer = RetryLayer::none;  ///< who caused it, when it does again what reached its callee before
  Outcome outcome = Outcome::ok;
  bool answered = false;
  std::int64_t sent = 0;  ///< ns since the start of the run
  std::int64_t took = 0;  ///< ns; of an unanswered hop: until the journey ended
};

struct Trace {
  std::int64_t born = 0;
  std::int64_t response = -1;  ///< ns since born; -1: its client was never answered
  std::int64_t total = 0;
  std::uint16_t client = 0;
  std::uint64_t ordinal = 0;
  Ending ending = Ending::succeeded;
  Waits waits{};
  std::vector<TraceHop> hops;
  std::uint32_t more_hops = 0;  ///< that were not kept
};

struct TraceReport {
  std::uint64_t followed = 0;  ///< journeys that were followed to their end
  std::vector<Trace> slowest;  ///< the slowest first
};

class Traces final : public Observer {
 public:
  static constexpr std::size_t kFollowed = 4096;
  static constexpr std::size_t kKept = 12;
  static constexpr std::size_t kMostHops = 60;

  explicit Traces(World& world) : world_(world) {
    using enum FactKind;
    world.facts().subscribe(*this, {born, sent, answered, responded, ended});
  }

  void observe(const Fact& fact) override;
  TraceReport report();

 private:
  Trace* trace_of(JourneyId journey) {
    const auto index = static_cast<std::size_t>(journey);
    return index < places_.size() && places_[index] != 0 ? &open_[places_[index] - 1] : nullptr;
  }
  void born(const Fact& fact);
  void sent(const Fact& fact);
  void answered(const Fact& fact);
  void responded(const Fact& fact);
  void ended(const Fact& fact);
  void keep(Trace&& trace);
  /// Calls `visit` with the trace of every journey that a call carries and that is followed, and with the
  /// message that carries it in a batch.
  template <class Visit>
  void each_trace(const Call& call, Visit&& visit);

  World& world_;
  std::vector<std::uint32_t> places_;  ///< by journey: its place in open_ + 1; zero: not followed
  std::vector<Trace> open_;
  std::vector<std::uint32_t> free_;
  TraceReport result_;
};

}  // namespace spillway
