#pragma once
/// The vocabulary that all services share.
///
/// A *Journey* is one unit of traffic that enters the topology. A *Call* is one hop of it: everything that
/// crosses from one service to another is a call that is answered with an Outcome; a one-way send is a call
/// that is answered when it is accepted. A *Message* is what a queue holds between two calls, and a *Receipt*
/// is what a consumer holds of it: one for each time that the message is received. All are plain records in
/// pools.

#include <cstdint>

#include "spillway/pool.hpp"
#include "spillway/retry_layer.hpp"
#include "spillway/time.hpp"

namespace spillway {

enum class JourneyId : std::uint32_t {};
enum class CallId : std::uint32_t {};
enum class MessageId : std::uint32_t {};
enum class ReceiptId : std::uint32_t {};
enum class WaitsId : std::uint32_t {};
enum class ServiceId : std::uint32_t {};
enum class PortId : std::uint32_t {};

inline constexpr auto kNoJourney = JourneyId{UINT32_MAX};
inline constexpr auto kNoCall = CallId{UINT32_MAX};
inline constexpr auto kNoMessage = MessageId{UINT32_MAX};
inline constexpr auto kNoReceipt = ReceiptId{UINT32_MAX};
inline constexpr auto kNoWaits = WaitsId{UINT32_MAX};
inline constexpr auto kNoPort = PortId{UINT32_MAX};

/// How a call was answered.
enum class Outcome : std::uint8_t {
  ok,         ///< done, or accepted
  throttled,  ///< refused because a rate or concurrency limit was reached (HTTP 429)
  fault,      ///< the callee, or something behind it, failed: transient (HTTP 5xx)
  error,    ///< the code that ran failed (an unhandled exception): trying again may help, but no SDK does it
  refused,  ///< the request itself is not acceptable (HTTP 4xx other than 429): trying again cannot help
  timed_out,  ///< the caller stopped waiting; the callee runs on
};
inline constexpr std::size_t kOutcomes = 6;
const char* name_of(Outcome outcome);

/// The kinds of failure that retry quotas price differently.
enum class Failure : std::uint8_t { none, transient, throttled, timed_out };
constexpr Failure failure_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return Failure::none;
    case Outcome::throttled: return Failure::throttled;
    case Outcome::timed_out: return Failure::timed_out;
    default: return Failure::transient;
  }
}

/// How a journey, or a branch of it, ended, from good to bad: a journey ends as its worst branch did.
enum class Ending : std::uint8_t { succeeded, failed, expired, dead_lettered };
inline constexpr std::size_t kEndings = 4;
const char* name_of(Ending ending);

/// Where the time of a call went, other than into service: what is left of its latency is service.
struct Waits {
  Duration queued{};   ///< waiting for a server, a slot or a poller
  Duration cold{};     ///< waiting for an execution environment to start
  Duration backoff{};  ///< waiting between two attempts

  Waits& operator+=(const Waits& other) {
    queued += other.queued;
    cold += other.cold;
    backoff += other.backoff;
    return *this;
  }
  friend Waits operator+(Waits a, const Waits& b) { return a += b; }
  Duration total() const { return queued + cold + backoff; }
};

/// The lineage of a call tells its random draws apart from those of every other attempt at the same work:
/// zero as long as every hop on the way was a first attempt, otherwise a hash of which hops were repeated. It
/// also says whether one was, and which layer did so last: calls made for a repeated call inherit that.
///
///   bit 31: repeated     bits 28 to 30: by which layer, when it was     the rest: the hash
struct Lineage {
  std::uint32_t word = 0;

  static constexpr std::uint32_t kRepeat = 1u << 31;
  bool repeat() const { return (word & kRepeat) != 0; }
  RetryLayer layer() const {
    return repeat() ? static_cast<RetryLayer>((word & kLayer) >> kLayerAt) : RetryLayer::none;
  }

  /// The same work tried by `layer` for the n-th time (n >= 2) at the place that `salt` names.
  Lineage attempt(std::uint32_t salt, std::uint32_t n, RetryLayer layer) const {
    return n < 2 ? *this : Lineage{mix(word, salt * 2654435761u + n)}.repeated(layer);
  }
  /// The same again, by `layer`: what is sent again as a whole, while its parts have lineages of their own.
  Lineage repeated(RetryLayer layer) const {
    return Lineage{(word & ~kMarks) | kRepeat | static_cast<std::uint32_t>(layer) << kLayerAt};
  }
  /// Other work of the same handler: its n-th call (n >= 1) to a place that it called before.
  Lineage sibling(std::uint32_t n) const {
    if (n == 0) return *this;
    const Lineage other{mix(word, n + 0x51ed270bu) & ~kRepeat};
    return repeat() ? other.repeated(layer()) : other;
  }

