// Worked examples of SQS and of its event source mapping (cases/sqs.json), each run through the model: a
// small world, and where it is about money, the bill of what that world used.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "conformance/cases.hpp"
#include "observe/bill.hpp"
#include "services/client.hpp"
#include "services/function.hpp"
#include "services/idle_polls.hpp"
#include "services/sqs_event_source.hpp"
#include "support/queue_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::fixed;
using testing::OneQueue;
using Json = testing::Case;

Duration seconds(const Json& number) {
  return Duration{static_cast<std::int64_t>(number.get<double>() * 1e9)};
}
Duration days(const Json& number) { return number.get<std::int64_t>() * Duration{24h}; }

/// What so much usage costs in a month, in cents.
std::string month_of(std::string meter, std::int64_t quantity, int places, bool free_tier = false) {
  const std::vector<Usage> usage{
      {.resource = "queue", .meter = std::move(meter), .quantity = static_cast<Quantity>(quantity)}};
  const auto bill = make_bill(usage, built_in_prices(), {.horizon = kBillingMonth, .free_tier = free_tier});
  if (!bill) return bill.error().front();
  return bill->total.month.rounded(places);
}
std::string money(const Json& dollars, int places) {
  return fmt::format("{:.{}f}", dollars.get<double>(), places);
}

QueueConfig fifo(FifoConfig config) { return {.visibility_timeout = 30s, .fifo = config}; }

// ---- Requests and what they cost --------------------------------------------------------------------------

void large_requests_in_a_month(const Json& in, const Json& expected) {
  constexpr int kSent = 1000;
  OneQueue one({});
  for (int i = 0; i < kSent; ++i) one.send(at(0s), {.bytes = in["kb"].get<std::uint32_t>() * 1024});
  one.run(1s);
  const std::int64_t requests = one.requests() * (in["requests"].get<std::int64_t>() / kSent);
  EXPECT_EQ(requests, expected[0].get<std::int64_t>());
  EXPECT_EQ(month_of("sqs.requests.standard", requests, 2), money(expected[1], 2));
}

void one_large_request(const Json& in, const Json& expected) {
  OneQueue one({});
  one.send(at(0s), {.bytes = in["kb"].get<std::uint32_t>() * 1024});
  one.run(1s);
  EXPECT_EQ(one.requests(), expected.get<std::int64_t>());
}

void one_batch(const Json& in, const Json& expected) {
  const auto messages = in["messages"].get<std::uint32_t>();
  OneQueue one({.producer_batch = {.messages = 10}});
  for (std::uint32_t i = 0; i < messages; ++i)
    one.send(at(0s), {.bytes = in["bytes"].get<std::uint32_t>() / messages});
  one.run(1s);
  EXPECT_EQ(one.queue->visible(), messages);
  EXPECT_EQ(one.requests(), expected.get<std::int64_t>());
}

/// Empty polls of a queue, billed by it.
std::int64_t empty_polls(std::int64_t pollers, Duration each, Duration time) {
  OneQueue one({});
  IdlePolls polls(each);
  polls.set_pollers(pollers, kStart);
  one.queue->bill_empty_receives(polls.account(kStart + time));
  return one.requests();
}

void short_polls_of_workers(const Json& in, const Json& expected) {
  const Duration each = Duration{1s} / in["rps"].get<int>();
  const std::int64_t requests = empty_polls(in["workers"].get<int>(), each, days(in["days"]));
  EXPECT_EQ(requests, expected[0].get<std::int64_t>());
  EXPECT_EQ(month_of("sqs.requests.standard", requests, 2), money(expected[1], 2));
}

void short_and_long_polls(const Json& in, const Json& expected) {
  const Duration time = in["hours"].get<std::int64_t>() * Duration{1h};
  const std::int64_t often = empty_polls(1, in["short_poll_ms"].get<std::int64_t>() * Duration{1ms}, time);
  EXPECT_EQ(often, expected[0].get<std::int64_t>());
  EXPECT_EQ(month_of("sqs.requests.standard", often, 4), money(expected[1], 4));
  EXPECT_EQ(empty_polls(1, seconds(in["long_poll_s"]), time), expected[2].get<std::int64_t>());
}

