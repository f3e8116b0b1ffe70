// Every row of the catalogue: its settings resolve from the shortest text, and mean what they say.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/retry_setting.hpp"
#include "observe/prices.hpp"
#include "scenario/resolve.hpp"
#include "services/api_gateway.hpp"
#include "services/catalogue.hpp"
#include "services/client.hpp"
#include "services/endpoint.hpp"
#include "services/queue.hpp"
#include "services/table.hpp"
#include "support/small_wiring.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::Probe;
using testing::Server;
using testing::SmallWiring;

void expect_help(const Settings& settings, const std::string& path) {
  std::set<std::string> names;
  for (const Setting& setting : settings) {
    const std::string here = path + "." + setting.name;
    EXPECT_TRUE(setting.help.ends_with('.') && setting.help.size() > 10) << here;
    EXPECT_TRUE(names.insert(setting.name).second) << here << " is described twice";
    expect_help(setting.fields, here);
  }
}

TEST(Catalogue, DescribesEverySettingOnceInASentence) {
  for (const ServiceType& type : catalogue()) {
    expect_help(type.describe(), std::string(type.type));
    EXPECT_TRUE(type.summary.ends_with('.')) << type.type;
  }
}

TEST(Catalogue, FindsTypesByNameOnly) {
  EXPECT_EQ(find_service_type("aws.dynamodb.table")->describe, &describe_table);
  EXPECT_EQ(find_service_type("aws.dynamodb"), nullptr);
}

TEST(Catalogue, TheShortestTextsMakeAWorldThatRuns) {
  SmallWiring wiring;
  wiring.build("aws.dynamodb.table", "orders", "{}");
  wiring.build("http.endpoint", "backend", "{}");
  wiring.build("aws.apigateway.http", "api", "routes: { 'POST /orders': { call: orders, op: put } }");
  wiring.build("aws.apigateway.rest", "old", "routes: { 'GET /': { call: backend } }");
  wiring.build("client", "a", "{ to: api, route: 'POST /orders', closed: { users: 3 }, bytes: 2KiB }");
  wiring.build("client", "b", "{ to: old, closed: { users: 2 }, keys: { zipf: 100 } }");
  FactLog log(wiring.world());
  wiring.run(60s);
  EXPECT_EQ(log.ended(Ending::failed), 0);
  EXPECT_GT(log.ended(Ending::succeeded), 200);
  // Every journey of `a` wrote 2 KiB once.
  EXPECT_EQ(log.used(wiring.world().meter("dynamodb.write.on_demand")) % 2, 0);
  EXPECT_GT(log.used(wiring.world().meter("apigateway.rest.requests")), 50);
}

TEST(Catalogue, EveryMeterHasAPrice) {
  SmallWiring wiring;
  wiring.build("aws.dynamodb.table", "orders", "{}");
  wiring.build("aws.dynamodb.table", "bought", "{ mode: provisioned }");
  wiring.build("aws.sqs.queue", "tasks", "{}");
  wiring.build("aws.sqs.queue", "events", "{ fifo: true }");
  wiring.build("aws.lambda.function", "worker", "event_sources: [ { from: tasks, provisioned: {} } ]");
  wiring.build("aws.apigateway.http", "api", "routes: { 'POST /orders': { call: orders, op: put } }");
  wiring.build("aws.apigateway.rest", "old", "routes: { 'POST /orders': { call: orders, op: put } }");
  const PriceList prices = built_in_prices();
  for (const std::string& meter : wiring.world().meters())
    EXPECT_TRUE(prices.find(meter).has_value()) << meter;
}

