// Whole requests that are laid to the layers whose repeats they carry.

#include "services/repeated_requests.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace spillway {
namespace {

RepeatedRequests::Counts of(RetryLayer layer, std::int64_t messages) {
  RepeatedRequests::Counts counts;
  counts[layer] = messages;
  return counts;
}

TEST(RepeatedRequests, AreAsManyOfTenAsMessagesOfTenAreRepeated) {
  for (std::int64_t repeated = 0; repeated <= 10; ++repeated) {
    RepeatedRequests requests;
    std::int64_t parts = 0;
    for (int call = 0; call < 10; ++call)
      parts += requests.part(1, 10, of(RetryLayer::sdk, repeated))[RetryLayer::sdk];
    EXPECT_EQ(parts, repeated);
  }
}

TEST(RepeatedRequests, AreAllOfThoseThatCarryNothingNew) {
  RepeatedRequests requests;
  EXPECT_EQ(requests.part(1, 3, of(RetryLayer::client, 3)), of(RetryLayer::client, 1));
  EXPECT_EQ(requests.part(160, 10'000, of(RetryLayer::redrive, 10'000)), of(RetryLayer::redrive, 160));
}

struct Part {
  std::int64_t requests = 1;
  std::int64_t messages = 1;
  std::int64_t by_client = 0;
  std::int64_t by_redrive = 0;
};

Part arbitrary_part() {
  Part part{.requests = *rc::gen::inRange(1, 5), .messages = *rc::gen::inRange(1, 11)};
  part.by_client = *rc::gen::inRange<std::int64_t>(0, part.messages + 1);
  part.by_redrive = *rc::gen::inRange<std::int64_t>(0, part.messages - part.by_client + 1);
  return part;
}

RC_GTEST_PROP(RepeatedRequests, AreNeverMoreThanAllAndNeverARequestFromTheirShare, ()) {
  RepeatedRequests requests;
  double owed_client = 0;
  double owed_redrive = 0;
  for (int call = 0; call < 40; ++call) {
    const Part part = arbitrary_part();
    RepeatedRequests::Counts repeats;
    repeats[RetryLayer::client] = part.by_client;
    repeats[RetryLayer::redrive] = part.by_redrive;
    const RepeatedRequests::Counts parts = requests.part(part.requests, part.messages, repeats);
    RC_ASSERT(parts.sum() <= part.requests);
    const auto share = [&](std::int64_t repeated) {
      return static_cast<double>(part.requests * repeated) / static_cast<double>(part.messages);
    };
    owed_client += share(part.by_client) - static_cast<double>(parts[RetryLayer::client]);
    owed_redrive += share(part.by_redrive) - static_cast<double>(parts[RetryLayer::redrive]);
    RC_ASSERT(owed_client + owed_redrive > -1e-6);
    RC_ASSERT(owed_client + owed_redrive < 1 + 1e-6);
    RC_ASSERT(std::abs(owed_client) < 2);  // of two layers one may go ahead, and the other wait
    RC_ASSERT(std::abs(owed_redrive) < 2);
  }
}

}  // namespace
}  // namespace spillway