 private:
  static constexpr std::uint32_t kLayerAt = 28;
  static constexpr std::uint32_t kLayer = (kRetryLayers - 1) << kLayerAt;
  static constexpr std::uint32_t kMarks = kRepeat | kLayer;
  static_assert(kRetryLayers == 8, "a layer fills its three bits");

  static constexpr std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
    std::uint64_t h = (std::uint64_t{a} << 32 | b) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    return static_cast<std::uint32_t>(h >> 32);
  }
};

inline constexpr std::int64_t kNoWork = -1;

/// It fits a cache line: what its branches waited for stands apart, since many wait for nothing.
struct alignas(64) Journey {
  Time born{};
  std::uint64_t ordinal = 0;  ///< which arrival of which client: the same in every candidate architecture
  std::uint64_t key = 0;      ///< what it is about: decides the partition of a table
  std::int64_t work_ns = kNoWork;   ///< a service duration that the recorded request brought with it
  std::uint32_t reached = 0;        ///< bit p: some attempt of it has reached the callee of port p (p < 32)
  std::uint32_t done = 0;           ///< bit p: the callee of port p has done its work for it once
  std::uint32_t references = 0;     ///< records that name it: it lives until the last is gone
  std::uint32_t bytes = 0;          ///< size of the request's body
  WaitsId waits = kNoWaits;         ///< of its branches: see World::branch_waits
  std::uint16_t branches : 15 = 0;  ///< how many of its branches have not ended
  std::uint16_t over : 1 = 0;       ///< it has ended; what is still done for it ends nothing again
  std::uint16_t traffic_class = 0;
  std::uint16_t client = 0;
  Ending ending = Ending::succeeded;
  bool counted = true;  ///< false when it was born in the warm-up
};
static_assert(sizeof(Journey) == 64);

struct alignas(64) Call {
  Time born{};  ///< when the caller first asked
  Time sent{};  ///< when this attempt was sent
  Waits waits{};
  JourneyId journey = kNoJourney;
  std::uint32_t tag = 0;         ///< the caller's own: what to go on with when the answer comes
  ReceiptId batch = kNoReceipt;  ///< of the first of the messages that it carries, when it carries any
  Lineage lineage{};
  std::uint32_t bytes = 0;
  std::uint16_t port = 0;
  std::uint8_t attempt = 1;
  Outcome outcome : 3 = Outcome::ok;
  Failure failed_before : 2 = Failure::none;  ///< how the attempt before this one failed
  bool abandoned : 1 = false;                 ///< the caller has stopped waiting
  bool repeat : 1 = false;                    ///< the journey's work has reached this callee before
  bool timed : 1 = false;                     ///< its port's deadlines count it
};
static_assert(sizeof(Call) == 64);

struct Message {
  Time sent{};  ///< when it was first sent: retention counts from here
  Time due{};   ///< when its present state ends: visible from, or visible again at
  JourneyId journey = kNoJourney;
  MessageId previous = kNoMessage;  ///< neighbours in the list of its state
  MessageId next = kNoMessage;
  MessageId older = kNoMessage;  ///< neighbours in the order of sending
  MessageId newer = kNoMessage;
  Lineage lineage{};
  std::uint32_t bytes = 0;
  std::uint32_t serial = 0;    ///< tells it from the messages that had this record before; zero: no message
  std::uint16_t received = 0;  ///< how often
  std::uint8_t state = 0;      ///< the queue's own
  bool dead = false;           ///< its branch of the journey has ended: it is a dead letter, or was one
  bool redriven = false;       ///< it came back from a dead-letter queue, to be handled again
};
static_assert(sizeof(Message) <= 56);

/// The message may be gone, or be in other hands, while a slow consumer still holds its receipt: so what the
/// handler needs is copied.
struct Receipt {
  Time received{};
  MessageId message = kNoMessage;
  std::uint32_t serial = 0;  ///< of the message; another one in its record: the message is gone
  JourneyId journey = kNoJourney;
  ReceiptId next = kNoReceipt;  ///< of the next message of the same batch
  Lineage lineage{};
  std::uint32_t bytes = 0;
  std::uint16_t times = 1;  ///< how often the message had been received, this time included, since it came
  bool repeat = false;      ///< it was delivered before: here, or before it was moved back
  Outcome outcome = Outcome::ok;  ///< how its handler ended, for partial responses
  bool ordered = false;     ///< a handler that reports failures stops at the first, and reports the rest too
  bool suppressed = false;  ///< its work had been done before, and was not done again
};
static_assert(sizeof(Receipt) <= 40);

}  // namespace spillway
