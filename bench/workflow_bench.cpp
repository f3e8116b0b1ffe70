// What executions of state machines cost, with metrics and ledger listening.
//
//   W1  an Express machine of five states: a Choice on a field, one Lambda task; 100 distinct documents
//   W2  a Map of 10,000 items, all of it
//   W3  memory of an open execution beyond its documents

#include "formats/asl/definition.hpp"
#include "observe/ledger.hpp"
#include "observe/metrics.hpp"
#include "report.hpp"
#include "services/client.hpp"
#include "services/function.hpp"
#include "services/state_machine.hpp"
#include "spillway/world.hpp"

namespace spillway::bench {
namespace {

constexpr const char* kFiveStates = R"({"StartAt": "Prepare", "States": {
  "Prepare": {"Type": "Pass", "ResultPath": "$.prepared", "Next": "Large?"},
  "Large?": {"Type": "Choice", "Choices": [{"Variable": "$.total", "NumericGreaterThan": 50,
      "Next": "Charge"}],
             "Default": "Charge"},
  "Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:charge",
      "ResultPath": "$.charge",
             "Next": "Shape"},
  "Shape": {"Type": "Pass", "Parameters": {"total.$": "$.total"}, "Next": "Done"},
  "Done": {"Type": "Succeed"}}})";

constexpr const char* kMap = R"({"StartAt": "All", "States": {
  "All": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
    "StartAt": "One", "States": {"One": {"Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:1:function:charge",
    "End": true}}}}}})";

/// Arrivals at even intervals, of as many classes in turn as there are documents.
class InTurn final : public Arrivals {
 public:
  InTurn(double rate, std::uint16_t classes)
      : gap_(static_cast<std::int64_t>(1e9 / rate)), classes_(classes) {}
  bool next(Arrival& arrival) override {
    now_ += gap_;
    arrival.set_plain(now_);
    arrival.traffic_class = static_cast<std::uint16_t>(n_++ % classes_);
    return true;
  }
  double mean_rate(Time, Time) const override { return 1e9 / static_cast<double>(gap_.count()); }

 private:
  Duration gap_;
  std::uint16_t classes_;
  std::uint64_t n_ = 0;
  Time now_ = kStart;
};

struct Orders {
  Orders(const char* definition, double rate, std::uint16_t classes, Duration work)
      : account(TokenBucket(), TokenBucket()) {
    ClientConfig arrivals;
    arrivals.arrivals = std::make_unique<InTurn>(rate, classes);
    client = &world.add<Client>("client", std::move(arrivals));
    StateMachineConfig config;
    config.express = true;
    config.overheads.transition = Distribution::lognormal_mean_cv(5e6, 0.5);
    machine = &world.add<StateMachine>("orders", std::move(config), *asl::load(definition).machine, account);
    auto& function = world.add<Function>("charge", FunctionConfig{.init = Distribution::constant(150e6),
                                                                  .keep_alive = KeepAlive::fixed(600s),
                                                                  .scaling_environments = 10'000'000,
                                                                  .account_concurrency = 10'000'000});
    Program program;
    program.add({.verb = Step::Verb::compute,
                 .duration = Distribution::constant(static_cast<double>(work.count())),
                 .draws = world.stream("charge/compute")});
    program.add({.verb = Step::Verb::end});
    function.set_program(std::move(program));
    bind(function.id());
    client->set_target(machine->id(), {.operation = "start_sync"});
  }

  void bind(ServiceId function) {
    for (asl::StateIndex i = 0; i < machine->machine().states.size(); ++i) {
      if (machine->machine().states[i].type != asl::StateType::task) continue;
      TaskBinding task;
      task.port = world.connect(machine->id(), function, {});
      machine->bind(i, std::move(task));
    }
  }

  void observe() {
    metrics.emplace(world);
    ledger.emplace(world);
    check(!world.start().has_value(), "the benchmark's topology is wrong");
  }

  World world;
  StepFunctionsAccount account;
  Client* client;
  StateMachine* machine;
  std::optional<Metrics> metrics;
  std::optional<Ledger> ledger;
};

double execution_rate(std::uint64_t executions) {
  constexpr double kRate = 10'000;
  constexpr std::uint16_t kDocuments = 100;
  Orders orders(kFiveStates, kRate, kDocuments, 20ms);
  for (std::uint16_t i = 0; i < kDocuments; ++i)
    orders.machine->set_input(
        i, orders.machine->workflow().documents().share({{"total", i}, {"customer", "c"}}));
  orders.observe();
  orders.world.run(kStart + 1s);
  const std::uint64_t before = orders.client->journeys();
  const auto lasts = Duration{static_cast<std::int64_t>(static_cast<double>(executions) / kRate * 1e9)};
  const double spent = cpu_seconds([&] { orders.world.run(kStart + 1s + lasts); });
  return static_cast<double>(orders.client->journeys() - before) / spent;
}

/// One execution, for which nothing is known yet.
double map_seconds(int items) {
  Orders orders(kMap, 0.01, 1, 20ms);
  Json list = Json::array();
  for (int i = 0; i < items; ++i) list.push_back({{"item", i}});
  orders.machine->set_input(0, orders.machine->workflow().documents().share({{"items", std::move(list)}}));
  orders.observe();
  const double spent = cpu_seconds([&] { orders.world.run(kStart + 199s); });
  check(Json::parse(orders.machine->details())["executions"]["succeeded"] == 1, "the Map did not end");
  return spent;
}

double open_bytes(std::uint64_t open) {
  Orders orders(kFiveStates, static_cast<double>(open), 1, 10h);
  orders.machine->set_input(0, orders.machine->workflow().documents().share({{"total", 1}}));
  orders.observe();
  orders.world.run(kStart + 2s);
  const std::size_t alive = orders.world.calls().alive() / 2;  // the client's call, and the task's
  return static_cast<double>(orders.machine->bytes()) / static_cast<double>(alive);
}

int run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  Report report("Workflows", options);
  const auto row = [&](auto figure) {
    std::vector<double> figures;
    for (int i = 0; i < options.rounds; ++i) figures.push_back(figure());
    return median(figures);
  };
  if (options.wants("W1")) {
    const std::uint64_t executions = options.size(500'000, 2'000);
    report.at_least("W1", "five states and a Lambda task, Express",
                    row([=] { return execution_rate(executions) * 1e-6; }), 0.3, " M executions/s");
  }
  if (options.wants("W2")) {
    const int items = static_cast<int>(options.size(10'000, 200));
    report.at_most("W2", fmt::format("a Map of {} items", items), row([=] { return map_seconds(items); }),
                   0.1, " s");
  }
  if (options.wants("W3")) {
    report.at_most("W3", "memory of an open execution", open_bytes(options.size(100'000, 2'000)), 512,
                   " bytes");
  }
  return report.exit_code();
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) { return spillway::bench::run(argc, argv); }