void batched_sends_single_receives(const Json& in, const Json& expected) {
  constexpr int kSent = 300;
  OneQueue one({.producer_batch = {.messages = in["send_batch"].get<std::int32_t>()}});
  for (int i = 0; i < kSent; ++i) {
    one.send(at(0s), {});
    one.hand->receive_at(at(1s), 1);
  }
  one.hand->remove_at(at(2s));
  one.run(3s);
  EXPECT_EQ(one.queue->messages(), 0);
  const std::int64_t requests = one.requests() * (in["messages"].get<std::int64_t>() / kSent);
  EXPECT_EQ(requests, expected[0].get<std::int64_t>());
  EXPECT_EQ(month_of("sqs.requests.standard", requests, 2), money(expected[1], 2));
  EXPECT_EQ(month_of("sqs.requests.standard", requests, 2, true), money(expected[2], 2));
}

// ---- Standard queues --------------------------------------------------------------------------------------

void sends_of_one_thread(const Json& in, const Json& expected) {
  World world;
  testing::FactLog log(world);
  auto& queue = world.add<Queue>(
      "queue", QueueConfig{.send_latency = fixed(in["latency_ms"].get<std::int64_t>() * Duration{1ms})});
  ClientConfig config;
  config.users = 1;
  config.think_first = false;
  world.add<Client>("thread", std::move(config)).set_target(queue.id(), {});
  ASSERT_FALSE(world.start().has_value());
  world.run(at(10s + 1ns));
  EXPECT_EQ(log.used(world.meter("sqs.requests.standard")), 10 * expected.get<std::int64_t>());
}

void changed_visibility(const Json& in, const Json& expected) {
  OneQueue one({.visibility_timeout = seconds(in["visibility"])});
  one.send(at(0s), {});
  one.hand->receive_at(at(seconds(in["receive"])));
  one.hand->change_at(at(seconds(in["change_at"])), 0, seconds(in["new"]));
  one.hand->receive_at(at(seconds(expected) - 1ns));
  one.hand->receive_at(at(seconds(expected) + 1ns));
  one.run(seconds(expected) + 1s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 1}));
}

void age_of_a_dead_letter(bool is_fifo, const Json& in, const Json& expected) {
  std::optional<FifoConfig> kind;
  if (is_fifo) kind = FifoConfig{};
  OneQueue one({.max_receive_count = 1, .fifo = kind});
  auto& dead =
      one.world.add<Queue>("dead", QueueConfig{.retention = days(in["dlq_retention_days"]), .fifo = kind});
  one.queue->set_dead_letter_queue(dead);
  const Duration moved = days(in["source_days"]);
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(moved));
  one.run(moved + days(expected) - 1s);
  EXPECT_EQ(dead.messages(), 1);
  one.world.run(at(moved + days(expected) + 1s));
  EXPECT_EQ(dead.messages(), 0);
}

void batch_with_a_large_entry(const Json& in, const Json& expected) {
  OneQueue one({.maximum_message_bytes = in["maximum_message_size"].get<std::int64_t>(),
                .producer_batch = {.messages = 10}});
  for (const Json& bytes : in["bytes"]) one.send(at(0s), {.bytes = bytes.get<std::uint32_t>()});
  one.run(1s);
  EXPECT_EQ(one.producer->answered(Outcome::ok), expected[0].get<std::int64_t>());
  EXPECT_EQ(one.producer->answered(Outcome::refused), expected[1].get<std::int64_t>());
}

void retention_in_flight(const Json& in, const Json& expected) {
  const Duration retention = seconds(in["retention"]);
  OneQueue one({.visibility_timeout = 600s, .retention = retention});
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.run(retention - 1s);
  EXPECT_EQ(one.queue->in_flight(), 1);
  one.world.run(at(retention + 1s));
  EXPECT_EQ(one.queue->messages(), expected.get<std::int64_t>());
}

