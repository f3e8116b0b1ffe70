// Worked examples of WebSocket APIs (cases/api-gateway.json), each run through the model, and where it is
// about money, the bill of what that world used.

#include <gtest/gtest.h>

#include "conformance/cases.hpp"
#include "model/quotas.hpp"
#include "observe/bill.hpp"
#include "services/websocket_api.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::fixed;
using testing::Probe;
using testing::Server;
using Json = testing::Case;

constexpr const char* kMessages = "apigateway.websocket.messages";
constexpr const char* kConnections = "apigateway.websocket.connections";

/// What so much usage costs in a month, in cents.
std::string month_of(std::string meter, std::int64_t quantity) {
  const std::vector<Usage> usage{
      {.resource = "chat", .meter = std::move(meter), .quantity = static_cast<Quantity>(quantity)}};
  const auto bill = make_bill(usage, built_in_prices(), {.horizon = kBillingMonth, .free_tier = false});
  return bill ? bill->total.month.rounded(2) : bill.error().front();
}

/// An API with a route that does nothing, whose latency is nothing.
struct Chat {
  explicit Chat(WebSocketConfig config) {
    api = &world.add<WebSocketApi>("chat", std::move(config));
    api->add_route({.name = "say"}, world.add<Server>("fn", 0ms).id(), {});
    probe = &world.add<Probe>("probe");
  }
  PortId port(std::string operation) {
    return world.connect(probe->id(), api->id(), {.operation = std::move(operation)});
  }
  void run(Duration end) {
    ASSERT_FALSE(world.start().has_value());
    world.run(at(end));
    api->account();
  }
  std::int64_t used(const char* meter) { return log.used(world.meter(meter)); }

  World world;
  testing::FactLog log{world};
  WebSocketApi* api;
  Probe* probe;
};

/// One user for one day, whom the quotas disconnect every two hours.
void chat_of_users(const Json& in, const Json& expected) {
  const Duration day = in["hours_per_day"].get<std::int64_t>() * Duration{1h};
  const auto sent = in["sent"].get<std::int64_t>();
  const std::uint32_t bytes = in["kb"].get<std::uint32_t>() * 1024;
  Chat chat({.stays = fixed(day), .returns_after = fixed(0s)});
  chat.api->set_return({});
  const PortId saying = chat.port("say");
  const PortId posting = chat.port("@connections");
  for (std::int64_t message = 0; message < sent; ++message) {
    const Time when = at(day / sent * message);
    chat.probe->send_at(when, saying, bytes);
    for (std::int64_t i = 0; i < in["received"].get<std::int64_t>() / sent; ++i)
      chat.probe->send_at(when + 1s, posting, bytes);
  }
  chat.run(day);
  const std::int64_t user_days = in["users"].get<std::int64_t>() * in["days"].get<std::int64_t>();
  EXPECT_EQ(month_of(kMessages, chat.used(kMessages) * user_days), expected["messages"].get<std::string>());
  EXPECT_EQ(month_of(kConnections, chat.used(kConnections) * user_days),
            expected["minutes"].get<std::string>());
}

void tiers_of_messages(const Json& in, const Json& expected) {
  EXPECT_EQ(month_of(kMessages, in["ws_messages"].get<std::int64_t>()),
            expected["messages"].get<std::string>());
  EXPECT_EQ(month_of(kConnections, in["ws_minutes"].get<std::int64_t>() * 60),
            expected["minutes"].get<std::string>());
}

void one_large_message(const Json& in, const Json& expected) {
  Chat chat({});
  chat.probe->send_at(at(0s), chat.port("say"), in["ws_kb"].get<std::uint32_t>() * 1024);
  chat.run(1s);
  EXPECT_EQ(chat.used(kMessages), expected.get<std::int64_t>());
}

/// A hundredth of the rate, for what a hundredth of the connections need; kept from idling.
void as_many_as_may_be_open(const Json& in, const Json& expected) {
  constexpr int kPart = 100;
  ASSERT_EQ(quota("apigateway.websocket.new_connections"),
            std::to_string(in["new_conn_per_s"].get<int>()) + "/s");
  const std::int64_t rate = in["new_conn_per_s"].get<std::int64_t>() / kPart;
  const Duration lasts = in["max_conn_s"].get<std::int64_t>() * Duration{1s};
  Chat chat({.new_rate_millis = rate * 1000, .new_burst = 1, .idle_timeout = 10h, .longest = lasts});
  const PortId connecting = chat.port("$connect");
  for (std::int64_t i = 0; i < 2 * rate * (lasts / 1s); ++i)
    chat.probe->send_at(at(i * Duration{1s} / rate), connecting, 0, static_cast<std::uint64_t>(i));
  chat.run(2 * lasts);
  std::int64_t most = 0;
  for (const Fact& fact : chat.log.facts) {
    if (fact.kind == FactKind::levelled && fact.subject == static_cast<std::uint32_t>(Gauge::connections))
      most = std::max(most, fact.value);
  }
  // The one that ends and the one that begins at the same moment may both be counted.
  EXPECT_NEAR(static_cast<double>(most * kPart), expected.get<double>(), kPart);
}

const testing::Runs& runs() {
  static const testing::Runs all{
      {"AG7", chat_of_users},
      {"AG9", tiers_of_messages},
      {"AG10", one_large_message},
      {"AG11", as_many_as_may_be_open},
  };
  return all;
}

class ApiGatewayCases : public ::testing::TestWithParam<Json> {};

TEST_P(ApiGatewayCases, Holds) { testing::run_case(runs(), "id", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Every, ApiGatewayCases, ::testing::ValuesIn(testing::cases_of("api-gateway.json")),
                         testing::name_of_case);

}  // namespace
}  // namespace spillway
