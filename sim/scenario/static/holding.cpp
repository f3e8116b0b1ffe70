// How long a request holds each place, by a fixed point from zero: as deep as the topology is, as many
// rounds.

#include <algorithm>

#include "scenario/static/load.hpp"
#include "scenario/static/program_walk.hpp"
#include "scenario/static/table_access.hpp"
#include "spillway/distribution.hpp"

namespace spillway {

namespace {

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

class Holding {
 public:
  Holding(const Topology& topology, bool fails)
      : topology_(topology),
        fails_(fails),
        held_(topology.places.size(), std::vector<double>(topology.classes, 0)) {}

  std::vector<std::vector<double>> settle() {
    // In a cycle of calls the sum would grow for ever; time-outs end it sooner or later, rounds at any rate.
    for (std::size_t round = 0; round <= topology_.places.size(); ++round) {
      bool changed = false;
      for (std::size_t place = 0; place < topology_.places.size(); ++place) {
        for (std::size_t of = 0; of < topology_.classes; ++of) {
          const double now = one(topology_.places[place], of);
          changed = changed || now != held_[place][of];
          held_[place][of] = now;
        }
      }
      if (!changed) break;
    }
    return std::move(held_);
  }

 private:
  double one(const Place& place, std::size_t of) const {
    struct Row {
      std::string_view type;
      double (Holding::*seconds)(const Place&, const Value&, std::size_t) const;
    };
    static constexpr Row kRows[] = {
        {"client", &Holding::of_client},
        {"aws.apigateway.http", &Holding::of_gateway},
        {"aws.apigateway.rest", &Holding::of_gateway},
        {"aws.apigateway.websocket", &Holding::of_gateway},
        {"aws.dynamodb.table", &Holding::of_table},
        {"aws.sqs.queue", &Holding::of_queue},
        {"http.endpoint", &Holding::of_endpoint},
    };
    const Value& settings = topology_.member(place.vertex).value;
    const auto* const row = std::ranges::find(kRows, topology_.type(place.vertex), &Row::type);
    if (row != std::ranges::end(kRows)) return (this->*row->seconds)(place, settings, of);
    return of_handler(place, settings, of);
  }

  double of_client(const Place& place, const Value&, std::size_t of) const {
    double sum = 0;
    for (const Hop& hop : place.hops) sum += hop.share[of] > 0 ? hop.share[of] * waited(hop, of) : 0;
    return sum;
  }

  double of_gateway(const Place& place, const Value& settings, std::size_t of) const {
    return mean(settings, "overhead") + of_client(place, settings, of);
  }

  double of_table(const Place& place, const Value& settings, std::size_t) const {
    return mean(settings, table_access(place.label, 1).writes ? "write_latency" : "read_latency");
  }

  double of_queue(const Place&, const Value& settings, std::size_t) const {
    return mean(settings, "send_latency");
  }

  double of_endpoint(const Place&, const Value& settings, std::size_t) const {
    return settings["work"].choice_index() == 1 ? 0 : mean(settings, "service");
  }

  /// A message's part of an invocation, which the timeout ends.
  double of_handler(const Place& place, const Value& settings, std::size_t of) const {
    const Value* const program = topology_.program(place.vertex);
    if (program == nullptr) return 0;
    const auto& classes = topology_.scenario->classes;
    std::size_t next = 0;
    double sum = walk_program(
        *program, {.class_name = of < classes.size() ? std::string_view(classes[of]) : std::string_view(),
                   .first = 1 / place.batch,
                   .hop = [&](const Value&, double) { return waited(place.hops[next++], of); }});
    const Value* const timeout = given(settings, "timeout");
    if (timeout != nullptr) sum = std::min(sum, seconds(timeout->duration()) / place.batch);
    return sum;
  }

  double waited(const Hop& hop, std::size_t of) const {
    double attempt = held_[hop.to][of] + seconds(hop.latency);
    if (hop.timeout > Duration::zero()) attempt = std::min(attempt, seconds(hop.timeout));
    return fails_ && attempt > 0 ? attempt * hop.in_turn() : attempt;
  }

  static double mean(const Value& settings, std::string_view name) {
    const Value* const value = given(settings, name);
    return value == nullptr ? 0 : value->distribution().mean() * 1e-9;
  }

  const Topology& topology_;
  bool fails_;
  std::vector<std::vector<double>> held_;
};

}  // namespace

std::vector<std::vector<double>> holding_seconds(const Topology& topology, bool every_attempt_fails) {
  return Holding(topology, every_attempt_fails).settle();
}

}  // namespace spillway