void delete_with_an_expired_receipt(const Json& in, const Json& expected) {
  OneQueue one({.visibility_timeout = seconds(in["visibility"])});
  one.send(at(0s), {});
  one.hand->receive_at(at(0s));
  one.hand->remove_at(at(2 * seconds(in["visibility"])));
  one.run(10s);
  EXPECT_EQ(one.hand->accepted, (std::vector{expected[0].get<bool>()}));
  EXPECT_EQ(one.queue->messages(), expected[1].get<std::int64_t>());
}

/// At the task's own rate, for a 3,600th of its longest time.
void longest_move_task(const Json& in, const Json& expected) {
  constexpr int kPart = 3600;
  OneQueue one({.visibility_timeout = 1s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  dead.set_redrive_back(*one.queue, {.start = at(60s),
                                     .rate_millis = in["rate"].get<std::int64_t>() * 1000,
                                     .most = in["hours"].get<std::int64_t>() * Duration{1h} / kPart});
  const std::int64_t most = expected.get<std::int64_t>() / kPart;
  for (std::int64_t i = 0; i < most + 1000; ++i) one.send(at(0s), {});
  one.hand->receive_at(at(1s), INT32_MAX / 2);
  one.hand->receive_at(at(3s), INT32_MAX / 2);
  one.run(300s);
  EXPECT_EQ(one.log.marks(Mark::redriven), most);
}

// ---- FIFO queues ------------------------------------------------------------------------------------------

void two_groups(const Json& in, const Json& expected) {
  OneQueue one(fifo({}));
  for (const Json& group : in["groups"]) one.send(at(0s), {.key = group.get<std::uint64_t>()});
  for (const Json& most : in["receives"]) one.hand->receive_at(at(1s), most.get<std::int32_t>());
  one.run(2s);
  EXPECT_EQ(Json(one.hand->seen), expected);
}

void one_extended_of_three(const Json& in, const Json& expected) {
  for (std::uint64_t extended = 0; extended < expected.size(); ++extended) {
    OneQueue one({.visibility_timeout = seconds(in["visibility"]), .fifo = FifoConfig{}});
    for (int i = 0; i < 3; ++i) one.send(at(0s), {.key = 1});
    one.hand->receive_at(at(0s));
    one.hand->change_at(at(0s), extended, seconds(in["extended_to"]));
    one.hand->receive_at(at(seconds(in["receive_at"])));
    one.run(3s);
    EXPECT_EQ(Json(one.hand->seen.back()), expected[extended]) << "extended: " << extended;
  }
}

void second_of_a_group(const Json&, const Json& expected) {
  OneQueue one(fifo({}));
  one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s));
  one.send(at(2s), {.key = 1});
  one.hand->receive_at(at(3s));
  one.hand->remove_at(at(4s));
  one.hand->receive_at(at(4s));
  one.run(5s);
  EXPECT_EQ(Json(one.hand->seen), expected);
}

void one_id_in_two_groups(const Json&, const Json& expected) {
  for (const bool by_group : {false, true}) {
    OneQueue one(fifo({.group = FifoConfig::Group::traffic_class,
                       .deduplicate = FifoConfig::Deduplicate::key,
                       .by_group = by_group}));
    for (const std::uint16_t group : {std::uint16_t{1}, std::uint16_t{2}})
      one.send(at(0s), {.key = 5, .traffic_class = group});
    one.run(1s);
    EXPECT_EQ(one.producer->answered(Outcome::ok), 2);
    EXPECT_EQ(one.queue->messages(), expected[by_group ? "message_group" : "queue"].get<std::int64_t>());
  }
}