TEST(Catalogue, AQueueIsWhatItsSettingsSay) {
  SmallWiring wiring;
  const auto queue = [&](std::string_view yaml) {
    return static_cast<Queue&>(wiring.build("aws.sqs.queue", std::string(yaml), yaml)).config();
  };
  EXPECT_FALSE(queue("fifo: false").fifo);
  EXPECT_EQ(queue("fifo: true").fifo->rate, 300);
  EXPECT_EQ(queue("fifo: { rate: unlimited }").fifo->rate, 0);
  const QueueConfig high =
      queue("fifo: { throughput_limit: per_message_group_id, deduplication_scope: message_group }");
  EXPECT_EQ(high.fifo->rate, 70'000);
  EXPECT_EQ(high.fifo->partitions, 234);
  EXPECT_EQ(high.fifo->partition_rate, 300);
  EXPECT_EQ(queue("producer_batch: 5").producer_batch.messages, 5);
  EXPECT_TRUE(wiring.rejections.empty());
}

TEST(Catalogue, AGatewayTakesItsThrottlesAndTimeLimitsFromSettings) {
  SmallWiring wiring;
  wiring.build("http.endpoint", "slow", "service: 20s");
  auto& api = wiring.build("aws.apigateway.http", "api",
                           "{ overhead: 0s, throttle: { rate: 1/s, burst: 3 }, routes: {"
                           "  'GET /a': { call: slow, timeout: 2s },"
                           "  'GET /b': { call: slow, throttle: { rate: 1/s, burst: 1 } } } }");
  auto& probe = wiring.world().add<Probe>("probe");
  const PortId a = wiring.world().connect(probe.id(), api.id(), {.operation = "GET /a"});
  const PortId b = wiring.world().connect(probe.id(), api.id(), {.operation = "GET /b"});
  for (const PortId port : {a, b, b, a, a}) probe.send_at(at(0s), port);
  wiring.run(60s);
  std::map<std::uint32_t, std::pair<Outcome, Time>> answers;
  for (const auto& answer : probe.answers) answers[answer.number] = {answer.outcome, answer.when};
  EXPECT_EQ(answers[0], std::pair(Outcome::fault, at(2s)));      // its own time limit
  EXPECT_EQ(answers[1], std::pair(Outcome::ok, at(20s)));        // the default one is 30 s
  EXPECT_EQ(answers[2], std::pair(Outcome::throttled, at(0s)));  // by the route
  EXPECT_EQ(answers[3], std::pair(Outcome::fault, at(2s)));
  EXPECT_EQ(answers[4], std::pair(Outcome::throttled, at(0s)));  // by the stage
}

TEST(Catalogue, BoundsOfTheProviderHold) {
  const auto refused = [](const Settings& settings, std::string_view yaml) {
    return !value_of(yaml, settings).has_value();
  };
  const Settings http = find_service_type("aws.apigateway.http")->describe();
  const Settings rest = find_service_type("aws.apigateway.rest")->describe();
  EXPECT_TRUE(refused(http, "routes: { 'GET /': { call: a, timeout: 31s } }"));
  EXPECT_FALSE(refused(rest, "routes: { 'GET /': { call: a, timeout: 31s } }"));
  EXPECT_TRUE(refused(rest, "routes: { 'GET /': { call: a, timeout: 49ms } }"));
  EXPECT_TRUE(refused(http, "routes: { 'GET /': { call: a, send: b } }"));
  EXPECT_TRUE(refused(http, "routes: {}"));
  const Settings table = find_service_type("aws.dynamodb.table")->describe();
  EXPECT_TRUE(refused(table, "item_size: 401KiB"));
  EXPECT_TRUE(refused(table, "mode: free"));
}

TEST(Catalogue, ATableTakesItsCapacityFromSettings) {
  SmallWiring wiring;
  auto& table = wiring.build("aws.dynamodb.table", "orders",
                             "{ mode: provisioned, capacity: { write: 3 }, burst: 2s, write_latency: 1ms }");
  auto& probe = wiring.world().add<Probe>("probe");
  const PortId put = wiring.world().connect(probe.id(), table.id(), {.operation = "put"});
  for (int i = 0; i < 10; ++i) probe.send_at(at(0s), put);
  wiring.run(10s);
  EXPECT_EQ(std::ranges::count(probe.answers, Outcome::ok, &Probe::Answer::outcome), 6);
  EXPECT_EQ(probe.answers.back().when, at(1ms));
}

TEST(Catalogue, AnEndpointTakesItsQueueAndOutagesFromSettings) {
  SmallWiring wiring;
  auto& backend = wiring.build("http.endpoint", "backend",
                               "{ servers: 1, queue: 1, service: 600ms, when_full: throttled,"
                               "  outages: { up: 1s, down: 1s, running: resume, arriving: queue } }");
  auto& probe = wiring.world().add<Probe>("probe");
  const PortId port = wiring.world().connect(probe.id(), backend.id());
  for (int i = 0; i < 3; ++i) probe.send_at(at(0s), port);
  wiring.run(10s);
  EXPECT_EQ(probe.answers[0].outcome, Outcome::throttled);
  EXPECT_EQ(probe.answers[1].when, at(600ms));
  EXPECT_EQ(probe.answers[2].when, at(2200ms));
}

TEST(Catalogue, AClientTakesItsClassesAndRetriesFromSettings) {
  SmallWiring wiring;
  auto& first = wiring.world().add<Server>("first", 1ms);
  auto& second = wiring.world().add<Server>("second", 1ms);
  first.outcomes.assign(5000, Outcome::error);
  wiring.build("client", "c",
               "{ to: first, route: serve, timeout: none, closed: { users: 1, think: 10ms },"
               "  retry: { max_attempts: 2, base: 1ms, jitter: none, on: [ error ] },"
               "  classes: { gold: { weight: 1, to: second, bytes: 10KiB }, rest: { weight: 3 } } }");
  FactLog log(wiring.world());
  wiring.run(10s);
  const auto failed = static_cast<std::size_t>(log.ended(Ending::failed));
  EXPECT_NEAR(static_cast<double>(second.calls.size()) / static_cast<double>(second.calls.size() + failed),
              0.25, 0.06);
  EXPECT_EQ(first.calls.size(), 2 * failed);
  EXPECT_EQ(second.calls.size(), static_cast<std::size_t>(log.ended(Ending::succeeded)));
}

RetryPolicy policy(std::string_view yaml) {
  return retry_policy((*value_of(yaml, {retry("retry", "Retries.")}))["retry"], "sdk-legacy");
}

TEST(RetrySetting, IsAProfileByNameOrAnObjectThatChangesOne) {
  EXPECT_EQ(policy("{}").max_attempts, find_retry_profile("sdk-legacy")->max_attempts);
  EXPECT_EQ(policy("retry: none").max_attempts, 1);
  const RetryPolicy changed =
      policy("retry: { profile: sdk-standard, max_attempts: 9, quota: { capacity: 7 } }");
  EXPECT_EQ(changed.max_attempts, 9);
  EXPECT_EQ(changed.base, find_retry_profile("sdk-standard")->base);
  EXPECT_EQ(changed.quota.capacity, 7);
  EXPECT_EQ(changed.quota.cost_transient, find_retry_profile("sdk-standard")->quota.cost_transient);
}

TEST(RetrySetting, WithoutAProfileIsPlainBackOff) {
  const RetryPolicy plain = policy(
      "retry: { max_attempts: 4, base: 10ms, factor: 3, cap: 1s, jitter: equal, on: [ timed_out, error ], "
      "probability: 0.5 }");
  EXPECT_EQ(plain.max_attempts, 4);
  EXPECT_EQ(plain.base, 10ms);
  EXPECT_EQ(plain.factor, 3);
  EXPECT_EQ(plain.cap, 1s);
  EXPECT_EQ(plain.jitter, Jitter::equal);
  EXPECT_EQ(plain.retry_on, outcome_bit(Outcome::timed_out) | outcome_bit(Outcome::error));
  EXPECT_EQ(plain.probability, 0.5);
  EXPECT_EQ(plain.quota.capacity, 0);
}

}  // namespace
}  // namespace spillway
