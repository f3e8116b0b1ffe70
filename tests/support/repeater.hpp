#pragma once
/// A caller of repeats: it sends the same journeys again and again, as a queue does with a message.

#include <vector>

#include "spillway/world.hpp"

namespace spillway::testing {

/// Sends its journeys together, each for a layer of its own. Attempts are counted from 1.
class Repeater final : public Service {
 public:
  Repeater(World& world, std::string name, std::vector<RetryLayer> layers)
      : Service(world, std::move(name)), layers_(std::move(layers)) {}

  void send_at(Time when, PortId port, std::uint32_t attempt) {
    port_ = port;
    at<&Repeater::send>(when, attempt);
  }

  void on_call(CallId) override { check(false, "nobody calls a repeater"); }
  void on_answer(CallId id) override { world().end_branch(record(id).journey, Ending::succeeded); }

 private:
  void send(std::uint32_t attempt) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (attempt == 1) begin();
      call(port_, {.journey = journeys_[i], .lineage = Lineage{}.attempt(1, attempt, layers_[i])});
    }
  }
  void begin() {
    const JourneyId journey = journeys_.emplace_back(world().begin_journey({}));
    world().refer(journey);
    for (int i = 0; i < 100; ++i) world().begin_branch(journey);  // it outlives every attempt
  }

  std::vector<RetryLayer> layers_;
  std::vector<JourneyId> journeys_;
  PortId port_ = kNoPort;
};

}  // namespace spillway::testing