/// Twice as many messages are offered as can pass, each batch of one group; counted when the burst is spent.
/// A high rate is scaled down.
void messages_a_second(FifoConfig config, std::int64_t scale, const Json& in, const Json& expected) {
  config.rate /= scale;
  OneQueue one({.producer_batch = {.messages = in["batch"].get<std::int32_t>(), .open = 1s}, .fifo = config});
  const std::int64_t offered = 2 * config.rate * in["batch"].get<std::int64_t>();
  for (std::int64_t i = 0; i < 4 * offered; ++i)
    one.send(at(Duration{i * 1'000'000'000 / offered}),
             {.key = static_cast<std::uint64_t>(i / in["batch"].get<std::int64_t>())});
  one.run(5s);
  EXPECT_EQ(one.producer->answered(Outcome::ok, at(2s), at(4s)), 2 * expected.get<std::int64_t>() / scale);
}

/// As many transactions as it needs tokens.
void transactions_of_a_batch(const Json& in, const Json& expected) {
  const auto messages = in["batch"].get<std::int64_t>();
  const auto refused = [&](std::int64_t tokens) {
    OneQueue one({.producer_batch = {.messages = static_cast<std::int32_t>(messages)},
                  .fifo = FifoConfig{
                      .by_group = true, .rate = tokens, .partitions = in["partitions"].get<std::int64_t>()}});
    for (std::int64_t i = 0; i < messages; ++i) one.send(at(0s), {.key = static_cast<std::uint64_t>(i)});
    one.run(1s);
    return one.producer->answered(Outcome::throttled);
  };
  EXPECT_EQ(refused(expected.get<std::int64_t>()), 0);
  EXPECT_GT(refused(expected.get<std::int64_t>() - 1), 0);
}

// ---- Event source mappings --------------------------------------------------------------------------------

/// A queue, a mapping, and a function that takes `work` for a message and fails for those of class 1.
struct Worker : OneQueue {
  Worker(QueueConfig queue_config, SqsEventSourceConfig mapping, FunctionConfig config, Duration work)
      : OneQueue(std::move(queue_config)) {
    function = &world.add<Function>("worker", std::move(config));
    Program program;
    program.add({.verb = Step::Verb::compute, .duration = fixed(work)});
    program.add({.verb = Step::Verb::branch, .target = 3, .arms = {{.traffic_class = 1, .start = 2}}});
    program.add({.verb = Step::Verb::fail});
    program.add({.verb = Step::Verb::end});
    function->set_program(std::move(program));
    source = &world.add<SqsEventSource>("worker<queue", *queue, std::move(mapping));
    source->attach(world.connect(source->id(), function->id()), function->config().timeout);
  }
  std::int64_t most_at_once() const {
    std::int64_t most = 0;
    for (const Fact& fact : log.facts) {
      if (fact.kind == FactKind::levelled && fact.service == static_cast<std::uint16_t>(function->id()) &&
          fact.subject == static_cast<std::uint32_t>(Gauge::concurrency))
        most = std::max(most, fact.value);
    }
    return most;
  }

  Function* function;
  SqsEventSource* source;
};

void batches_at_once_of_groups(const Json& in, const Json& expected) {
  Worker worker({.fifo = FifoConfig{}},
                {.batch_size = 1,
                 .maximum_concurrency = in["max_concurrency"].get<std::int32_t>(),
                 .start_concurrency = in["max_concurrency"].get<std::int32_t>()},
                {.timeout = 30s}, 1s);
  for (std::uint64_t i = 0; i < 60; ++i) worker.send(at(0s), {.key = i % in["groups"].get<std::uint64_t>()});
  worker.run(60s);
  EXPECT_EQ(worker.most_at_once(), expected["concurrency"].get<std::int64_t>());
}

/// One batch of the named messages; those that fail are of class 1.
void reported_failures(const std::vector<std::string>& batch, const std::vector<std::string>& failures,
                       const std::vector<std::string>& deleted) {
  Worker worker({.visibility_timeout = 60s}, {.batch_size = 100, .window = 1s, .partial_responses = true},
                {.timeout = 10s}, 1ms);
  for (const std::string& name : batch)
    worker.send(at(0s), {.traffic_class = std::ranges::count(failures, name) > 0});
  worker.hand->receive_at(at(50s));
  worker.run(61s);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), static_cast<std::int64_t>(deleted.size()));
  EXPECT_EQ(worker.queue->messages(), static_cast<std::int64_t>(failures.size()));
  EXPECT_EQ(worker.hand->received.front(), 0) << "not before their visibility timeout";
  for (const Fact& fact : worker.log.facts) {
    if (fact.kind != FactKind::ended) continue;
    const std::size_t number = worker.world.journeys()[JourneyId{fact.subject}].ordinal;
    EXPECT_EQ(std::ranges::count(deleted, batch[number]), 1) << batch[number];
  }
}

