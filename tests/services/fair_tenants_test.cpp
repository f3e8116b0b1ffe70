// The order of a fair queue, held against plain lists that are searched from their front.
#include "services/fair_tenants.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace spillway {
namespace {

constexpr Time at(Duration since_start) { return kStart + since_start; }

/// Tenants beside a pool of messages, driven by hand.
struct Fair {
  explicit Fair(NoiseLimits limits = {}) : tenants(messages, limits) {}

  MessageId send(std::optional<std::uint64_t> group, Time now = kStart) {
    const MessageId id = messages.take();
    tenants.add(id, group, now);
    tenants.show(id, false);
    return id;
  }
  void send(std::uint64_t group, int count, Time now = kStart) {
    for (int i = 0; i < count; ++i) send(group, now);
  }
  MessageId receive(Time now = kStart) {
    const MessageId id = *tenants.first(now);
    tenants.hide(id);
    tenants.begin_flight(id, now);
    return id;
  }
  std::vector<MessageId> receive(int count, Time now) {
    std::vector<MessageId> received;
    for (int i = 0; i < count; ++i) received.push_back(receive(now));
    return received;
  }
  void remove(MessageId id, Time now) {
    tenants.end_flight(id, now);
    tenants.remove(id, now);
    messages.release(id);
  }

