#pragma once
/// The models of P4 and P5 written by hand on the engine alone: no services, no ports, no observers, nothing
/// that can be configured. What they reach is what the machine gives on that day; the goals in requests a
/// second were set beside two such programs, so the share of it that Spillway reaches carries over where
/// absolute figures do not.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/sketch.hpp"
#include "report.hpp"
#include "spillway/distribution.hpp"
#include "spillway/random.hpp"
#include "spillway/simulation.hpp"

namespace spillway::bench {

/// Records by number; the newest free one is used again first.
template <class Record>
class Slab {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      records_.emplace_back();
      return static_cast<std::uint32_t>(records_.size() - 1);
    }
    const std::uint32_t id = free_.back();
    free_.pop_back();
    return id;
  }
  void release(std::uint32_t id) { free_.push_back(id); }
  Record& operator[](std::uint32_t id) { return records_[id]; }
  [[gnu::always_inline]] void fetch(std::uint32_t id) const {
    if (id < records_.size()) __builtin_prefetch(&records_[id]);
  }

 private:
  std::vector<Record> records_;
  std::vector<std::uint32_t> free_;
};

/// How long a number stood at what, for its mean.
class Level {
 public:
  void set(std::int64_t now, std::int64_t value) {
    area_ += Int128{value_} * (now - last_);
    last_ = now;
    value_ = value;
  }
  std::int64_t value() const { return value_; }

 private:
  std::int64_t value_ = 0;
  std::int64_t last_ = 0;
  Int128 area_ = 0;
};

/// One function: Poisson arrivals, a stack of warm environments, cold starts, a limit, a lognormal service
/// time, one sketch of latencies. Environments end by one timer for all.
class BareFunction final : public Actor {
 public:
  BareFunction(Simulation& simulation, double in_flight)
      : Actor(simulation), gap_(Distribution::exponential(100e6 / in_flight)) {
    after<&BareFunction::arrive>(gap_.duration(gaps_));
  }
  void arrive() {
    after<&BareFunction::arrive>(gap_.duration(gaps_));
    if (busy_ >= kLimit) return;
    ++busy_;
    const std::uint32_t id = requests_.take();
    Duration takes = work_.duration(works_);
    if (idle_.empty()) {
      takes += 150ms;
      idle_.push_back({environments_++, now()});
    }
    requests_[id] = {now(), idle_.back().environment};
    idle_.pop_back();
    after<&BareFunction::done>(takes, id);
  }
  void done(std::uint32_t id) {
    const Request& request = requests_[id];
    latency_.add((now() - request.born).count());
    idle_.push_back({request.environment, now()});
    if (!timer_armed_) {
      timer_armed_ = true;
      at<&BareFunction::expire>(idle_.front().since + kKeepAlive);
    }
    requests_.release(id);
    --busy_;
  }
  void expire() {
    std::size_t ended = 0;
    while (ended < idle_.size() && idle_[ended].since + kKeepAlive <= now()) ++ended;
    idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(ended));
    timer_armed_ = !idle_.empty();
    if (timer_armed_) at<&BareFunction::expire>(idle_.front().since + kKeepAlive);
  }
  void foresee(std::uint32_t id, Foresight what) const {
    if (what == Foresight::record) requests_.fetch(id);
  }
  std::uint64_t served() const { return latency_.count(); }

 private:
  struct Request {
    Time born{};
    std::uint32_t environment = 0;
  };
  struct Idle {
    std::uint32_t environment;
    Time since;
  };
  static constexpr std::int64_t kLimit = 10'000'000;
  static constexpr Duration kKeepAlive = 600s;

  Distribution gap_;
  Distribution work_ = Distribution::lognormal_mean_cv(100e6, 0.5);
  Draws gaps_ = Stream{1, "gaps"}.at(0);
  Draws works_ = Stream{1, "works"}.at(0);
  Slab<Request> requests_;
  std::vector<Idle> idle_;  ///< the last used at the end
  std::uint32_t environments_ = 0;
  std::int64_t busy_ = 0;
  bool timer_armed_ = false;
  Sketch latency_;
};

