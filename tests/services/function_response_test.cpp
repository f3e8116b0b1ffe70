// A function's URL, what callers get back, how large it may be, and how it is streamed.

#include "services/function_response.hpp"

#include <gtest/gtest.h>

#include "services/function_events.hpp"
#include "services/sqs_event_source.hpp"
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

TEST(FunctionResponse, IsNoneToABatchOfMessages) {
  OneFunction one({.response = sized(7 * kMib)});
  auto& queue = one.world.add<Queue>("queue", QueueConfig{});
  auto& source = one.world.add<SqsEventSource>("fn<queue", queue, SqsEventSourceConfig{});
  source.attach(one.world.connect(source.id(), one.function->id()), 3s);
  one.port = one.world.connect(one.probe->id(), queue.id());
  one.send(1);
  one.run(10s);
  EXPECT_EQ(one.used("lambda.requests"), 1);
  EXPECT_EQ(queue.visible(), 0);
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
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

// ---- Streaming -----------------------------------------------------------------------------------------

constexpr auto kStreaming = "lambda.streaming";
constexpr std::int64_t kSecond = 2'000'000;  // bytes in one beyond the first 6 MB

FunctionConfig streaming(std::int64_t bytes, Duration timeout = 900s) {
  ResponseConfig response = sized(bytes);
  response.streams = true;
  return {.memory_mib = 128, .timeout = timeout, .response = response};
}

TEST(StreamedResponse, HasSixMegabytesAtOnceAndTheRestAtTwoASecond) {
  const StreamedResponse response = stream_response(6 * kMib + 10 * kSecond, 900s);
  EXPECT_EQ(response.takes, 10s);
  EXPECT_EQ(response.sent, 6 * kMib + 10 * kSecond);
  EXPECT_EQ(response.billed, 10 * kSecond);
  EXPECT_EQ(stream_response(6 * kMib, 900s).takes, 0s);
  EXPECT_EQ(stream_response(6 * kMib + 1, 900s).takes, 500ns);
}

TEST(StreamedResponse, EndsWithTwoHundredMegabytesAndTheTimeout) {
  EXPECT_EQ(stream_response(200 * kMib, 900s).outcome, Outcome::ok);
  const StreamedResponse large = stream_response(200 * kMib + 1, 900s);
  EXPECT_EQ(large.outcome, Outcome::error);
  EXPECT_EQ(large.sent, 200 * kMib);
  const StreamedResponse late = stream_response(6 * kMib + 10 * kSecond, 2500ms);
  EXPECT_EQ(late.sent, 6 * kMib + 5 * kSecond / 2);
  EXPECT_EQ(late.billed, 5 * kSecond / 2);
}

TEST(StreamedResponse, KeepsTheEnvironmentBusyAndIsBilled) {
  Asked one(streaming(6 * kMib + 10 * kSecond));
  one.send(1);
  one.send(1, at(5s));  // finds the environment busy
  one.send(1, at(20s));
  one.run(100s);
  EXPECT_EQ(one.probe->answers[0].when, at(10s + 100ms));
  EXPECT_EQ(one.outcome(0), Outcome::ok);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2);
  EXPECT_EQ(one.used("lambda.duration.x86"), 3 * 10'100 * 128);
  EXPECT_EQ(one.used("lambda.requests"), 3);
  EXPECT_EQ(one.used(kStreaming), 3 * 10 * kSecond);
  EXPECT_EQ(one.used(kEgress), 3 * (6 * kMib + 10 * kSecond));
  EXPECT_EQ(one.world.calls().alive(), 0u);
}

TEST(StreamedResponse, OfUpToSixMegabytesTakesNoTimeAndCostsNothing) {
  Asked one(streaming(6 * kMib));
  one.send(1);
  one.run(100s);
  EXPECT_EQ(one.probe->answers[0].when, at(100ms));
  EXPECT_EQ(one.used(kStreaming), 0);
}

TEST(StreamedResponse, IsCutOffByTheFunctionsTimeout) {
  Asked one(streaming(6 * kMib + 10 * kSecond, 5s));
  one.send(1);
  one.run(100s);
  EXPECT_EQ(one.outcome(0), Outcome::fault);
  EXPECT_EQ(one.probe->answers[0].when, at(5s));
  EXPECT_EQ(one.log.marks(Mark::function_timeout), 1);
  EXPECT_EQ(one.used("lambda.duration.x86"), 5'000 * 128);
  EXPECT_EQ(one.used(kStreaming), 4'900 * (kSecond / 1000)) << "what had been sent";
}

TEST(StreamedResponse, KeepsTheOrderOfTheTimeouts) {
  Asked one(streaming(6 * kMib + 10 * kSecond, 5s));
  one.send(1);
  one.send(1, at(50ms));
  one.send(1, at(120ms));  // its program runs when the first two stream
  one.run(100s);
  ASSERT_EQ(one.probe->answers.size(), 3u);
  EXPECT_EQ(one.probe->answers[0].when, at(5s));
  EXPECT_EQ(one.probe->answers[1].when, at(5050ms));
  EXPECT_EQ(one.probe->answers[2].when, at(5120ms));
}

TEST(StreamedResponse, OfMoreThanTwoHundredMegabytesFailsWhenThoseHaveBeenSent) {
  Asked one(streaming(201 * kMib));
  one.send(1);
  one.run(200s);
  EXPECT_EQ(one.outcome(0), Outcome::fault);
  EXPECT_EQ(one.probe->answers[0].when, at(100ms + 194 * kMib * 500ns));
  EXPECT_EQ(one.used(kEgress), 200 * kMib);
}

TEST(StreamedResponse, IsWhatInvokeWithResponseStreamGetsAndInvokeDoesNot) {
  const std::int64_t bytes = 6 * kMib + kSecond;
  Asked asked({.timeout = 10s, .response = sized(bytes)}, "invoke_with_response_stream");
  asked.send(1);
  asked.run(10s);
  EXPECT_EQ(asked.outcome(0), Outcome::ok);
  EXPECT_EQ(asked.used(kStreaming), kSecond);
  EXPECT_EQ(asked.used(kEgress), 0) << "a gateway or another service asked";
  Asked invoked(streaming(bytes), "invoke");
  invoked.send(1);
  invoked.run(10s);
  EXPECT_EQ(invoked.outcome(0), Outcome::error);
}

}  // namespace
}  // namespace spillway