void window_closes(const Json& in, const Json& expected) {
  Worker worker({.visibility_timeout = 600s}, {.batch_size = 100, .window = seconds(in["window_s"])},
                {.timeout = 10s}, 1ms);
  worker.send(at(seconds(in["opened_s"])), {});
  worker.send(at(seconds(in["opened_s"]) + 20s), {});
  worker.run(100s);
  std::vector<Time> invoked;
  for (const Fact& fact : worker.log.facts) {
    if (fact.kind == FactKind::sent && fact.service == static_cast<std::uint16_t>(worker.function->id()))
      invoked.push_back(fact.at);
  }
  EXPECT_EQ(invoked, (std::vector{at(seconds(expected["closes_s"]))}));
}

void ramp_over_a_backlog(const Json& in, const Json& expected) {
  World world;
  auto& probe = world.add<testing::Probe>("probe");
  auto& queue = world.add<Queue>("queue", QueueConfig{});
  auto& function = world.add<Function>("worker", FunctionConfig{});
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(seconds(in["duration_s"]))});
  program.add({.verb = Step::Verb::end});
  function.set_program(std::move(program));
  auto& source =
      world.add<SqsEventSource>("worker<queue", queue,
                                SqsEventSourceConfig{.batch_size = in["batch"].get<std::int32_t>(),
                                                     .start_concurrency = in["start"].get<std::int32_t>(),
                                                     .ramp_per_minute = in["per_min"].get<std::int32_t>()});
  source.attach(world.connect(source.id(), function.id()), function.config().timeout);
  const PortId port = world.connect(probe.id(), queue.id());
  for (std::int64_t i = 0; i < in["messages"].get<std::int64_t>(); ++i) probe.send_at(at(0s), port);
  ASSERT_FALSE(world.start().has_value());
  std::int32_t most = 0;
  Duration time{};
  for (; time < 20min && (time < 2s || queue.messages() > 0); time += 1s) {
    world.run(at(time));
    most = std::max(most, source.concurrency());
  }
  EXPECT_EQ(queue.messages(), 0);
  const double minutes = expected["minutes"].get<double>();
  EXPECT_NEAR(static_cast<double>(time.count()) / 60e9, minutes, minutes / 10);
  const double instances = expected["instances"].get<double>();
  EXPECT_NEAR(most, instances, instances / 10);
}

void month_behind_provisioned_pollers(const Json& in, const Json& expected) {
  Worker worker({}, {.batch_size = 1, .provisioned = {.least = 2, .most = 2}},
                {.memory_mib = in["memory_mb"].get<std::int64_t>()},
                in["duration_ms"].get<std::int64_t>() * Duration{1ms});
  for (int i = 0; i < 10; ++i) worker.send(at(0s), {});
  worker.run(1h);
  worker.source->account();
  const auto used = [&](std::string_view meter) { return worker.log.used(worker.world.meter(meter)); };
  EXPECT_EQ(used("lambda.event_poller.sqs"), 2 * 3600);
  const std::int64_t times = in["requests_per_day"].get<std::int64_t>() * in["days"].get<std::int64_t>() / 10;
  const Json& lines = expected["lines"];
  EXPECT_EQ(month_of("lambda.duration.x86", used("lambda.duration.x86") * times, 2),
            money(lines["compute"], 2));
  EXPECT_EQ(month_of("lambda.requests", used("lambda.requests") * times, 2), money(lines["requests"], 2));
  const std::int64_t hours = in["epu_hours"].get<std::int64_t>();
  EXPECT_EQ(month_of("lambda.event_poller.sqs", used("lambda.event_poller.sqs") * hours / 2, 2),
            money(lines["epu"], 2));
}

