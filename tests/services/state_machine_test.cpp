// Executions in virtual time: states, retries, time-outs, tokens, quotas, bills.

#include "services/state_machine.hpp"

#include <gtest/gtest.h>

#include "support/one_machine.hpp"

namespace spillway {
namespace {

using testing::OneMachine;
using testing::Server;

constexpr const char* kTwoTasks = R"({"StartAt": "A", "States": {
  "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "Next": "Wait"},
  "Wait": {"Type": "Wait", "Seconds": 3, "Next": "B"},
  "B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:b", "End": true}}})";

TEST(StateMachine, GoesFromStateToStateInVirtualTime) {
  OneMachine one(kTwoTasks, "tasks: { A: { takes: 2s }, B: { takes: 500ms } }");
  one.start_at(1s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 5500);
  EXPECT_EQ(one.state("Wait")["duration_ms"]["mean"], 3000);
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
}

TEST(StateMachine, AMomentLongAgoIsNoWait) {
  OneMachine one(R"({"StartAt": "W", "States": {
    "W": {"Type": "Wait", "Timestamp": "0001-01-01T00:00:00Z", "Next": "X"},
    "X": {"Type": "Wait", "Timestamp": "2026-01-01T01:00:00Z", "End": true}}})",
                 "");
  one.start_at(0s);
  one.run();
  EXPECT_DOUBLE_EQ(one.longest_ms(), 3'600'000);
}

TEST(StateMachine, StartExecutionIsAnsweredAtOnceAndRunWhenItHasEnded) {
  OneMachine one(kTwoTasks, "stub: 1s");
  one.start_at(0s, "start");
  one.start_at(0s, "run");
  one.run();
  ASSERT_EQ(one.probe->answers.size(), 2u);
  EXPECT_EQ(one.probe->answers[0].when, testing::at(0s));
  EXPECT_EQ(one.probe->answers[1].when, testing::at(5s));
}

TEST(StateMachine, StandardWorkflowsPayForEachTransition) {
  OneMachine one(kTwoTasks, "stub: 1s");
  for (int i = 0; i < 4; ++i) one.start_at(i * 1s);
  one.run();
  EXPECT_EQ(one.used("stepfunctions.standard.transitions"), 12);
  EXPECT_EQ(one.used("stepfunctions.express.duration"), 0);
}

// infracost golden, express1Tier: 100,000 requests of 123 ms are billed as 200 ms of 64 MB: 0.3472 GB-hours.
TEST(StateMachine, ExpressWorkflowsPayForStepsOf100MsAnd64Mb) {
  OneMachine one(R"({"StartAt": "A", "States": {"A": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true}}})",
                 "workflow: express\nstub: 123ms");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.used("stepfunctions.express.requests"), 1);
  EXPECT_EQ(one.used("stepfunctions.express.duration"), 64 * 200);
  EXPECT_NEAR(100'000.0 * 64 * 200 / 1'024'000 / 3600, 0.3472, 0.0001);
}

// ---- Errors

constexpr const char* kRetried = R"({"StartAt": "A", "States": {
  "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a",
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "End": true},
  "Caught": {"Type": "Succeed"}}})";

