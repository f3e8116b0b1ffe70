#pragma once
/// The loop. An event is a member function of an actor, bound when it is scheduled:
///
///     after<&Function::work_done>(duration, call);
///
/// so the place that schedules names what will run. An event is 16 bytes: its time, and one word that packs
/// the member's ordinal in a table of thunks, the actor's index and a 32-bit argument (the id of a record).
/// Events at equal times run in the order in which they were scheduled. Nothing is allocated per event.

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "engine/pending_set.hpp"
#include "engine/sorted_set.hpp"
#include "spillway/check.hpp"
#include "spillway/time.hpp"

namespace spillway {

class Actor;

/// Which memory to fetch for an event that will come soon: the record that its argument names, or, closer to
/// it, what that record names in turn.
enum class Foresight : std::uint8_t { record, beyond };

namespace detail {

/// How an event's member is run, and how the memory that it will touch is fetched ahead (null: it is not).
struct Thunk {
  void (*run)(Actor&, std::uint32_t) = nullptr;
  void (*foresee)(Actor&, std::uint32_t, Foresight) = nullptr;
};

/// The table of thunks: filled while the program starts, constant afterwards.
struct Thunks {
  static constexpr std::uint32_t kMost = 1u << 12;
  static std::array<Thunk, kMost>& table();
  static std::uint16_t add(Thunk thunk);
};

template <class T>
struct MemberTraits;
template <class Class, class Arg>
struct MemberTraits<void (Class::*)(Arg)> {
  using Owner = Class;
  using Argument = Arg;
};
template <class Class>
struct MemberTraits<void (Class::*)()> {
  using Owner = Class;
  using Argument = void;
};

template <auto Member>
void invoke(Actor& actor, std::uint32_t argument) {
  using Traits = MemberTraits<decltype(Member)>;
  auto& owner = static_cast<typename Traits::Owner&>(actor);
  if constexpr (std::is_void_v<typename Traits::Argument>) {
    (owner.*Member)();
  } else {
    (owner.*Member)(static_cast<typename Traits::Argument>(argument));
  }
}

/// An owner that says `void foresee(Argument, Foresight)` has its records fetched ahead.
template <auto Member>
constexpr Thunk thunk_of() {
  using Traits = MemberTraits<decltype(Member)>;
  using Owner = typename Traits::Owner;
  using Argument = typename Traits::Argument;
  if constexpr (requires(Owner& owner) { owner.foresee(Argument{}, Foresight::record); }) {
    return {&invoke<Member>, [](Actor& actor, std::uint32_t argument, Foresight what) {
              static_cast<Owner&>(actor).foresee(static_cast<Argument>(argument), what);
            }};
  } else {
    return {&invoke<Member>, nullptr};
  }
}

template <auto Member>
inline const std::uint16_t kOrdinal = Thunks::add(thunk_of<Member>());

}  // namespace detail

enum class ActorId : std::uint32_t {};

/// Owns the clock and the pending events. Not thread-safe: one simulation a thread.
class Simulation {
 public:
  /// Which pending-event set runs the simulation: the reference one is slow and plain, and exists to prove
  /// the other.
  enum class EventSet : std::uint8_t { ladder, reference };

  explicit Simulation(EventSet kind = EventSet::ladder) {
    if (kind == EventSet::reference) reference_ = std::make_unique<SortedSet>();
  }

  Time now() const { return now_; }
  std::uint64_t events() const { return events_; }
  std::size_t pending() const { return reference_ ? reference_->size() : ladder_.size(); }
  std::size_t bytes() const { return reference_ ? 0 : ladder_.bytes(); }

  ActorId add(Actor& actor) {
    check(actors_.size() < kMostActors, "too many actors in one simulation");
    actors_.push_back(&actor);
    return ActorId{static_cast<std::uint32_t>(actors_.size() - 1)};
  }

