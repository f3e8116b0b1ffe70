// Idempotency records, and handlers that claim a key before they work: the five situations that Powertools
// documents, and what its failure windows let through.

#include "model/idempotency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "model/handler.hpp"
#include "support/repeater.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Server;
using Claim = IdempotencyRecords::Claim;

TEST(IdempotencyRecords, AreClaimedOnceUntilTheyExpire) {
  IdempotencyRecords records;
  EXPECT_EQ(records.claim(at(0s), 7, at(10s), at(1h)), Claim::taken);
  EXPECT_EQ(records.claim(at(5s), 7, at(15s), at(1h)), Claim::in_progress);
  EXPECT_EQ(records.claim(at(5s), 8, at(15s), at(1h)), Claim::taken);
  records.complete(at(6s), 7, at(2h));
  EXPECT_EQ(records.claim(at(2h) - Duration{1}, 7, at(3h), at(4h)), Claim::completed);
  EXPECT_EQ(records.claim(at(2h), 7, at(3h), at(4h)), Claim::taken);
}

TEST(IdempotencyRecords, AClaimEndsWithItsClaimantsTime) {
  IdempotencyRecords records;
  EXPECT_EQ(records.claim(at(0s), 7, at(10s), at(1h)), Claim::taken);
  EXPECT_EQ(records.claim(at(10s) - Duration{1}, 7, at(20s), at(1h)), Claim::in_progress);
  EXPECT_EQ(records.claim(at(10s), 7, at(20s), at(1h)), Claim::taken);
  EXPECT_EQ(records.claim(at(11s), 7, at(30s), at(1h)), Claim::in_progress);
}

TEST(IdempotencyRecords, AreForgottenWhenTheWorkFailed) {
  IdempotencyRecords records;
  records.forget(7);
  EXPECT_EQ(records.claim(at(0s), 7, at(10s), at(1h)), Claim::taken);
  records.forget(7);
  EXPECT_EQ(records.claim(at(1s), 7, at(10s), at(1h)), Claim::taken);
}

TEST(IdempotencyRecords, DoWhatAMapWould) {
  IdempotencyRecords records;
  struct Known {
    Time locked_until, expires;
    bool done;
  };
  std::map<std::uint64_t, Known> known;
  Draws draws = Stream(1, "idempotency").at(0);
  for (int i = 0; i < 50'000; ++i) {
    const Time now = at(i * 1s);
    const std::uint64_t key = draws.below(300) * 64;
    const auto found = known.find(key);
    const bool lives = found != known.end() && found->second.expires > now;
    switch (draws.below(3)) {
      case 0: {
        const Claim expected = !lives                             ? Claim::taken
                               : found->second.done               ? Claim::completed
                               : found->second.locked_until > now ? Claim::in_progress
                                                                  : Claim::taken;
        ASSERT_EQ(records.claim(now, key, now + 40s, now + 300s), expected);
        if (expected == Claim::taken) known[key] = {now + 40s, now + 300s, false};
        break;
      }
      case 1:
        records.complete(now, key, now + 200s);
        known[key] = {now, now + 200s, true};
        break;
      default: records.forget(key); known.erase(key);
    }
  }
}