/// Eight hops: each works, asks the next and answers when it is answered; 1 % of the answers are tried again
/// after a pause. A sketch, a level and a count for each hop, and a sketch of whole requests.
class BareChain final : public Actor {
 public:
  BareChain(Simulation& simulation, double in_flight)
      : Actor(simulation), gap_(Distribution::exponential(kHops * 20e6 / in_flight)) {
    after<&BareChain::arrive>(gap_.duration(gaps_));
  }
  void arrive() {
    after<&BareChain::arrive>(gap_.duration(gaps_));
    const std::uint32_t journey = journeys_.take();
    journeys_[journey] = now();
    ask(0, journey, kNobody);
  }
  void again(std::uint32_t id) {
    calls_[id].sent = now();
    begin(id);
  }
  void worked(std::uint32_t id) {
    const Call call = calls_[id];
    call.hop + 1u < kHops ? ask(call.hop + 1u, call.journey, id) : answer(id);
  }
  void foresee(std::uint32_t id, Foresight what) {
    what == Foresight::record ? calls_.fetch(id) : journeys_.fetch(calls_[id].journey);
  }
  std::uint64_t served() const { return whole_.count(); }

 private:
  static constexpr std::uint32_t kHops = 8;
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  struct Call {
    Time sent{};
    std::uint32_t journey = 0;
    std::uint32_t above = kNobody;
    std::uint16_t hop = 0;
    std::uint16_t attempt = 1;
  };
  struct Hop {
    std::uint64_t attempts = 0;
    Level busy;
    Sketch latency;
  };

  void ask(std::uint32_t hop, std::uint32_t journey, std::uint32_t above) {
    const std::uint32_t id = calls_.take();
    calls_[id] = {.sent = now(), .journey = journey, .above = above, .hop = static_cast<std::uint16_t>(hop)};
    begin(id);
  }
  void begin(std::uint32_t id) {
    Hop& hop = hops_[calls_[id].hop];
    ++hop.attempts;
    hop.busy.set(now().time_since_epoch().count(), hop.busy.value() + 1);
    after<&BareChain::worked>(work_.duration(works_), id);
  }
  void answer(std::uint32_t id) {
    while (id != kNobody) {
      Call& call = calls_[id];
      Hop& hop = hops_[call.hop];
      hop.busy.set(now().time_since_epoch().count(), hop.busy.value() - 1);
      hop.latency.add((now() - call.sent).count());
      if (works_.chance(0.01) && call.attempt < 3) {
        ++call.attempt;
        return after<&BareChain::again>(50ms, id);
      }
      if (call.above == kNobody) {
        whole_.add((now() - journeys_[call.journey]).count());
        journeys_.release(call.journey);
      }
      const std::uint32_t answered = id;
      id = call.above;
      calls_.release(answered);
    }
  }

  Distribution gap_;
  Distribution work_ = Distribution::lognormal_mean_cv(20e6, 0.5);
  Draws gaps_ = Stream{1, "gaps"}.at(0);
  Draws works_ = Stream{1, "works"}.at(0);
  Slab<Call> calls_;
  Slab<Time> journeys_;
  std::array<Hop, kHops> hops_;
  Sketch whole_;
};

/// Requests a second of CPU time that a bare model serves, once it is warm.
template <class Model>
double bare_rate(double in_flight, std::uint64_t requests) {
  Simulation simulation;
  Model model(simulation, in_flight);
  simulation.run(kStart + 2s);
  const std::uint64_t before = model.served();
  const double spent = cpu_seconds([&] {
    while (model.served() - before < requests) simulation.run(simulation.now() + 100ms);
  });
  return static_cast<double>(model.served() - before) / spent;
}

}  // namespace spillway::bench