// Step Functions best practices: 2, 4, 8, 16, 32, 64 seconds, 126 in all.
TEST(StateMachine, RetriesWithTheDelaysOfItsRetrier) {
  OneMachine one(kRetried, "tasks: { A: { takes: 0s, fails: 1, errors: [ Busy ] } }");
  one.start_at(0s);
  one.run();
  EXPECT_DOUBLE_EQ(one.longest_ms(), 126'000);
  EXPECT_EQ(one.state("A")["retried"], 6);
  EXPECT_EQ(one.state("A")["caught"], 1);
  EXPECT_EQ(one.succeeded(), 1);
  EXPECT_EQ(one.used("stepfunctions.standard.transitions"), 8);  // two states and six retries
}

TEST(StateMachine, OtherErrorsGoToTheCatcherAtOnce) {
  OneMachine one(kRetried, "tasks: { A: { takes: 1s, fails: 1, errors: [ Broken ] } }");
  one.start_at(0s);
  one.run();
  EXPECT_DOUBLE_EQ(one.longest_ms(), 1000);
  EXPECT_EQ(one.state("A")["retried"], 0);
}

TEST(StateMachine, AnUncaughtErrorFailsTheExecution) {
  OneMachine one(kTwoTasks, "tasks: { A: { takes: 1s, fails: 1 }, B: { takes: 1s } }");
  one.start_at(0s, "run");
  one.run();
  EXPECT_EQ(one.failed(), 1);
  EXPECT_EQ(one.state("B")["entered"], 0);
  EXPECT_EQ(one.probe->answers.front().outcome, Outcome::error);
  EXPECT_EQ(one.log.marks(Mark::execution_failed), 1);
}

TEST(StateMachine, CalledServicesFailByTheirOwnNames) {
  OneMachine one(R"({"StartAt": "A", "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "a"},
          "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1,
      "MaxAttempts": 2}],
          "End": true}}})",
                 "");
  Server& a = one.server("a", 10ms);
  a.outcomes = {Outcome::throttled, Outcome::throttled, Outcome::ok};
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  ASSERT_EQ(a.calls.size(), 3u);
  EXPECT_EQ(a.calls[2].when, testing::at(3s + 20ms));
  EXPECT_FALSE(a.calls[0].repeat);
  EXPECT_TRUE(a.calls[2].repeat);
  EXPECT_EQ(a.calls[2].layer, RetryLayer::workflow);
  EXPECT_EQ(
      one.log.repeated(one.wiring.world().meter("stepfunctions.standard.transitions"), RetryLayer::workflow),
      2);
}

TEST(StateMachine, AnExecutionThatIsRunTwiceIsTheWorkflowsAndOneThatIsStartedTwiceItsStarters) {
  const auto repeated = [](const char* settings, int outcomes, RetryLayer layer) {
    OneMachine one(R"({"StartAt": "A", "States": {
      "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "a"},
            "End": true}}})",
                   std::string("workflow: express\n") + settings);
    Server& a = one.server("a", 10ms);
    for (int i = 0; i < outcomes; ++i) a.outcomes.push_back(Outcome::error);
    one.build();
    RetryPolicy twice{.max_attempts = 2, .base = 1s, .jitter = Jitter::none};
    twice.retry_on = outcome_bit(Outcome::error);
    const PortId port =
        one.wiring.world().connect(one.probe->id(), one.machine->id(),
                                   {.operation = outcomes == 0 ? "start" : "start_sync", .retry = twice});
    one.probe->send_at(testing::at(0s), port);
    one.run();
    EXPECT_EQ(a.calls.size(), 2u);
    EXPECT_EQ(a.calls.back().layer, layer);
    EXPECT_GT(one.log.repeated(one.wiring.world().meter("stepfunctions.express.duration"), layer), 0);
    return one.log.repeated(one.wiring.world().meter("stepfunctions.express.requests"), layer);
  };
  EXPECT_EQ(repeated("run_twice: 1", 0, RetryLayer::workflow), 1);
  EXPECT_EQ(repeated("", 1, RetryLayer::sdk), 1);
}

// ---- Time-outs and tokens

TEST(StateMachine, ATaskThatTakesTooLongTimesOutAndItsWorkRunsOn) {
  OneMachine one(R"({"StartAt": "A", "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "TimeoutSeconds": 2,
          "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}],
          "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}], "End": true},
    "Late": {"Type": "Succeed"}}})",
                 "");
  Server& a = one.server("a", 10s);
  one.start_at(0s);
  one.run();
  EXPECT_DOUBLE_EQ(one.longest_ms(), 5000);
  EXPECT_EQ(one.state("A")["timed_out"], 2);
  EXPECT_EQ(a.calls.size(), 2u);
  EXPECT_EQ(one.wiring.world().calls().alive(), 0u);
}

constexpr const char* kApproval = R"({"StartAt": "Ask", "States": {
  "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
          "Parameters": {"QueueUrl": "https://sqs/1/approvals", "MessageBody": {"Token.$": "$$.Task.Token"}},
          "TimeoutSeconds": 3600, "HeartbeatSeconds": 600,
          "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Nobody"}], "Next": "Approved"},
  "Approved": {"Type": "Succeed"}, "Nobody": {"Type": "Succeed"}}})";