  FairTenants::Messages messages;
  FairTenants tenants;
};

TEST(FairTenants, GoInTheOrderOfArrivalAsLongAsNoneIsNoisy) {
  Fair fair;
  const MessageId first = fair.send(1);
  const MessageId second = fair.send(2);
  const MessageId third = fair.send(1);
  EXPECT_EQ(fair.receive(3, kStart), (std::vector{first, second, third}));
}

TEST(FairTenants, AreNoisyWithATenthOfTheMessagesInFlightAndThirtyOfTheirOwn) {
  Fair fair({.share = 0.1, .recent_window = 60s});
  fair.send(1, 100);
  const MessageId quiet = fair.send(2);
  fair.receive(29, kStart);
  EXPECT_EQ(fair.tenants.first(kStart), MessageId{29}) << "29 are too few";
  fair.receive(kStart);
  EXPECT_EQ(fair.tenants.first(kStart), quiet);
  EXPECT_TRUE(fair.tenants.noisy(1));
}

TEST(FairTenants, AreNotNoisyWithManyMessagesInFlightThatAreASmallPartOfAll) {
  Fair fair;
  for (std::uint64_t other = 100; other < 400; ++other) fair.send(other);
  fair.receive(300, kStart);
  fair.send(1, 100);
  const MessageId quiet = fair.send(2);
  fair.receive(33, kStart);
  EXPECT_NE(fair.tenants.first(kStart), quiet) << "33 of 333 are no more than a tenth";
  fair.receive(kStart);
  EXPECT_EQ(fair.tenants.first(kStart), quiet) << "34 of 334 are";
}

TEST(FairTenants, AreNoisyWithATenthOfTheRecentProcessingTimeFAIR2) {
  Fair fair;
  for (std::uint64_t other = 100; other < 180; ++other) fair.send(other);
  fair.receive(80, kStart);
  fair.send(1, 25);
  const MessageId quiet = fair.send(2);
  fair.receive(20, kStart);
  EXPECT_NE(fair.tenants.first(kStart), quiet) << "20 of 100 in flight, but no 30 of its own";
  EXPECT_EQ(fair.tenants.first(at(1s)), quiet) << "20 s of 100 s of processing time";
}

TEST(FairTenants, ForgetProcessingTimeThatIsNotRecent) {
  for (const auto& [now, noisy] : {std::pair{at(119s), true}, {at(120s), false}}) {
    Fair fair({.recent_window = 60s});
    fair.send(1);
    fair.remove(fair.receive(at(0s)), at(30s));  // in the first minute
    fair.send(1, 1, now);
    fair.tenants.first(now);
    EXPECT_EQ(fair.tenants.noisy(1), noisy);
  }
}

TEST(FairTenants, GoByFewestMessagesInFlightWhenTheyAreAllNoisy) {
  Fair fair({.in_flight = 2});
  fair.send(1, 3);
  fair.receive(3, kStart);
  fair.send(2, 2);
  fair.receive(2, kStart);
  const MessageId first = fair.send(1);
  const MessageId second = fair.send(2);
  fair.send(1);
  fair.send(2);
  EXPECT_EQ(fair.receive(2, kStart), (std::vector{second, first})) << "two in flight, then three and three";
  EXPECT_TRUE(fair.tenants.noisy(1) && fair.tenants.noisy(2));
}

TEST(FairTenants, AreQuietAgainWhenTheirBacklogIsConsumed) {
  Fair fair({.in_flight = 2});
  fair.send(1, 4);
  const std::vector<MessageId> flood = fair.receive(2, at(0s));
  fair.tenants.first(at(0s));
  EXPECT_TRUE(fair.tenants.noisy(1));
  for (const MessageId id : fair.receive(2, at(0s))) fair.remove(id, at(0s));
  EXPECT_FALSE(fair.tenants.noisy(1));
  for (const MessageId id : flood) fair.remove(id, at(0s));
}

TEST(FairTenants, AreQuietAgainAfterFiveMinutesWithNothingInFlight) {
  Fair fair({.in_flight = 2});
  fair.send(1, 4);
  const std::vector<MessageId> flood = fair.receive(2, at(0s));
  fair.tenants.first(at(0s));
  for (const MessageId id : flood) fair.remove(id, at(10s));
  fair.send(2, 1, at(10s));
  EXPECT_EQ(fair.tenants.first(at(309s)), MessageId{1}) << "the other tenant's, in a record used again";
  EXPECT_TRUE(fair.tenants.noisy(1));
  EXPECT_EQ(fair.tenants.first(at(310s)), MessageId{2}) << "the older one, of the tenant that is quiet again";
  EXPECT_FALSE(fair.tenants.noisy(1));
}

TEST(FairTenants, AreOneForEachMessageWithoutAGroup) {
  Fair fair({.in_flight = 2});
  for (int i = 0; i < 10; ++i) fair.send(std::nullopt);
  EXPECT_EQ(fair.tenants.tenants(), 10u);
  const MessageId named = fair.send(7);
  for (int i = 0; i < 10; ++i) EXPECT_NE(fair.receive(), named) << "ten in flight, and none of them noisy";
  EXPECT_TRUE(fair.tenants.has_group(named));
  EXPECT_FALSE(fair.tenants.has_group(MessageId{0}));
  fair.remove(MessageId{0}, kStart);
  EXPECT_EQ(fair.tenants.tenants(), 10u) << "its tenant went with it";
}

TEST(FairTenants, AreForgottenWhenTheirProcessingTimeIsNotRecentAnyMore) {
  Fair fair({.recent_window = 60s});
  for (std::uint64_t tenant = 0; tenant < 50; ++tenant) {
    fair.send(tenant, at(0s));
    fair.remove(fair.receive(at(0s)), at(1s));
  }
  EXPECT_EQ(fair.tenants.tenants(), 50u);
  fair.send(7, at(120s));
  EXPECT_EQ(fair.tenants.tenants(), 50u);
  fair.send(1000, at(121s));
  EXPECT_EQ(fair.tenants.tenants(), 2u) << "the one that came back, and the new one";
}

/// The page of the provider in so many words, without any index or heap.
class Reference {
 public:
  struct Entry {
    MessageId id;
    std::uint64_t tenant;
    bool visible = true;
    bool flying = false;
  };
  struct Tenant {
    std::map<std::int64_t, std::int64_t> processing{};  ///< by window
    Time idle_since = kStart;
    bool noisy = false;
    std::int64_t in_flight = 0;
  };
  explicit Reference(NoiseLimits limits) : limits_(limits) {}