TEST(IdempotencyRecords, TheirPlacesAreUsedAgain) {
  IdempotencyRecords records;
  for (std::uint64_t i = 0; i < 100'000; ++i) records.complete(at(i * 1s), i, at(i * 1s + 50s));
  EXPECT_LE(records.size(), 200u);
}

// ---- Handlers

/// Runs for a second at most.
class Runner final : public Handler {
 public:
  using Handler::Handler;
  void on_call(CallId id) override {
    const FrameId frame = prepare(id, environments.empty() ? 0 : environments.at(begun++));
    if (limit > Duration::zero()) after<&Runner::time_over>(limit, frame);
    run(frame);
  }
  void program_done(FrameId id) override {
    ended.push_back(id);
    answer(frame(id).serving, frame(id).outcome);
  }
  Time deadline(const Frame& frame) const override { return frame.started + 1s; }

  using Handler::lose_memory;

  Duration limit{};
  std::vector<std::uint32_t> environments;  ///< in which calls run, in turn; empty: all in one
  std::vector<FrameId> ended;

 private:
  void time_over(FrameId id) {
    if (std::ranges::count(ended, id) > 0) return;
    cancel(id);
    answer(frame(id).serving, Outcome::error);
  }

  std::size_t begun = 0;
};

/// A handler that asks a payment service within a claim by the journey's key.
struct Site {
  Site() : probe(world.add<Probe>("probe")), runner(world.add<Runner>("runner")) {
    store = &world.add<Server>("records", 5ms);
    payments = &world.add<Server>("payments", 100ms);
    records = &world.shared<IdempotencyRecords>("records");
    port = world.connect(probe.id(), runner.id());
    const auto to = [&](Server& callee) { return world.connect(runner.id(), callee.id()); };
    Program program;
    program.add({.verb = Step::Verb::claim, .target = 5, .wraps = true, .port = to(*store)});
    program.add({.verb = Step::Verb::call, .port = to(*payments)});
    program.add({.verb = Step::Verb::complete, .wraps = true, .port = to(*store)});
    program.add({.verb = Step::Verb::jump, .target = 5});
    program.add({.verb = Step::Verb::release, .wraps = true, .port = to(*store)});
    program.add({.verb = Step::Verb::end});
    program.wrappers.push_back({.records = records, .expires_after = 1h, .by_key = true, .release = 4});
    runner.set_program(std::move(program));
  }
  void send(Duration when, std::uint64_t key = 7) { probe.send_at(at(when), port, 0, key); }
  void run(Duration end = 3h) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  /// In the order of the answers.
  std::vector<Outcome> outcomes() const {
    std::vector<Outcome> all;
    for (const auto& answer : probe.answers) all.push_back(answer.outcome);
    return all;
  }

  World world;
  FactLog log{world};
  Probe& probe;
  Runner& runner;
  Server* store;
  Server* payments;
  IdempotencyRecords* records;
  PortId port;
};

TEST(Idempotency, OfTwoAtOnceOneIsDoneAndTheOtherIsToldSo) {
  Site site;
  site.send(0s);
  site.send(1ms);
  site.run();
  EXPECT_EQ(site.payments->calls.size(), 1u);
  EXPECT_EQ(site.outcomes(), (std::vector{Outcome::error, Outcome::ok}));
  EXPECT_EQ(site.probe.answers[0].when, at(6ms));
  EXPECT_EQ(site.store->calls.size(), 3u);  // two claims, one completion
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 0);
}

TEST(Idempotency, WhatIsDoneIsAnsweredFromItsRecord) {
  Site site;
  site.send(0s);
  site.send(1s);
  site.send(1s, 8);
  site.run();
  EXPECT_EQ(site.payments->calls.size(), 2u);
  EXPECT_EQ(site.outcomes(), (std::vector(3, Outcome::ok)));
  EXPECT_EQ(site.probe.answers[1].when, at(1005ms));
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 1);
}

TEST(Idempotency, AHandlerThatTimedOutBlocksItsKeyUntilItsTimeWouldHaveBeenOver) {
  Site site;
  site.runner.limit = 50ms;  // dies while the payment is made; its claim ends after a second
  site.send(0s);
  site.send(990ms);
  site.send(1100ms);
  site.run();
  EXPECT_EQ(site.payments->calls.size(), 2u);
  EXPECT_EQ(site.payments->calls[1].when, at(1105ms));
  EXPECT_EQ(site.probe.answers[1].when, at(995ms));
}

TEST(Idempotency, AFailureDeletesTheRecordAndTheNextIsDone) {
  Site site;
  site.payments->outcomes = {Outcome::fault};
  site.send(0s);
  site.send(1s);
  site.run();
  EXPECT_EQ(site.outcomes(), (std::vector{Outcome::error, Outcome::ok}));
  EXPECT_EQ(site.probe.answers[0].when, at(110ms));  // claimed, failed, deleted
  EXPECT_EQ(site.payments->calls.size(), 2u);
}