TEST(StateMachine, AnApproverAnswersWithTheToken) {
  OneMachine one(kApproval, "tasks: { Ask: { takes: 0s, callback: { after: 5m } } }");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.state("Approved")["entered"], 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 300'000);
  EXPECT_EQ(one.details()["executions"]["most_history_events"], 10);  // 1 + 6 + 2 + 1
}

TEST(StateMachine, AMissedHeartbeatIsATimeout) {
  OneMachine one(kApproval, "tasks: { Ask: { takes: 0s, callback: { after: 30m } } }");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.state("Nobody")["entered"], 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 600'000);
}

TEST(StateMachine, HeartbeatsKeepATaskAliveUntilItsTimeout) {
  OneMachine slow(kApproval, "tasks: { Ask: { takes: 0s, callback: { after: 30m, heartbeat: 1m } } }");
  slow.start_at(0s);
  slow.run();
  EXPECT_EQ(slow.state("Approved")["entered"], 1);
  OneMachine slower(kApproval, "tasks: { Ask: { takes: 0s, callback: { after: 2h, heartbeat: 1m } } }");
  slower.start_at(0s);
  slower.run();
  EXPECT_EQ(slower.state("Nobody")["entered"], 1);
  EXPECT_DOUBLE_EQ(slower.longest_ms(), 3'600'000);
}

TEST(StateMachine, AnExecutionThatTakesTooLongTimesOut) {
  OneMachine one(R"({"StartAt": "A", "TimeoutSeconds": 60, "States": {
    "A": {"Type": "Wait", "Seconds": 600, "End": true}}})",
                 "");
  one.start_at(0s);
  one.start_at(5s);
  one.run(10min);
  EXPECT_EQ(one.timed_out(), 2);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 60'000);
  EXPECT_EQ(one.log.ended(Ending::failed), 2);
}

// A redrive goes on from the state that failed: what was done before is not done again.
TEST(StateMachine, ARedriveGoesOnFromTheStateThatFailed) {
  OneMachine one(R"({"StartAt": "A", "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "Next": "B"},
    "B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:b", "End": true}}})",
                 "redrive: { after: 10m, times: 3 }");
  Server& a = one.server("a", 1s);
  Server& b = one.server("b", 1s);
  b.outcomes = {Outcome::fault, Outcome::fault, Outcome::ok};
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  EXPECT_EQ(a.calls.size(), 1u);
  ASSERT_EQ(b.calls.size(), 3u);
  EXPECT_EQ(b.calls[2].when, testing::at(2 * 10min + 3s));
  EXPECT_EQ(one.details()["executions"]["redriven"], 2);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 2 * 600'000 + 4'000);
  EXPECT_EQ(one.used("stepfunctions.standard.transitions"), 4);
  EXPECT_EQ(one.log.marks(Mark::execution_failed), 2);
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(one.wiring.world().journeys().alive(), 0u);
}

TEST(StateMachine, ARedriveThatFailsToTheLastIsAFailure) {
  OneMachine one(kTwoTasks, "redrive: 1h\ntasks: { A: { takes: 1s, fails: 1 }, B: { takes: 1s } }");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.failed(), 1);
  EXPECT_EQ(one.state("A")["entered"], 2);
  EXPECT_EQ(one.log.ended(Ending::failed), 1);
}

// ---- Quotas

TEST(StateMachine, StartExecutionIsThrottledByItsBucket) {
  OneMachine one(kTwoTasks, "stub: 1s\naccount: { standard_starts: 1/s, standard_start_burst: 2 }");
  for (int i = 0; i < 5; ++i) one.start_at(0s);
  one.run();
  EXPECT_EQ(one.log.marks(Mark::rate_throttled), 3);
  EXPECT_EQ(one.succeeded(), 2);
}

TEST(StateMachine, TransitionsWaitForTheirBucket) {
  OneMachine one(
      R"({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass",
      "End": true}}})",
      "account: { transitions: 1/s, transition_burst: 1 }");
  one.start_at(0s);
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 2);
  EXPECT_EQ(one.log.marks(Mark::transition_delayed), 3);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 3000);  // four transitions, the first of them at once
}

TEST(StateMachine, ALongHistoryFailsTheExecution) {
  OneMachine one(R"({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "A"}}})",
                 "history_events: 100");
  one.start_at(0s);
  one.run(1h);
  EXPECT_EQ(one.failed(), 1);
  EXPECT_EQ(one.log.marks(Mark::history_full), 1);
}