  void pass_to(Time now) {
    for (; now_ < now; now_ += 1s) {  // windows begin with whole seconds, and so do all steps
      const std::int64_t window = (now_ - kStart) / limits_.recent_window;
      for (auto& [key, tenant] : tenants) tenant.processing[window] += tenant.in_flight;
    }
  }
  std::int64_t recent(const Tenant& tenant) const {
    const std::int64_t window = (now_ - kStart) / limits_.recent_window;
    const auto of = [&](std::int64_t w) {
      const auto found = tenant.processing.find(w);
      return found == tenant.processing.end() ? 0 : found->second;
    };
    return of(window) + of(window - 1);
  }
  bool disturbs(const Tenant& tenant) const {
    std::int64_t in_flight = 0;
    std::int64_t processing = 0;
    for (const auto& [key, other] : tenants) {
      in_flight += other.in_flight;
      processing += recent(other);
    }
    const auto part = [&](std::int64_t one, std::int64_t all) {
      return static_cast<double>(one) > limits_.share * static_cast<double>(all);
    };
    if (tenant.in_flight >= limits_.in_flight && part(tenant.in_flight, in_flight)) return true;
    if (tenant.in_flight == 0 && tenant.idle_since + limits_.quiet_after <= now_) return false;
    return part(recent(tenant), processing);
  }
  const Entry* first() {
    for (auto& [key, tenant] : tenants)
      if (tenant.in_flight == 0 && tenant.idle_since + limits_.quiet_after <= now_) tenant.noisy = false;
    for (const Entry& entry : queue) {
      if (!entry.visible || tenants[entry.tenant].noisy) continue;
      if (!disturbs(tenants[entry.tenant])) return &entry;
      tenants[entry.tenant].noisy = true;
    }
    const Entry* best = nullptr;
    for (const Entry& entry : queue) {
      if (!entry.visible) continue;
      if (best == nullptr || tenants[entry.tenant].in_flight < tenants[best->tenant].in_flight) best = &entry;
    }
    return best;
  }
  Entry& entry(MessageId id) { return *std::ranges::find(queue, id, &Entry::id); }
  void backlog_changed(std::uint64_t tenant) {
    if (std::ranges::none_of(queue, [&](const Entry& e) { return e.tenant == tenant && e.visible; }))
      tenants[tenant].noisy = false;
  }

  std::vector<Entry> queue;  ///< what is visible, in the order of receives
  std::map<std::uint64_t, Tenant> tenants;

 private:
  NoiseLimits limits_;
  Time now_ = kStart;
};

RC_GTEST_PROP(FairTenants, DoWhatPlainListsDo, ()) {
  const NoiseLimits limits{.share = 0.3, .in_flight = 3, .quiet_after = 12s, .recent_window = 10s};
  Fair fair(limits);
  Reference reference(limits);
  Time now = kStart;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, int>>>(rc::gen::tuple(
      rc::gen::inRange(0, 8), rc::gen::inRange<std::uint32_t>(0, 1000), rc::gen::inRange(0, 4)));
  for (const auto& [what, which, pause] : steps) {
    now += std::chrono::seconds(pause == 3 ? static_cast<int>(which % 13) : 0);
    reference.pass_to(now);
    if (what <= 2) {
      const std::uint64_t tenant = which % 9 < 5 ? 0 : which % 5;
      if (!reference.tenants.contains(tenant)) reference.tenants[tenant].idle_since = now;
      reference.queue.push_back({.id = fair.send(tenant, now), .tenant = tenant});
    } else if (what <= 4) {
      if (const Reference::Entry* const next = reference.first(); next != nullptr) {
        const MessageId id = next->id;
        RC_ASSERT(fair.receive(now) == id);
        reference.entry(id).visible = false;
        reference.entry(id).flying = true;
        ++reference.tenants[next->tenant].in_flight;
        reference.backlog_changed(next->tenant);
      }
    } else {
      std::vector<MessageId> flying;
      for (const auto& entry : reference.queue)
        if (entry.flying) flying.push_back(entry.id);
      if (flying.empty()) continue;
      const MessageId id = flying[which % flying.size()];
      Reference::Entry done = reference.entry(id);
      std::erase_if(reference.queue, [&](const auto& entry) { return entry.id == id; });
      Reference::Tenant& tenant = reference.tenants[done.tenant];
      if (--tenant.in_flight == 0) tenant.idle_since = now;
      if (what == 5) {
        fair.remove(id, now);
      } else {  // its visibility ends: it returns to the front, or to the back
        fair.tenants.end_flight(id, now);
        fair.tenants.show(id, what == 6);
        done.visible = true;
        done.flying = false;
        reference.queue.insert(what == 6 ? reference.queue.begin() : reference.queue.end(), done);
      }
    }
    const Reference::Entry* const next = reference.first();
    RC_ASSERT(fair.tenants.first(now) == (next == nullptr ? std::nullopt : std::optional(next->id)));
    for (const auto& [key, tenant] : reference.tenants) RC_ASSERT(fair.tenants.noisy(key) == tenant.noisy);
  }
}

}  // namespace
}  // namespace spillway
