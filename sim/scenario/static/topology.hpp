#pragma once
/// The topology as it can be read without running it: who asks whom, from which place in the scenario, how
/// often for each request, and how often again at most when it fails.
///
/// A *place* is a resource as it is asked for one thing: a route of a gateway, an operation of a table, a
/// function called directly or by an event source. Places are what the traffic equations are about; a *hop*
/// leads from one place to another. Resources alone make the graph in which cycles and reachability are
/// found.
///
/// Invariants: a place's hops leave from it and lead to a place that exists; a client's place is entered by
/// nothing.

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"
#include "spillway/retry_layer.hpp"

namespace spillway {

inline constexpr double kUnlimited = std::numeric_limits<double>::infinity();
inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();
inline constexpr std::size_t kNowhere = SIZE_MAX;

/// One layer's attempts, at most: those that are sent, and those of them behind which the callee works.
struct Attempts {
  RetryLayer layer = RetryLayer::none;
  double sent = 1;
  double worked = 1;
};

struct Hop {
  enum class Kind : std::uint8_t {
    call,     ///< asks and waits
    send,     ///< asks, and is answered when it is accepted
    poll,     ///< an event source takes messages out of a queue and invokes with them
    redrive,  ///< what was received too often
    returns,  ///< of a client that lost its connection; how often that happens is not known
    other,    ///< a reference of a type that is not known here
  };
  Kind kind = Kind::call;
  std::size_t to = kNowhere;      ///< place
  std::vector<double> share{};    ///< of the requests of its own place, by traffic class
  std::vector<Attempts> tries{};  ///< layers, from the outermost to the innermost
  Duration timeout{};             ///< of one attempt; zero: none
  Duration latency{};             ///< of the network, there and back
  double bytes = -1;              ///< mean size of the request; negative: the journey's own
  Position at;                    ///< where it is written

  double sent() const;
  double worked() const;
  double in_turn() const;  ///< of those that are sent: one after the other, and not side by side
};

struct Place {
  std::size_t vertex = 0;  ///< a resource of the scenario, or behind them a client
  int operation = 0;       ///< the callee's own number of it; negative: polled by an event source
  std::string label{};     ///< of the route or operation, or the queue that is polled; empty: its only one
  double batch = 1;        ///< messages in one invocation at most
  std::vector<Hop> hops{};
};

struct Topology {
  const Scenario* scenario = nullptr;
  std::size_t classes = 1;
  std::vector<Place> places;

  std::size_t resources() const { return scenario->resources.size(); }
  std::size_t vertices() const { return scenario->resources.size() + scenario->traffic.size(); }
  bool is_client(std::size_t vertex) const { return vertex >= resources(); }
  const Member& member(std::size_t vertex) const;
  const std::string& name(std::size_t vertex) const { return member(vertex).name; }
  const std::string& type(std::size_t vertex) const;  ///< "client" of a client
  std::size_t vertex(std::string_view resource) const;
  /// The handler program of a place's resource; nullptr: it has none.
  const Value* program(std::size_t vertex) const;
};

Topology read_topology(const Scenario& scenario);

/// Resources that ask each other in a circle, each circle as the places' order in the file.
std::vector<std::vector<std::size_t>> cycles(const Topology& topology);
/// Which resources some client's traffic can reach, dead-letter queues included.
std::vector<bool> reachable(const Topology& topology);

/// The member `name`, when the type has such a setting and it is set.
const Value* given(const Value& object, std::string_view name);

}  // namespace spillway