  /// Runs Member of `actor` with `argument` when `at` has come; `at` is now or later.
  template <auto Member>
  void at(Time at, ActorId actor, std::uint32_t argument) {
    check(at >= now_, "an event is scheduled in the past");
    const std::uint64_t word = (std::uint64_t{detail::kOrdinal<Member>} << 52) |
                               (std::uint64_t{static_cast<std::uint32_t>(actor)} << 32) | argument;
    push({static_cast<std::uint64_t>(at.time_since_epoch().count()), word});
  }

  /// Runs every event before `end` in order, then sets the clock to `end`. Stops early when `stop` says so.
  void run(Time end) {
    const auto limit = static_cast<std::uint64_t>(end.time_since_epoch().count());
    reference_ ? run_set(*reference_, limit) : run_set(ladder_, limit);
    if (!stopped_) now_ = end;
  }

  /// Ends run() after the event that is running.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  static constexpr std::size_t kMostActors = std::size_t{1} << 20;
  static constexpr std::size_t kCached = 4096;  ///< with fewer events pending their records stay near anyhow
  static constexpr std::size_t kFar = 7;        ///< events ahead at which a record is fetched
  static constexpr std::size_t kNear = 3;       ///< and what it names

  void push(PendingEvent entry) {
    if (reference_) [[unlikely]] {
      reference_->push(entry);
    } else {
      ladder_.push(entry);
    }
  }

  template <class Set>
  void run_set(Set& set, std::uint64_t limit) {
    const auto& thunks = detail::Thunks::table();
    while (!set.empty() && set.front().time < limit && !stopped_) {
      const PendingEvent entry = set.pop();
      const PendingEvent* const far = set.size() >= kCached ? set.ahead(kFar) : nullptr;
      if (far != nullptr) {
        foresee(thunks, *far, Foresight::record);
        foresee(thunks, *set.ahead(kNear), Foresight::beyond);
      }
      now_ = Time{Duration{static_cast<std::int64_t>(entry.time)}};
      ++events_;
      thunks[entry.word >> 52].run(actor_of(entry), static_cast<std::uint32_t>(entry.word));
    }
  }

  /// The coming events are known, so the cache misses of their records can be spent beside the present ones.
  void foresee(const std::array<detail::Thunk, detail::Thunks::kMost>& thunks, const PendingEvent& coming,
               Foresight what) const {
    const auto fetch = thunks[coming.word >> 52].foresee;
    if (fetch != nullptr) fetch(actor_of(coming), static_cast<std::uint32_t>(coming.word), what);
  }

  Actor& actor_of(const PendingEvent& entry) const {
    return *actors_[(entry.word >> 32) & (kMostActors - 1)];
  }

  RadixLadder ladder_;
  std::unique_ptr<SortedSet> reference_;
  std::vector<Actor*> actors_;
  Time now_ = kStart;
  std::uint64_t events_ = 0;
  bool stopped_ = false;
};

/// Something that events happen to. Derive, and schedule your own members with after<>.
class Actor {
 public:
  explicit Actor(Simulation& simulation) : simulation_(&simulation), actor_id_(simulation.add(*this)) {}
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor() = default;

  Time now() const { return simulation_->now(); }

 protected:
  /// Runs Member (of the class that asks, or of a base) after `delay`, which is zero or more.
  template <auto Member, class Argument = std::uint32_t>
  void after(Duration delay, Argument argument = Argument{}) {
    at<Member>(now() + delay, argument);
  }

  template <auto Member, class Argument = std::uint32_t>
  void at(Time time, Argument argument = Argument{}) {
    static_assert(sizeof(Argument) <= sizeof(std::uint32_t) && std::is_trivially_copyable_v<Argument>);
    simulation_->at<Member>(time, actor_id_, static_cast<std::uint32_t>(argument));
  }

  Simulation& simulation() { return *simulation_; }

 private:
  Simulation* simulation_;
  ActorId actor_id_;
};

}  // namespace spillway
