#pragma once
/// What happened, as observers see it. Services never print, count, price or trace: they call, answer, use
/// and level, and each of those verbs writes a fact. An observer subscribes to the kinds it needs; one that
/// wants only sums of the commonest lends a tally for them (model/tally.hpp).
///
/// Who caused a repeat: of a `used` fact its detail names the RetryLayer, of a `sent` fact the lineage of its
/// call does.

#include <array>
#include <cstdint>
#include <vector>

#include "spillway/journey.hpp"

namespace spillway {

enum class FactKind : std::uint8_t {
  born,       ///< a journey began                     subject: journey
  responded,  ///< its client has its answer            subject: journey; value: ns since born; call: the call
  ended,      ///< every branch of it has ended         subject: journey; value: ns since born; detail: Ending
  sent,  ///< an attempt left its caller           subject: call; value: items carried; extra: of them repeats
  answered,  ///< an attempt was answered or timed out subject: call; value: ns since sent; detail: Outcome
  settled,   ///< the caller has its final answer      subject: call; value: ns since born; detail: Outcome
  late,      ///< an answer came after its timeout     subject: call; value: ns since sent; detail: Outcome
  used,      ///< a billed quantity                    subject: meter; value: quantity; extra: of it for
             ///< repeats; detail: their RetryLayer
  levelled,  ///< a gauge moved                        subject: gauge; value: its new value
  marked,    ///< something worth counting             subject: mark; value: how many
};
inline constexpr std::size_t kFactKinds = 10;

/// Gauges of a resource: what it holds now.
enum class Gauge : std::uint8_t {
  concurrency,         ///< requests that are served now
  limit,               ///< how many it may serve at once
  backlog,             ///< requests or messages that wait and could be served
  in_flight,           ///< messages that were received and not yet deleted
  delayed,             ///< messages that are not visible yet
  environments,        ///< execution environments that exist
  oldest,              ///< when the oldest waiting message was sent, ns since the start; -1: none waits
  provisioned,         ///< environments kept ready ahead of demand
  provisioned_in_use,  ///< of them, those that serve a request now
  connections,         ///< connections that clients hold open
};
inline constexpr std::size_t kGauges = 10;
const char* name_of(Gauge gauge);

/// Things that are counted by resource.
enum class Mark : std::uint8_t {
  cold_start,
  duplicate,  ///< work done again for a journey for which it was done before
  dead_lettered,
  expired,
  dropped,  ///< lost without a dead-letter queue
  rate_throttled,
  concurrency_throttled,
  scaling_throttled,
  partition_throttled,
  queue_full,
  outage,
  function_timeout,
  quota_exhausted,  ///< a retry was not made because the client's retry quota was empty
  cache_hit,        ///< answered from a cache, without asking what stands behind it
  denied,           ///< refused by an authorizer
  quota_exceeded,   ///< refused since a plan's requests of the day, week or month were spent
  deduplicated,     ///< accepted, but not stored: a message with its deduplication id was accepted before
  redriven,         ///< moved back from a dead-letter queue
  filtered,         ///< deleted by an event source mapping's filter, unseen by its function
  duplicate_suppressed,  ///< work or a side effect was not done again, because its key was known
  reserved_concurrency_throttled,
  reserved_rate_throttled,
  spilled_over,        ///< a request that provisioned concurrency did not take
  event_retried,       ///< an asynchronous event that is tried again after a function error
  event_exhausted,     ///< an asynchronous event whose last retry failed
  event_expired,       ///< an asynchronous event that reached its maximum age
  destination_failed,  ///< what a destination or dead-letter queue did not take
  init_timed_out,      ///< an initialisation that ran into its limit
  execution_failed,    ///< of a state machine
  execution_timed_out,
  effect_left,         ///< a step's effect that stands though its execution failed or was rolled back
  transition_delayed,  ///< a state transition that waited for the account's quota
  state_retried,       ///< an attempt of a state that its Retry made
  history_full,        ///< an execution that failed since its history had too many events
  connection_opened,
  connection_throttled,  ///< not opened, since too many were opened at once
  connection_idled,      ///< closed since nothing went over it for too long
  connection_expired,    ///< closed since it had lasted as long as one may
  connection_dropped,    ///< lost, through no fault of its client
  connection_gone,       ///< what was meant for it found it closed
  message_too_large,     ///< closed its connection, or was not sent to one
};
inline constexpr std::size_t kMarks = 41;
const char* name_of(Mark mark);

/// A billed quantity by name; the world gives each name a number.
enum class MeterId : std::uint16_t {};

struct Fact {
  Time at{};
  std::int64_t value = 0;
  std::int64_t extra = 0;
  std::uint32_t subject = 0;
  std::uint16_t service = 0;  ///< the resource that it is about: for calls the callee
  FactKind kind = FactKind::born;
  std::uint8_t detail = 0;
};
static_assert(sizeof(Fact) == 32);

class Observer {
 public:
  virtual ~Observer() = default;
  /// What it subscribed to without naming a member. Records named by the fact may be read from the world
  /// until this returns.
  virtual void observe(const Fact&) {}
};

/// Who hears which facts.
class FactBus {
 public:
  void subscribe(Observer& observer, std::initializer_list<FactKind> kinds) {
    for (const FactKind kind : kinds) add(kind, {&observer, &observe_any});
  }
  void subscribe_all(Observer& observer) {
    for (std::size_t kind = 0; kind < kFactKinds; ++kind)
      add(static_cast<FactKind>(kind), {&observer, &observe_any});
  }
  /// Every kind, straight to one member.
  template <auto Member, class Owner>
  void subscribe_all(Owner& owner) {
    for (std::size_t kind = 0; kind < kFactKinds; ++kind)
      subscribe<Member>(owner, static_cast<FactKind>(kind));
  }
  /// One kind, straight to the member that wants it.
  template <auto Member, class Owner>
  void subscribe(Owner& owner, FactKind kind) {
    add(kind, {&owner,
               [](Observer& observer, const Fact& fact) { (static_cast<Owner&>(observer).*Member)(fact); }});
  }
  bool heard(FactKind kind) const { return (heard_ >> index(kind) & 1u) != 0; }
  bool heard(FactKind one, FactKind other) const {
    return (heard_ & (1u << index(one) | 1u << index(other))) != 0;
  }
  void publish(const Fact& fact) const {
    for (const auto& [observer, hear] : listeners_[index(fact.kind)]) hear(*observer, fact);
  }

 private:
  struct Listener {
    Observer* observer;
    void (*hear)(Observer&, const Fact&);
  };
  static void observe_any(Observer& observer, const Fact& fact) { observer.observe(fact); }
  static std::size_t index(FactKind kind) { return static_cast<std::size_t>(kind); }
  void add(FactKind kind, Listener listener) {
    listeners_[index(kind)].push_back(listener);
    heard_ |= 1u << index(kind);
  }

  std::uint32_t heard_ = 0;  ///< bit k: somebody listens to kind k
  std::array<std::vector<Listener>, kFactKinds> listeners_;
};

}  // namespace spillway
