// What a function's environments remember of idempotency records, and when they forget it.

#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::fixed;
using testing::OneFunction;
using testing::Server;

/// A function that works within a claim by the journey's key, as long as the request says.
struct Remembering : OneFunction {
  explicit Remembering(FunctionConfig config) : OneFunction(std::move(config)) {
    store = &world.add<Server>("records", 5ms);
    const PortId write = world.connect(function->id(), store->id());
    Program program;
    program.add({.verb = Step::Verb::claim, .target = 5, .wraps = true, .port = write});
    program.add({.verb = Step::Verb::compute_work});
    program.add({.verb = Step::Verb::complete, .wraps = true, .port = write});
    program.add({.verb = Step::Verb::jump, .target = 5});
    program.add({.verb = Step::Verb::release, .wraps = true, .port = write});
    program.add({.verb = Step::Verb::end});
    program.wrappers.push_back({.records = &world.shared<IdempotencyRecords>("records"),
                                .expires_after = 4h,
                                .by_key = true,
                                .local_cache_max_items = 256,
                                .release = 4});
    function->set_program(std::move(program));
  }
  void send(Duration when, std::uint64_t key, Duration work = 100ms) {
    probe->send_at(at(when), port, {.key = key, .work = work});
  }
  /// Duplicates that were left out, and of them those that the store was not asked for.
  using Suppressed = std::pair<std::int64_t, std::int64_t>;
  Suppressed suppressed() const {
    return {log.marks(Mark::duplicate_suppressed), log.marks(Mark::cache_hit)};
  }

  Server* store;
};

TEST(FunctionIdempotency, AWarmEnvironmentDoesNotAskAgain) {
  Remembering one({});
  one.send(0s, 7);
  one.send(1s, 7);
  one.run(10s);
  EXPECT_EQ(one.suppressed(), (Remembering::Suppressed{1, 1}));
  EXPECT_EQ(one.store->calls.size(), 2u);
}

TEST(FunctionIdempotency, TwoEnvironmentsKnowDifferentThings) {
  Remembering one({});
  one.send(0s, 7, 1s);
  one.send(500ms, 8, 1s);  // in an environment of its own, the last to be used
  one.send(5s, 7);
  one.run(10s);
  EXPECT_EQ(one.suppressed(), (Remembering::Suppressed{1, 0}));
}

TEST(FunctionIdempotency, AnEnvironmentThatEndedIsForgottenThoughTheNextHasItsPlace) {
  Remembering one({.keep_alive = KeepAlive::fixed(60s)});
  one.send(0s, 7);
  one.send(100s, 7);
  one.run(200s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2);
  EXPECT_EQ(one.suppressed(), (Remembering::Suppressed{1, 0}));
}

TEST(FunctionIdempotency, AnEnvironmentThatWasResetRemembersNothing) {
  Remembering one({.timeout = 3s});
  one.send(0s, 7);
  one.send(1s, 8, 10s);  // runs into the timeout
  one.send(5s, 7);
  one.run(20s);
  EXPECT_EQ(one.log.marks(Mark::function_timeout), 1);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 1);
  EXPECT_EQ(one.suppressed(), (Remembering::Suppressed{1, 0}));
}

TEST(FunctionIdempotency, AProvisionedEnvironmentThatEndedIsForgotten) {
  ProvisionedConfig provisioned{.environments = 1};
  provisioned.schedule = {{.at = 50s, .environments = 0}};
  Remembering one({.provisioned = provisioned});
  one.send(0s, 7);
  one.send(100s, 7);
  one.run(200s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 1);
  EXPECT_EQ(one.suppressed(), (Remembering::Suppressed{1, 0}));
}

}  // namespace
}  // namespace spillway
