// What a scenario says about a function, and what becomes of it: short forms, contradictions, and the
// settings that change how long computing takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "experiment/experiment.hpp"
#include "scenario/resolve.hpp"
#include "services/function.hpp"

namespace spillway {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

/// A scenario on disk, beside which a file may lie that it names.
struct OnDisk {
  explicit OnDisk(const std::string& text) {
    fs::create_directories(folder);
    std::ofstream(folder / "a.spillway.yaml") << text;
    scenario = load_scenario((folder / "a.spillway.yaml").string(), {}, sources, files, diagnostics);
  }
  ~OnDisk() { fs::remove_all(folder); }
  OnDisk(const OnDisk&) = delete;
  OnDisk& operator=(const OnDisk&) = delete;

  std::string problems() const { return render_text(diagnostics, sources); }
  RunResult run() const {
    const std::array<const Scenario*, 1> scenarios{&*scenario};
    auto experiments = run_experiments(scenarios, {.series = false});
    EXPECT_TRUE(experiments) << experiments.error();
    return std::move(experiments->front().replications.front());
  }

  static inline const fs::path folder = fs::temp_directory_path() / "spillway-function-settings";
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  std::optional<Scenario> scenario;
};

/// One function with these settings, called once a second for ten seconds.
std::string one_function(const std::string& settings) {
  return "spillway: 1\nhorizon: 10s\ndrain: 1h\nresources:\n  worker: { type: aws.lambda.function, "
         "cold_start: "
         "none, " +
         settings + " }\n  spare: { type: aws.lambda.function }\ntraffic:\n" +
         "  clients: { to: worker, arrivals: { constant: 1/s }, timeout: none }\n";
}

/// Milliseconds that an invocation of `worker` is billed.
std::int64_t billed_ms(const std::string& settings, std::int64_t memory_mib) {
  const OnDisk disk(one_function(settings));
  EXPECT_TRUE(disk.scenario) << disk.problems();
  if (!disk.scenario) return -1;
  Quantity time = 0, requests = 0;
  for (const Usage& usage : disk.run().usage) {
    if (usage.meter == "lambda.duration.x86") time += usage.quantity;
    if (usage.meter == "lambda.requests") requests += usage.quantity;
  }
  return static_cast<std::int64_t>(time / static_cast<Quantity>(memory_mib) / requests);
}

// ---- Short forms ---------------------------------------------------------------------------------------

TEST(FunctionSettings, ReadBackFromALockFileAreTheSameBytes) {
  for (const char* const text :
       {"{}", "keep_alive: 3000s", "keep_alive: { idle: 3000s }", "keep_alive: { rule: halving }",
        "provisioned_concurrency: 20", "snap_start: {}", "response: 20MB", "url: { internet: false }",
        "url: { invoke_mode: response_stream }", "recursive_loop: allow",
        "provisioned_concurrency: { schedule: [ { at: 8h, environments: 5, every: 24h } ] }"}) {
    const auto read = value_of(text, describe_function());
    ASSERT_TRUE(read) << read.error();
    const std::string lock = scenario_json(*read);
    const auto again = value_of(lock, describe_function());
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ(scenario_json(*again), lock) << text;
  }
}

TEST(FunctionSettings, TakeADurationAloneForAFixedKeepAlive) {
  const auto rule = [](const char* text) {
    return (*value_of(text, describe_function()))["keep_alive"]["rule"].text();
  };
  EXPECT_EQ(rule("keep_alive: 3000s"), "fixed");
  EXPECT_EQ(rule("keep_alive: { idle: 3000s }"), "measured");
  EXPECT_EQ(rule("{}"), "measured");
}

TEST(FunctionSettings, ShowThatDuplicatesCouldBeSuppressedWhereNoneCame) {
  const OnDisk disk(
      "spillway: 1\nhorizon: 10s\ndrain: 10m\nresources:\n  claims: { type: aws.dynamodb.table }\n"
      "  worker: { type: aws.lambda.function, cold_start: none,\n"
      "            program: [ { idempotent: { store: claims, steps: [ { compute: 20ms } ] } } ] }\n"
      "traffic:\n  clients: { to: worker, arrivals: { constant: 1/s } }\n");
  ASSERT_TRUE(disk.scenario) << disk.problems();
  const RunResult run = disk.run();
  EXPECT_TRUE(run.resource("worker")->seen(Mark::duplicate_suppressed));
  EXPECT_EQ(run.resource("worker")->mark(Mark::duplicate_suppressed), 0);
}

/// Writes to the table of claims, of ten requests with the same key.
std::int64_t claim_writes(const std::string& settings) {
  const OnDisk disk(
      "spillway: 1\nhorizon: 10s\ndrain: 10m\nresources:\n  claims: { type: aws.dynamodb.table }\n"
      "  worker: { type: aws.lambda.function, cold_start: none,\n"
      "            program: [ { idempotent: { store: claims, by: key, steps: [ { compute: 20ms } ]" +
      settings +
      " } } ] }\ntraffic:\n  clients: { to: worker, arrivals: { constant: 1/s }, keys: { uniform: 1 } }\n");
  EXPECT_TRUE(disk.scenario) << disk.problems();
  if (!disk.scenario) return -1;
  Quantity units = 0;
  for (const Usage& usage : disk.run().usage) {
    if (usage.resource == "claims") units += usage.quantity;
  }
  return static_cast<std::int64_t>(units);
}

TEST(FunctionSettings, KeepALocalCacheOfIdempotencyRecordsOnlyWhenTold) {
  const std::int64_t asked_each_time = claim_writes("");
  EXPECT_EQ(claim_writes(", use_local_cache: false"), asked_each_time);
  EXPECT_EQ(claim_writes(", local_cache_max_items: 9"), asked_each_time);
  EXPECT_EQ(claim_writes(", use_local_cache: true"), 2);
}

// ---- Asynchronous invocation ---------------------------------------------------------------------------

TEST(FunctionSettings, InvokeAsynchronouslyByTheOperation) {
  const OnDisk disk(
      "spillway: 1\nhorizon: 10s\ndrain: 10m\nresources:\n"
      "  front: { type: aws.lambda.function, program: [ { call: back, op: invoke_async } ] }\n"
      "  back: { type: aws.lambda.function, timeout: 60s, cold_start: none, program: [ { compute: 20s } ],\n"
      "          asynchronous: { maximum_retry_attempts: 0, on_failure: dead } }\n"
      "  dead: { type: aws.sqs.queue }\n"
      "traffic:\n  clients: { to: front, arrivals: { constant: 1/s } }\n"
      "  others: { to: back, route: invoke_async, arrivals: { constant: 1/s } }\n");
  ASSERT_TRUE(disk.scenario) << disk.problems();
  const RunResult run = disk.run();
  ASSERT_NE(run.resource("back<events"), nullptr);
  const auto sent = run.resource("front")->calls.counts.attempts;
  EXPECT_GE(sent, 9U);
  EXPECT_EQ(run.resource("back<events")->calls.counts.attempts, 2 * sent);
  EXPECT_EQ(run.resource("back<events")->calls.counts.service, 0) << "answered when it is accepted";
  EXPECT_EQ(run.resource("back")->calls.counts.attempts, 2 * sent);
  EXPECT_GE(run.resource("back")->calls.counts.service, Int128{20'000'000'000} * 2 * sent);
}

TEST(FunctionSettings, LetAClientAskTheFunctionByItsUrl) {
  const OnDisk disk(
      "spillway: 1\nhorizon: 10s\ndrain: 1h\nresources:\n"
      "  worker: { type: aws.lambda.function, cold_start: none, program: [ { compute: 20ms } ], response: "
      "100KB }\n"
      "traffic:\n  clients: { to: worker, route: url, arrivals: { constant: 1/s } }\n");
  ASSERT_TRUE(disk.scenario) << disk.problems();
  const RunResult run = disk.run();
  const auto asked = run.resource("worker")->calls.counts.attempts;
  EXPECT_GE(asked, 9U);
  Quantity out = 0;
  for (const Usage& usage : run.usage) {
    if (usage.meter == "network.internet_egress") out += usage.quantity;
  }
  EXPECT_EQ(out, Quantity{100'000} * asked);
}

TEST(FunctionSettings, StreamByTheUrlsInvokeMode) {
  const auto billed = [](const std::string& mode) {
    return billed_ms("timeout: 60s, response: 8291456B, url: { invoke_mode: " + mode + " }", 128);
  };
  EXPECT_EQ(billed("buffered"), 0);
  EXPECT_EQ(billed("response_stream"), 0) << "asked by invoke, it is buffered all the same";
  const OnDisk disk(
      "spillway: 1\nhorizon: 10s\ndrain: 1h\nresources:\n"
      "  worker: { type: aws.lambda.function, cold_start: none, timeout: 60s, response: 8291456B,\n"
      "            url: { invoke_mode: response_stream, internet: false } }\n"
      "traffic:\n  clients: { to: worker, route: url, arrivals: { constant: 1/s } }\n");
  ASSERT_TRUE(disk.scenario) << disk.problems();
  const RunResult run = disk.run();
  const auto& counts = run.resource("worker")->calls.counts;
  EXPECT_EQ(counts.service, Int128{1'000'000'000} * counts.attempts);
  Quantity streamed = 0;
  for (const Usage& usage : run.usage) {
    EXPECT_NE(usage.meter, "network.internet_egress");
    if (usage.meter == "lambda.streaming") streamed += usage.quantity;
  }
  EXPECT_EQ(streamed, Quantity{2'000'000} * counts.attempts);
}

TEST(FunctionSettings, StreamThroughARestApiWhichDoesNotKeepTheResponse) {
  const OnDisk disk(
      "spillway: 1\nhorizon: 100s\ndrain: 1h\nresources:\n"
      "  api: { type: aws.apigateway.rest, overhead: 0s, cache: {}, routes: {\n"
      "    GET /report: { call: worker, op: invoke_with_response_stream, timeout: 15m } } }\n"
      "  worker: { type: aws.lambda.function, cold_start: none, timeout: 60s, response: 86291456B }\n"
      "traffic:\n  clients: { to: api, route: GET /report, keys: { uniform: 1 }, timeout: none,\n"
      "             arrivals: { constant: 0.1/s } }\n");
  ASSERT_TRUE(disk.scenario) << disk.problems();
  const RunResult run = disk.run();
  const auto asked = run.resource("api")->calls.counts.attempts;
  EXPECT_GE(asked, 9U);
  EXPECT_EQ(run.resource("worker")->calls.counts.attempts, asked);
  EXPECT_EQ(run.resource("api")->calls.counts.service, Int128{40'000'000'000} * asked);
}

TEST(FunctionSettings, RefuseAnOperationThatAFunctionDoesNotHave) {
  const OnDisk disk(one_function("program: [ { call: spare, op: invoke_asink } ]"));
  EXPECT_THAT(disk.problems(), HasSubstr("'spare' has no route or operation 'invoke_asink'"));
}

// ---- Contradictions ------------------------------------------------------------------------------------

struct Contradiction {
  const char* settings;
  const char* message;
};

TEST(FunctionSettings, ThatTheProviderWouldRefuseAreRefused) {
  for (const auto& [settings, message] : std::initializer_list<Contradiction>{
           {"reserved_concurrency: 901", "at least 100 must stay unreserved"},
           {"reserved_concurrency: 50, provisioned_concurrency: 51",
            "provisioned concurrency of 51 is more than the reserved 50"},
           {"provisioned_concurrency: 901", "is more than the unreserved 1000 less 100"},
           {"provisioned_concurrency: { schedule: [ { at: 1h, environments: 901 } ] }",
            "provisioned concurrency of 901"},
           {"provisioned_concurrency: 5, snap_start: {}", "exclude each other"},
           {"power_tuning: x.json", "'power_tuning' needs 'compute_measured_at'"},
           {"power_tuning: x.json, compute_measured_at: 128MiB", "it does not exist or cannot be opened"}}) {
    const OnDisk disk(one_function(settings));
    EXPECT_FALSE(disk.scenario) << settings;
    EXPECT_THAT(disk.problems(), HasSubstr(message)) << settings;
    EXPECT_THAT(disk.problems(), HasSubstr("a.spillway.yaml:5:")) << settings;
  }
}

TEST(FunctionSettings, AtTheProvidersLimitsAreTaken) {
  for (const char* const settings :
       {"reserved_concurrency: 900", "provisioned_concurrency: 900", "reserved_concurrency: 0",
        "reserved_concurrency: 50, provisioned_concurrency: 50"}) {
    const OnDisk disk(one_function(settings));
    EXPECT_TRUE(disk.scenario) << disk.problems();
  }
}

// ---- Memory and computing ------------------------------------------------------------------------------

TEST(ComputeSettings, LeaveComputeAloneUnlessItsMemoryIsKnown) {
  EXPECT_EQ(billed_ms("memory: 256MiB, program: [ { compute: 100ms } ]", 256), 100);
}

TEST(ComputeSettings, StretchComputeInProportionToMemory) {
  const std::string program = ", compute_measured_at: 1024MiB, program: [ { compute: 100ms } ]";
  EXPECT_EQ(billed_ms("memory: 256MiB" + program, 256), 400);
  EXPECT_EQ(billed_ms("memory: 1024MiB" + program, 1024), 100);
  EXPECT_EQ(billed_ms("memory: 512MiB, timeout: 60s" + program, 512), 200);
}

TEST(ComputeSettings, SpeedCodeUpNoFurtherThanItsThreadsCanUse) {
  const std::string program = ", compute_measured_at: 1769MiB, program: [ { compute: 100ms } ]";
  EXPECT_EQ(billed_ms("memory: 3538MiB" + program, 3538), 100);
  EXPECT_EQ(billed_ms("memory: 3538MiB, threads: 2" + program, 3538), 50);
}

TEST(ComputeSettings, FollowAPowerTuningCurve) {
  fs::create_directories(OnDisk::folder);
  const fs::path file = fs::temp_directory_path() / "spillway-power-tuning.json";
  std::ofstream(file) << R"({"stats": [{"value": 128, "averageDuration": 800},
                                       {"value": 1024, "averageDuration": 200}]})";
  const std::string program =
      ", compute_measured_at: 1024MiB, power_tuning: ../spillway-power-tuning.json, program: [ { compute: "
      "100ms } ]";
  EXPECT_EQ(billed_ms("memory: 128MiB" + program, 128), 400);
  EXPECT_EQ(billed_ms("memory: 2048MiB" + program, 2048), 100);
  fs::remove(file);
}

}  // namespace
}  // namespace spillway
