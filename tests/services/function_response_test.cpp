// A function's URL, what callers get back, and how large it may be.

#include "services/function_response.hpp"

#include <gtest/gtest.h>

#include "services/function_events.hpp"
#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::computing;
using testing::fixed;
using testing::OneFunction;
using testing::Probe;

constexpr std::int64_t kMib = 1 << 20;
constexpr auto kEgress = "network.internet_egress";

ResponseConfig sized(std::int64_t bytes) {
  return {.bytes = Distribution::constant(static_cast<double>(bytes))};
}

/// A function that is asked by one of its operations.
struct Asked : OneFunction {
  explicit Asked(FunctionConfig config, std::string operation = "url", Duration work = 100ms,
                 double fails = 0)
      : OneFunction(std::move(config), work, fails) {
    port = world.connect(probe->id(), function->id(), {.operation = std::move(operation)});
  }
};

// ---- The URL -------------------------------------------------------------------------------------------

TEST(FunctionUrl, AsksTheFunctionAndCostsARequestAndItsDurationAndNothingElse) {
  Asked one({.memory_mib = 128});
  one.send(1);
  one.run(1s);
  EXPECT_EQ(one.outcome(0), Outcome::ok);
  EXPECT_EQ(one.probe->answers[0].when, at(100ms)) << "no gateway's latency";
  EXPECT_EQ(one.used("lambda.requests"), 1);
  EXPECT_EQ(one.used("lambda.duration.x86"), 100 * 128);
  EXPECT_EQ(one.world.meters().size(), 2u);
}

TEST(FunctionUrl, HasTheFunctionsTimeoutAndNoOther) {
  Asked one({.timeout = 900s}, "url", 899s);
  one.send(1);
  one.run(1000s);
  EXPECT_EQ(one.outcome(0), Outcome::ok);
  Asked late({.timeout = 900s}, "url", 901s);
  late.send(1);
  late.run(1000s);
  EXPECT_EQ(late.outcome(0), Outcome::fault);
  EXPECT_EQ(late.probe->answers[0].when, at(900s));
}

TEST(FunctionUrl, TellsOfAFunctionErrorAsA502AndInvokeTellsOfItAsItIs) {
  Asked by_url({}, "url", 100ms, 1);
  by_url.send(1);
  by_url.run(1s);
  EXPECT_EQ(by_url.outcome(0), Outcome::fault);
  Asked by_invoke({}, "invoke", 100ms, 1);
  by_invoke.send(1);
  by_invoke.run(1s);
  EXPECT_EQ(by_invoke.outcome(0), Outcome::error);
}

TEST(FunctionUrl, TellsOfARestoreThatFailedAsA502) {
  Asked one({.snap_start = SnapStartConfig{.restore = fixed(11s)}});
  one.send(1);
  one.run(20s);
  EXPECT_EQ(one.outcome(0), Outcome::fault);
}

TEST(FunctionUrl, IsThrottledOverTenRequestsASecondForEachUnitOfReservedConcurrency) {
  Asked one({.reserved_concurrency = 100}, "url", 1ms);
  one.send_evenly(1100, 0s, 1s);
  one.run(3s);
  EXPECT_EQ(one.answered(Outcome::ok), 1000);
  EXPECT_EQ(one.answered(Outcome::throttled), 100);
  EXPECT_EQ(one.log.marks(Mark::reserved_rate_throttled), 100);
}

TEST(FunctionUrl, IsThrottledOverTheFunctionsConcurrency) {
  Asked one({.reserved_concurrency = 2});
  one.send(3);
  one.run(1s);
  EXPECT_EQ(one.answered(Outcome::throttled), 1);
}

TEST(FunctionUrl, IsTurnedOffByAReservedConcurrencyOfZero) {
  Asked one({.reserved_concurrency = 0});
  one.send(1);
  one.run(1s);
  EXPECT_EQ(one.outcome(0), Outcome::throttled);
  EXPECT_EQ(one.used("lambda.requests"), 0);
}

// ---- Requests ------------------------------------------------------------------------------------------

TEST(FunctionRequest, OfMoreThanSixMegabytesIsRefusedAndRunsNothing) {
  for (const char* const operation : {"url", "invoke"}) {
    Asked one({}, operation);
    one.probe->send_at(at(0s), one.port, 6 * kMib);
    one.probe->send_at(at(1s), one.port, 6 * kMib + 1);
    one.run(10s);
    EXPECT_EQ(one.outcome(0), Outcome::ok);
    EXPECT_EQ(one.outcome(1), Outcome::refused);
    EXPECT_EQ(one.used("lambda.requests"), 1);
  }
}

// ---- Responses -----------------------------------------------------------------------------------------

TEST(FunctionResponse, ByTheUrlIsDataTransferOut) {
  Asked one({.response = sized(100'000)});
  one.send(3);
  one.run(1s);
  EXPECT_EQ(one.used(kEgress), 300'000);
}

TEST(FunctionResponse, ByInvokeOrToCallersInsideIsNot) {
  Asked by_invoke({.response = sized(100'000)}, "invoke");
  by_invoke.send(1);
  by_invoke.run(1s);
  EXPECT_EQ(by_invoke.used(kEgress), 0);
  ResponseConfig inside = sized(100'000);
  inside.internet = false;
  Asked by_url({.response = inside});
  by_url.send(1);
  by_url.run(1s);
  EXPECT_EQ(by_url.used(kEgress), 0);
}

TEST(FunctionResponse, OfAnInvocationThatFailedIsNone) {
  Asked one({.response = sized(100'000)}, "url", 100ms, 1);
  one.send(1);
  one.run(1s);
  EXPECT_EQ(one.outcome(0), Outcome::fault);
  EXPECT_EQ(one.used(kEgress), 0);
}

TEST(FunctionResponse, OfMoreThanSixMegabytesFails) {
  const auto answer = [](const char* operation, std::int64_t bytes) {
    Asked one({.response = sized(bytes)}, operation);
    one.send(1);
    one.run(1s);
    EXPECT_EQ(one.used("lambda.requests"), 1) << "it ran";
    EXPECT_EQ(one.used(kEgress), bytes > 6 * kMib || operation[0] == 'i' ? 0 : bytes);
    return one.outcome(0);
  };
  EXPECT_EQ(answer("url", 6 * kMib), Outcome::ok);
  EXPECT_EQ(answer("url", 6 * kMib + 1), Outcome::refused) << "413";
  EXPECT_EQ(answer("invoke", 6 * kMib), Outcome::ok);
  EXPECT_EQ(answer("invoke", 6 * kMib + 1), Outcome::error);
}

TEST(FunctionResponse, IsNoneToAnEventForWhichNobodyWaits) {
  Asked one({.response = sized(7 * kMib)}, "invoke_async");
  one.send(1);
  one.run(1000s);
  EXPECT_EQ(one.log.marks(Mark::event_retried), 0);
}

TEST(FunctionResponse, IsOfASizeDrawnAnewForEachRequest) {
  Asked one({.response = ResponseConfig{.bytes = Distribution::uniform(1e3, 1e5)}});
  one.send(2);
  one.run(1s);
  std::vector<std::int64_t> sizes;
  for (const Fact& fact : one.log.facts) {
    if (fact.kind == FactKind::used && fact.subject == static_cast<std::uint32_t>(one.world.meter(kEgress)))
      sizes.push_back(fact.value);
  }
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_NE(sizes[0], sizes[1]);
}

}  // namespace
}  // namespace spillway