TEST(Idempotency, AnExpiredRecordIsDoneAgain) {
  Site site;
  site.send(0s);
  site.send(1h);  // remembered from 110 ms on
  site.send(1h + 110ms);
  site.run();
  EXPECT_EQ(site.payments->calls.size(), 2u);
  EXPECT_EQ(site.payments->calls[1].when, at(1h + 115ms));
}

TEST(Idempotency, AStoreThatFailsFailsTheHandler) {
  Site site;
  site.store->outcomes = {Outcome::refused, Outcome::ok, Outcome::refused};
  site.send(0s);  // its claim fails: nothing is done
  site.send(1s);  // its completion fails: done, and not remembered
  site.send(2s);  // by now the claim has ended with its claimant's time
  site.run();
  EXPECT_EQ(site.outcomes(), (std::vector{Outcome::error, Outcome::error, Outcome::ok}));
  EXPECT_EQ(site.payments->calls.size(), 2u);
}

// ---- The local cache

/// The site's calls run in these environments, in turn, and environments remember so many records.
struct CachedSite : Site {
  explicit CachedSite(std::vector<std::uint32_t> environments, std::int64_t max_items = 256) {
    Program program = runner.program();
    program.wrappers[0].local_cache_max_items = max_items;
    runner.set_program(std::move(program));
    runner.environments = std::move(environments);
  }
};

TEST(LocalCache, AnEnvironmentDoesNotAskTheStoreForWhatItHasDone) {
  CachedSite site({0, 0});
  site.send(0s);
  site.send(1s);
  site.run();
  EXPECT_EQ(site.store->calls.size(), 2u);  // the claim and the completion of the first
  EXPECT_EQ(site.probe.answers[1].when, at(1s));
  EXPECT_EQ(site.outcomes(), (std::vector(2, Outcome::ok)));
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 1);
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
}

TEST(LocalCache, IsOffUnlessAskedFor) {
  Site site;
  site.send(0s);
  site.send(1s);
  site.run();
  EXPECT_EQ(site.store->calls.size(), 3u);
  for (const Fact& fact : site.log.facts) {
    EXPECT_FALSE(fact.kind == FactKind::marked &&
                 fact.subject == static_cast<std::uint32_t>(Mark::cache_hit));
  }
}

TEST(LocalCache, AnotherEnvironmentAsksOnceAndRemembersWhatItFound) {
  CachedSite site({0, 1, 1});
  for (const Duration when : {0s, 1s, 2s}) site.send(when);
  site.run();
  EXPECT_EQ(site.store->calls.size(), 3u);
  EXPECT_EQ(site.payments->calls.size(), 1u);
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 2);
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
}

TEST(LocalCache, DoesNotKeepWhatIsInProgress) {
  CachedSite site({0, 1, 1});
  site.send(0s);
  site.send(50ms);  // told that it is in progress
  site.send(1s);    // and asks again
  site.run();
  EXPECT_EQ(site.outcomes(), (std::vector{Outcome::error, Outcome::ok, Outcome::ok}));
  EXPECT_EQ(site.store->calls.size(), 4u);
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 0);
}

TEST(LocalCache, AnExpiredRecordIsDoneAgain) {
  CachedSite site({0, 0, 0});
  site.send(0s);
  site.send(1h + 109ms);  // remembered from 110 ms on
  site.send(1h + 110ms);
  site.run();
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
  EXPECT_EQ(site.payments->calls.size(), 2u);
}

TEST(LocalCache, WhatWasFoundExpiresWithItsRecord) {
  CachedSite site({0, 1, 1});
  site.send(0s);
  site.send(1h);  // finds a record that has 110 ms to live
  site.send(1h + 110ms);
  site.run();
  EXPECT_EQ(site.payments->calls.size(), 2u);
}