// ---- Parallel and Map

constexpr const char* kMap = R"({"StartAt": "All", "States": {
  "All": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true, "ItemProcessor": {
    "StartAt": "One", "States": {"One": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true}}}}}})";

TEST(StateMachine, AnInlineMapRunsSoManyIterationsAtOnce) {
  OneMachine one(kMap, "input: { items: [1, 2, 3, 4, 5] }\nstub: 1s");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 3000);
  EXPECT_EQ(one.state("All[*]/One")["entered"], 5);
  // ExecutionStarted and Succeeded, 4 of the Map, and for each iteration 2 and the 5 of its task
  EXPECT_EQ(one.details()["executions"]["most_history_events"], 2 + 4 + 5 * 7);
}

TEST(StateMachine, AFailedIterationStopsTheOthers) {
  OneMachine one(kMap, "input: { items: [1, 2, 3, 4, 5] }\ntasks: { One: { takes: 1s, fails: 1 } }");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.failed(), 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 1000);
  EXPECT_EQ(one.state("All[*]/One")["entered"], 2);
}

TEST(StateMachine, ParallelBranchesRunSideBySideAndTheFirstErrorEndsThem) {
  const std::string definition = R"({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [
    {"StartAt": "A", "States": {"A": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true}}},
    {"StartAt": "B", "States": {"B": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:b", "End": true}}}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}], "Next": "Done"},
    "Done": {"Type": "Succeed"}, "Failed": {"Type": "Succeed"}}})";
  OneMachine good(definition, "tasks: { A: { takes: 1s }, B: { takes: 4s } }");
  good.start_at(0s);
  good.run();
  EXPECT_DOUBLE_EQ(good.longest_ms(), 4000);
  EXPECT_EQ(good.state("Done")["entered"], 1);
  OneMachine bad(definition, "tasks: { A: { takes: 1s, fails: 1 }, B: { takes: 4s } }");
  bad.start_at(0s);
  bad.run();
  EXPECT_DOUBLE_EQ(bad.longest_ms(), 1000);
  EXPECT_EQ(bad.state("Failed")["entered"], 1);
}

constexpr const char* kNightly = R"({"StartAt": "All", "States": {
  "All": {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2"},
      "MaxConcurrency": 100,
    "ToleratedFailurePercentage": 5, "End": true, "ItemProcessor": {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
    "StartAt": "One", "States": {"One": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true}}}}}})";

TEST(StateMachine, ADistributedMapStartsExecutionsOfItsOwn) {
  OneMachine one(kNightly, "items: { All: { count: 1000 } }\nstub: 1s");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  EXPECT_DOUBLE_EQ(one.longest_ms(), 10'000);
  EXPECT_EQ(one.used("stepfunctions.express.requests"), 1000);
  EXPECT_EQ(one.used("stepfunctions.standard.transitions"), 1);
}

TEST(StateMachine, ALargeMapNeedsAResultWriter) {
  const std::string large =
      "items: { All: { count: 3000, each: { text: " + std::string(100, 'x') + " } } }\nstub: 1s";
  OneMachine bare(kNightly, large);
  bare.start_at(0s);
  bare.run();
  EXPECT_EQ(bare.failed(), 1);  // States.DataLimitExceeded
  std::string written = kNightly;
  written.insert(written.find("\"MaxConcurrency\""),
                 R"("ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"}, )");
  OneMachine good(written, large);
  good.start_at(0s);
  good.run();
  EXPECT_EQ(good.succeeded(), 1);
}

TEST(StateMachine, ADistributedMapToleratesSoManyFailures) {
  OneMachine one(kNightly, "items: { All: { count: 1000 } }\ntasks: { One: { takes: 1s, fails: 0.02 } }");
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.succeeded(), 1);
  OneMachine bad(kNightly, "items: { All: { count: 1000 } }\ntasks: { One: { takes: 1s, fails: 0.2 } }");
  bad.start_at(0s);
  bad.run();
  EXPECT_EQ(bad.failed(), 1);
  EXPECT_EQ(bad.wiring.world().journeys().alive(), 0u);
}

// ---- Documents, chances, compensation