// ---- Fair queues ------------------------------------------------------------------------------------------

/// One tenant's share is in flight, and it has one message more, sent before that of another: a noisy one's
/// would be the last.
void noisy_by_messages_in_flight(const Json& in, const Json& expected) {
  OneQueue one({.fair = FairConfig{}});
  const auto own = in["own"].get<int>();
  const auto all = in["all"].get<int>();
  constexpr std::uint64_t kTenant = 1;
  for (int i = 0; i < own; ++i) one.send(at(0s), {.key = kTenant});
  for (int i = own; i < all; ++i) one.send(at(0s), {.key = 1000 + static_cast<std::uint64_t>(i)});
  one.hand->receive_at(at(0s), all);
  one.send(at(0s), {.key = kTenant});
  one.send(at(0s), {.key = 2});
  one.hand->receive_at(at(0s), 1);  // before any time of processing has passed
  one.run(1s);
  const bool noisy = one.hand->seen[1][0] != static_cast<std::uint64_t>(all);
  EXPECT_EQ(noisy, expected.get<bool>());
}

// ---- The table --------------------------------------------------------------------------------------------

const testing::Runs& runs() {
  static const testing::Runs all{
      {"SQS-P1", large_requests_in_a_month},
      {"SQS-P3", one_large_request},
      {"SQS-P5", one_batch},
      {"SQS-P6", short_polls_of_workers},
      {"SQS-P7", short_and_long_polls},
      {"SQS-P8", batched_sends_single_receives},
      {"SQS-B1", sends_of_one_thread},
      {"SQS-B2", changed_visibility},
      {"SQS-B4", [](const Json& in, const Json& out) { age_of_a_dead_letter(false, in, out); }},
      {"SQS-B5", [](const Json& in, const Json& out) { age_of_a_dead_letter(true, in, out); }},
      {"SQS-B8", batch_with_a_large_entry},
      {"SQS-B10", retention_in_flight},
      {"SQS-B12", delete_with_an_expired_receipt},
      {"SQS-B15", longest_move_task},
      {"FIFO-2", two_groups},
      {"FIFO-4", one_extended_of_three},
      {"FIFO-5", second_of_a_group},
      {"FIFO-6", one_id_in_two_groups},
      {"FIFO-9", [](const Json& in, const Json& out) { messages_a_second({}, 1, in, out); }},
      {"FIFO-10",
       [](const Json& in, const Json& out) {
         messages_a_second({.by_group = true, .rate = 70'000, .partitions = 234}, 100, in, out);
       }},
      {"FIFO-11", transactions_of_a_batch},
      {"FAIR-2", noisy_by_messages_in_flight},
      {"LQ1", batches_at_once_of_groups},
      {"LQ2", [](const Json& in,
                 const Json& out) { reported_failures(in["batch"], in["failures"], out["deleted"]); }},
      {"LQ3.empty_list",
       [](const Json& in, const Json& out) {
         ASSERT_EQ(out["batch"], "success");
         reported_failures({"a", "b"}, in["failures"], {"a", "b"});
       }},
      {"LB1", window_closes},
      {"LX1", ramp_over_a_backlog},
      {"LP9", month_behind_provisioned_pollers},
  };
  return all;
}

class SqsCases : public ::testing::TestWithParam<Json> {};

TEST_P(SqsCases, Holds) { testing::run_case(runs(), "id", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Every, SqsCases, ::testing::ValuesIn(testing::cases_of("sqs.json")),
                         testing::name_of_case);

}  // namespace
}  // namespace spillway