TEST(LocalCache, AHandlerThatDiedRemembersNothing) {
  CachedSite site({0, 0});
  site.runner.limit = 107ms;  // dies while its completion is written
  site.send(0s);
  site.send(2s);
  site.run();
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 0);
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 1);  // the store had taken it
}

/// The same program, as the only arm of a fork.
Program in_an_arm(const Program& program) {
  Program forked{.wrappers = program.wrappers};
  forked.add({.verb = Step::Verb::fork, .target = 1, .arms = {{.start = 2}}});
  forked.add({.verb = Step::Verb::end});
  for (Step step : program.steps) {
    step.target = static_cast<std::uint16_t>(step.target + 2);
    forked.add(std::move(step));
  }
  return forked;
}

TEST(LocalCache, IsOneForAllArmsOfAnInvocationAndLostWithItsEnvironment) {
  CachedSite site({3, 3, 3});
  site.runner.set_program(in_an_arm(site.runner.program()));
  for (const Duration when : {0s, 1s, 3s}) site.send(when);
  EXPECT_FALSE(site.world.start().has_value());
  site.world.run(at(2s));
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
  site.runner.lose_memory(3);
  site.world.run(at(4s));
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
  EXPECT_EQ(site.log.marks(Mark::duplicate_suppressed), 2);
}

// ---- Side effects

/// Marks after these attempts, two seconds apart, at a handler that pays.
struct Marks {
  std::int64_t repeated;  ///< payments that were made before
  std::int64_t suppressed;
  std::size_t payments;
  friend bool operator==(const Marks&, const Marks&) = default;
};
Marks after(const std::vector<std::uint32_t>& attempts, bool keyed, Duration limit = {},
            bool claims = false) {
  Site site;
  auto& source = site.world.add<testing::Repeater>("source", std::vector{RetryLayer::redrive});
  const PortId port = site.world.connect(source.id(), site.runner.id());
  Program program = site.runner.program();
  site.world.port(program.steps[1].port).config.keyed = keyed;
  for (const std::size_t write : {0u, 2u, 4u}) site.world.port(program.steps[write].port).config.keyed = true;
  program.wrappers[0].by_key = false;
  if (!claims) program.steps = {program.steps[1], program.steps[5]};
  site.runner.set_program(std::move(program));
  site.runner.limit = limit;
  Time when = at(0s);
  for (const std::uint32_t attempt : attempts) {
    source.send_at(when, port, attempt);
    when += 2s;
  }
  site.run();
  Marks marks{0, site.log.marks(Mark::duplicate_suppressed), site.payments->calls.size()};
  for (const Fact& fact : site.log.facts) {
    const bool paid = fact.service == static_cast<std::uint16_t>(site.payments->id());
    if (paid && fact.kind == FactKind::marked && fact.subject == static_cast<std::uint32_t>(Mark::duplicate))
      marks.repeated += fact.value;
  }
  return marks;
}

TEST(Effects, AreDuplicatesOfTheirCalleeWhenAJourneyHasThemAgain) {
  EXPECT_EQ(after({1}, false), (Marks{0, 0, 1}));
  EXPECT_EQ(after({1, 2, 3}, false), (Marks{2, 0, 3}));
}

TEST(Effects, OfACalleeThatKnowsTheKeyAreSuppressedThere) {
  EXPECT_EQ(after({1, 2, 3}, true), (Marks{0, 2, 3}));
}

TEST(Effects, OfAHandlerThatDiedMeanwhileCount) { EXPECT_EQ(after({1, 2}, false, 50ms), (Marks{1, 0, 2})); }

TEST(Effects, AreHadOnceBehindAClaim) {
  const Marks once = after({1, 2, 3}, false, {}, true);
  EXPECT_EQ(once.repeated, 0);
  EXPECT_EQ(once.payments, 1u);
  EXPECT_EQ(once.suppressed, 2 + 2);  // the handler's work, and the writes that found a record
  // The window that no claim closes: it paid, and died before it could say so.
  EXPECT_EQ(after({1, 2}, false, 50ms, true).repeated, 1);
}

}  // namespace
}  // namespace spillway
