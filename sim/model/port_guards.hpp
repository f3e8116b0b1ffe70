#pragma once
/// What a caller may put between its retry policy and the network: a circuit breaker, hedging, or both. Each
/// attempt that the retry policy makes passes hedging first, and each request that hedging sends passes the
/// circuit breaker: so a retry meets an open breaker, and so does a hedge.
///
///   retry policy  >  hedging  >  circuit breaker  >  the callee
///
/// Ports without either have none of this, and pay nothing: they are asked about it only where a call has
/// left the straight line of model/service.cpp.
///
/// Invariant: a side that loses is abandoned as an attempt is that timed out. Its callee runs on, its late
/// answer is dropped, and its record lives until then.

#include <cstdint>
#include <optional>

#include "model/circuit_breaker.hpp"
#include "model/hedging.hpp"
#include "spillway/simulation.hpp"

namespace spillway {

class World;
class Service;
struct Call;
struct Port;

/// What they did, of one port or of several together.
struct GuardCounts {
  std::uint64_t circuits = 0;  ///< circuit breakers
  std::uint64_t short_circuited = 0;
  std::uint64_t opened = 0;
  std::uint64_t half_opened = 0;
  std::uint64_t closed = 0;
  Duration open{};            ///< the time that they were open, summed
  std::uint64_t hedging = 0;  ///< ports that hedge
  std::uint64_t hedges = 0;   ///< attempts sent beside, or at once after, another one
  std::uint64_t won = 0;      ///< of them: answered ok before the first one

  GuardCounts& operator+=(const GuardCounts& other);
};

class PortGuards final : public Actor {
 public:
  PortGuards(World& world, Port& port);

  /// Whether an attempt is to be sent now. One that is not is answered by the circuit breaker at once.
  bool lets_out(CallId id, Call& call);
  /// An attempt has its answer. True: it is not the call's, and the record is no longer the caller's affair.
  bool keeps(CallId id, Call& call);
  /// An attempt has timed out, and `copy` goes on in its place.
  void goes_on_as(CallId id, CallId copy);
  /// The answer came of an attempt for which nobody waits any more.
  void answered_late(CallId id, const Call& call);

  GuardCounts counts() const;
  void reset();

  /// How many answers ended no call and no wait, less the calls that wait after no answer: what the
  /// conservation of calls must know.
  std::int64_t kept_answers() const { return kept_answers_ - unsent_calls_; }

 private:
  struct Hedging {
    explicit Hedging(const HedgingPolicy& rules) : policy(rules), delay(rules), tokens(rules) {}
    HedgingPolicy policy;
    HedgingDelay delay;
    HedgingTokens tokens;
    HedgedCalls calls{};
    std::uint64_t sent = 0;
    std::uint64_t won = 0;
  };

  void short_circuited(CallId id);
  void hedge_due(HedgedId id);

  void begin(CallId id, const Call& call);
  void arm(HedgedId id, HedgedCall& hedged);
  bool may_hedge(const HedgedCall& hedged);
  void hedge(HedgedId id, HedgedCall& hedged, CallId side);
  void decided(HedgedId id, HedgedCall& hedged, Outcome outcome);
  void abandon(CallId side, bool overtaken);
  void forget(CallId id, const Call& call);

  World& world_;
  Port& port_;
  std::optional<CircuitBreaker> breaker_;
  std::optional<Hedging> hedging_;
  std::int64_t unsent_calls_ = 0;  ///< whose first attempt was short-circuited
  std::int64_t kept_answers_ = 0;
};

}  // namespace spillway
