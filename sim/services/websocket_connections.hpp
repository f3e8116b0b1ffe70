#pragma once
/// The connections of a WebSocket API: who has one, in which state it is, and which messages wait for it.
///
/// A connection belongs to an identity, the key of the journey that asked for it; an identity that opens a
/// second one has both, and is reached by the later. Connections are numbered, and numbers are used again:
/// memory grows with the most ever held at once.
///
/// Invariant: what waits for a connection was taken off it before its number is released.

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/math.hpp"
#include "model/key_index.hpp"
#include "spillway/check.hpp"
#include "spillway/journey.hpp"
#include "spillway/pool.hpp"
#include "spillway/time.hpp"

namespace spillway {

enum class WaiterId : std::uint32_t {};
inline constexpr auto kNoWaiter = WaiterId{UINT32_MAX};

struct WebSocketConnection {
  enum class State : std::uint8_t {
    unused,
    connecting,  ///< its handshake is under way, for `opener`
    open,
    away,  ///< closed against its client's wish, who will connect again
  };

  std::uint64_t key = 0;
  Time opened{};
  Time used{};                     ///< when a message last went over it
  Time leaves = kNever;            ///< when its client has had enough
  Time due{};                      ///< when it is to be looked at again
  JourneyId journey = kNoJourney;  ///< which opened it first, and in whose name it is closed
  CallId opener = kNoCall;
  Lineage lineage{};
  WaiterId first = kNoWaiter;
  WaiterId last = kNoWaiter;
  std::uint32_t returns = 0;  ///< how often its client has connected again
  State state = State::unused;
};

/// A message that waits until its sender is connected.
struct WebSocketWaiter {
  CallId call = kNoCall;
  WaiterId next = kNoWaiter;
  Time since{};
};

class WebSocketConnections {
 public:
  using State = WebSocketConnection::State;
  static constexpr std::uint32_t kNone = KeyIndex::kNone;

  /// One for this identity, to be opened.
  std::uint32_t take(std::uint64_t key) {
    std::uint32_t number = size();
    if (free_.empty()) {
      connections_.emplace_back();
    } else {
      number = free_.back();
      free_.pop_back();
    }
    connections_[number] = {.key = key, .state = State::connecting};
    by_key_.insert(key, number);
    return number;
  }

  void release(std::uint32_t number) {
    WebSocketConnection& gone = connections_[number];
    check(gone.first == kNoWaiter, "a connection is forgotten while messages wait for it");
    if (by_key_.find(gone.key) == number) by_key_.erase(gone.key);
    gone.state = State::unused;
    free_.push_back(number);
  }

  /// The latest connection of this identity; kNone: it has none.
  std::uint32_t find(std::uint64_t key) const { return by_key_.find(key); }

  WebSocketConnection& operator[](std::uint32_t number) { return connections_[number]; }

  /// Those that are open, on their way to be, or away.
  std::uint64_t held() const { return connections_.size() - free_.size(); }

  /// No number has been this large.
  std::uint32_t size() const { return static_cast<std::uint32_t>(connections_.size()); }

  void wait(std::uint32_t number, CallId call, Time now) {
    const WaiterId id = waiters_.take();
    waiters_[id] = {.call = call, .since = now};
    WebSocketConnection& to = connections_[number];
    if (to.last != kNoWaiter) waiters_[to.last].next = id;
    if (to.first == kNoWaiter) to.first = id;
    to.last = id;
  }

  /// Takes all that wait for a connection off it: the first of a chain that next_waiter() goes through.
  WaiterId take_waiters(std::uint32_t number) {
    connections_[number].last = kNoWaiter;
    return std::exchange(connections_[number].first, kNoWaiter);
  }
  WebSocketWaiter next_waiter(WaiterId& chain) {
    const WebSocketWaiter waiter = waiters_[chain];
    waiters_.release(chain);
    chain = waiter.next;
    return waiter;
  }

 private:
  std::vector<WebSocketConnection> connections_;
  std::vector<std::uint32_t> free_;
  KeyIndex by_key_;
  Pool<WebSocketWaiter, WaiterId> waiters_;
};

/// How long connections have been open, all together.
class ConnectionTime {
 public:
  std::int64_t open() const { return open_; }

  /// So many more are open from now on. Says how many are.
  std::int64_t change(Time now, std::int64_t by) {
    add(now);
    return open_ += by;
  }

  /// Whole seconds up to now that were not asked for before.
  std::int64_t take_seconds(Time now) {
    add(now);
    const auto whole = static_cast<std::int64_t>(spent_ / kSecond);
    spent_ -= Int128{whole} * kSecond;
    return whole;
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;

  void add(Time now) {
    spent_ += Int128{open_} * (now - until_).count();
    until_ = now;
  }

  std::int64_t open_ = 0;
  Int128 spent_ = 0;  ///< ns that were not asked for
  Time until_ = kStart;
};

}  // namespace spillway