TEST(StateMachine, ChoicesLookAtTheDocumentOfTheTrafficClass) {
  OneMachine one(R"({"StartAt": "C", "States": {
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100,
      "Next": "Large"}], "Default": "Small"},
    "Large": {"Type": "Succeed"}, "Small": {"Type": "Succeed"}}})",
                 "");
  one.wiring.documents = {R"({"total": 250})"};
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.state("Large")["entered"], 1);
  EXPECT_EQ(one.details()["slowest_paths"][0]["states"], Json({"C", "Large"}));
}

TEST(StateMachine, OrAreDecidedByChance) {
  OneMachine one(R"({"StartAt": "C", "States": {
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.unknown", "BooleanEquals": true,
      "Next": "A"}], "Default": "B"},
    "A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}})",
                 "branches: { C: { A: 3, B: 1 } }");
  for (int i = 0; i < 1000; ++i) one.start_at(i * 1s);
  one.run();
  EXPECT_NEAR(one.state("A")["entered"].get<int>(), 750, 60);
  EXPECT_EQ(one.succeeded(), 1000);
}

TEST(StateMachine, CountsEffectsThatNobodyTookBack) {
  const std::string definition = R"({"StartAt": "Reserve", "States": {
    "Reserve": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "Next": "Pay"},
    "Pay": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:b",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Release"}], "End": true},
    "Release": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:c", "Next": "Failed"},
    "Failed": {"Type": "Fail", "Error": "Failed"}}})";
  OneMachine good(definition,
                  "stub: 1s\ncompensations: { Reserve: Release }\ntasks: { Pay: { takes: 1s, fails: 1 } }");
  good.start_at(0s);
  good.run();
  EXPECT_EQ(good.log.marks(Mark::effect_left), 0);
  OneMachine bad(definition,
                 "stub: 1s\ncompensations: { Reserve: Release }\n"
                 "tasks: { Pay: { takes: 1s, fails: 1 }, Release: { takes: 1s, fails: 1 } }");
  bad.start_at(0s);
  bad.run();
  EXPECT_EQ(bad.log.marks(Mark::effect_left), 1);
  EXPECT_EQ(bad.state("Reserve")["effects_left"], 1);
}

TEST(StateMachine, RunsTheShapeOfADefinitionWithoutDocuments) {
  OneMachine one(R"({"StartAt": "W", "States": {
    "W": {"Type": "Wait", "SecondsPath": "$.unknown", "Next": "C"},
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.unknown", "BooleanEquals": true,
      "Next": "M"}], "Default": "P"},
    "M": {"Type": "Map", "ItemsPath": "$.unknown", "End": true, "ItemProcessor": {"StartAt": "One",
      "States": {
      "One": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"x.$": "$.unknown"}, "End": true}}}},
    "P": {"Type": "Parallel", "End": true, "Branches": [
      {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}},
      {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}]}}})",
                 "documents: ignored\nstub: 1s\nitems: { M: { count: 3 } }");
  for (int i = 0; i < 200; ++i) one.start_at(i * 1s);
  one.run();
  EXPECT_EQ(one.succeeded(), 200);
  const int maps = one.state("M")["entered"];
  EXPECT_NEAR(maps, 100, 40);
  EXPECT_EQ(one.state("M[*]/One")["entered"], 3 * maps);
  EXPECT_EQ(one.state("P[1]/B")["entered"], 200 - maps);
}

// ---- Mistakes

TEST(StateMachine, SaysWhatIsWrongWithADefinitionAndItsTasks) {
  OneMachine one(R"({"StartAt": "A", "States": {"A": {"Type": "Taks", "End": true}}})", "");
  one.build();
  ASSERT_FALSE(one.wiring.rejections.empty());
  EXPECT_NE(one.wiring.rejections.front().find("Taks"), std::string::npos) << one.wiring.rejections.front();
  OneMachine unbound(kTwoTasks, "tasks: { a: { takes: 1s } }");
  unbound.build();
  ASSERT_EQ(unbound.wiring.rejections.size(), 3u);
  EXPECT_NE(unbound.wiring.rejections[0].find("did you mean 'A'"), std::string::npos);
  EXPECT_NE(unbound.wiring.rejections[1].find("nobody does the task 'A'"), std::string::npos);
}

}  // namespace
}  // namespace spillway
