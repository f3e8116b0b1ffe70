// A sound run breaks nothing at any moment; each kind of loss is found.

#include "observe/conservation.hpp"

#include <gmock/gmock.h>

#include "model/journey_holder.hpp"
#include "small_run.hpp"

namespace spillway {
namespace {

using testing::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SmallRun;

TEST(Conservation, HoldsAtEveryMomentOfARun) {
  for (Duration end = 0ms; end <= 4s; end += 25ms) {
    SmallRun small;
    EXPECT_THAT(small.run(end).violations, IsEmpty()) << end.count();
  }
}

TEST(Conservation, HoldsWithAWarmUpAnywhere) {
  for (Duration warm_up = 0ms; warm_up <= 4s; warm_up += 35ms) {
    SmallRun small({.warm_up = warm_up});
    EXPECT_THAT(small.run().violations, IsEmpty()) << warm_up.count();
  }
}

TEST(Conservation, FindsAGaugeThatIsNotZeroWhenNothingIsLeft) {
  SmallRun small;
  small.callee.level_at(at(5s), Gauge::backlog, 2);
  EXPECT_THAT(small.run().violations, ElementsAre(HasSubstr("api: backlog is 2, but nothing is left")));
}

TEST(Conservation, FindsANegativeGauge) {
  SmallRun small;
  small.callee.level_at(at(5s), Gauge::in_flight, -1);
  small.callee.level_at(at(6s), Gauge::in_flight, 0);
  EXPECT_THAT(small.run().violations, ElementsAre(HasSubstr("in_flight was negative")));
}

TEST(Conservation, FindsAnOldestMessageThatIsNotThere) {
  SmallRun small;
  small.callee.level_at(at(5s), Gauge::oldest, 0);
  EXPECT_THAT(small.run().violations, ElementsAre(HasSubstr("a message is the oldest")));
}

TEST(Conservation, FindsACallThatWasNeverSent) {
  SmallRun small;
  small.world.calls().take();
  EXPECT_THAT(small.run().violations,
              ElementsAre(HasSubstr("1 calls have a record, but 0 attempts are open")));
}

TEST(Conservation, FindsAJourneyThatNobodyHolds) {
  SmallRun small;
  small.world.journeys().take();
  EXPECT_THAT(small.run().violations, ElementsAre(HasSubstr("1 records of journeys that have ended")));
}

TEST(Conservation, KnowsOfJourneysThatAServiceHolds) {
  class Holder final : public Service, public JourneyHolder {
   public:
    using Service::Service;
    void on_call(CallId) override {}
    std::uint64_t journeys_held() const override { return 1; }
  };
  SmallRun small;
  auto& holder = small.world.add<Holder>("holder");
  small.world.journeys().take();
  small.callee.level_at(at(5s), Gauge::backlog, 1);  // something is left, which may wait
  EXPECT_THAT(small.run().violations, IsEmpty()) << holder.name();
}

TEST(Conservation, FindsAJourneyThatEndsWithoutHavingBegun) {
  SmallRun small;
  const JourneyId ghost = small.world.journeys().take();
  Journey& unborn = small.world.journeys()[ghost];
  unborn.client = 3;
  unborn.branches = 1;
  unborn.references = 2;
  small.world.end_branch(ghost, Ending::succeeded);
  EXPECT_THAT(small.run().violations,
              ElementsAre(HasSubstr("client 3, class 0: 1 journeys ended, only 0 were born"),
                          HasSubstr("1 records of journeys")));
}

TEST(Conservation, FindsAnAnswerThatWasMeasuredWrongly) {
  SmallRun small;
  // Every attempt is measured as though it had been sent a nanosecond earlier.
  struct Twister final : Observer {
    explicit Twister(World& twisted) : world(twisted) { world.facts().subscribe(*this, {FactKind::sent}); }
    void observe(const Fact& fact) override { world.calls()[CallId{fact.subject}].sent -= 1ns; }
    World& world;
  } twister(small.world);
  EXPECT_THAT(small.run().violations, ElementsAre(HasSubstr("shoppers to api: Little's law is off")));
}

}  // namespace
}  // namespace spillway
