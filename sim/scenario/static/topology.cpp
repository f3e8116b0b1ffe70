#include "scenario/static/topology.hpp"

#include <algorithm>

#include "model/retry_setting.hpp"
#include "scenario/build.hpp"
#include "scenario/static/program_walk.hpp"
#include "services/sqs_event_source.hpp"
#include "services/state_machine.hpp"
#include "services/websocket_api.hpp"
#include "spillway/check.hpp"

namespace spillway {

namespace {

/// What a failed request of this policy comes to, at most.
Attempts attempts_of(RetryLayer layer, const RetryPolicy& policy) {
  if (policy.retry_on == kRetryNothing || policy.probability <= 0 || policy.max_attempts <= 1) return {};
  const double most = policy.max_attempts == INT32_MAX ? kUnlimited : policy.max_attempts;
  return {.layer = layer, .sent = most, .worked = most};
}

/// How often one attempt is sent at most, hedges included. It may be sent so often though nothing fails.
void add_hedges(Hop& hop, const Value& connection) {
  const Value& hedging = connection["hedging"];
  if (!hedging.is_set()) return;
  const auto most = static_cast<double>(hedging["max_attempts"].count());
  hop.tries.push_back({.layer = RetryLayer::hedge, .sent = most, .worked = most});
}

/// Makes places and hops. A world is built beside it, and never run: it knows which route an operation means
/// and which retry profile the SDK uses towards whom.
class Reader {
 public:
  explicit Reader(const Scenario& scenario) {
    topology_.scenario = &scenario;
    topology_.classes = std::max<std::size_t>(1, scenario.classes.size());
    std::vector<BuildProblem> problems;
    world_ = build_world(scenario, {}, problems);
  }

  Topology read() {
    const Scenario& scenario = *topology_.scenario;
    for (std::size_t client = 0; client < scenario.traffic.size(); ++client) {
      read_client(topology_.resources() + client, scenario.traffic[client].value);
    }
    for (std::size_t resource = 0; resource < scenario.resources.size(); ++resource) read_resource(resource);
    for (std::size_t client = 0; client < scenario.traffic.size(); ++client)
      read_returns(topology_.resources() + client);
    // Whatever nobody asks is a place all the same, so that nothing is missing from the view.
    for (std::size_t resource = 0; resource < scenario.resources.size(); ++resource) {
      const auto of = [&](const Place& place) { return place.vertex == resource; };
      if (std::ranges::none_of(topology_.places, of)) place(resource, "");
    }
    return std::move(topology_);
  }

 private:
  void read_client(std::size_t vertex, const Value& client) {
    const std::size_t from = add_place({.vertex = vertex});
    const Value& of_classes = client["classes"];
    std::vector<double> rest(topology_.classes, 1);
    Hop plain = client_hop(client);
    for (const auto& [name, of] : of_classes.members()) {
      if (!of["to"].is_set() && !of["route"].is_set()) continue;
      Hop own = plain;
      const Value& to = of["to"].is_set() ? of["to"] : client["to"];
      const Value& route = of["route"].is_set() || of["to"].is_set() ? of["route"] : client["route"];
      own.to = place_of(to, route);
      own.at = to.position();
      own.share.assign(topology_.classes, 0);
      const std::size_t which = class_index(name);
      own.share[which] = 1;
      rest[which] = 0;
      topology_.places[from].hops.push_back(std::move(own));
    }
    plain.share = rest;
    // A target that every class replaces is asked by nobody.
    const bool asked = of_classes.members().empty() ||
                       std::ranges::any_of(of_classes.members(),
                                           [&](const Member& of) { return rest[class_index(of.name)] > 0; });
    if (!asked) return;
    plain.to = place_of(client["to"], client["route"]);
    topology_.places[from].hops.push_back(std::move(plain));
  }

  static Hop client_hop(const Value& client) {
    Hop hop{.latency = 2 * client["latency"].duration(), .at = client["to"].position()};
    hop.tries.push_back(attempts_of(RetryLayer::client, retry_policy(client["retry"], "none")));
    add_hedges(hop, client);
    if (!client["timeout"].is_word()) hop.timeout = client["timeout"].duration();
    return hop;
  }

  void read_resource(std::size_t resource) {
    struct Row {
      std::string_view type;
      void (Reader::*read)(std::size_t, const Value&);
    };
    static constexpr Row kRows[] = {
        {"aws.apigateway.http", &Reader::read_gateway},
        {"aws.apigateway.rest", &Reader::read_gateway},
        {"aws.apigateway.websocket", &Reader::read_websocket_api},
        {"aws.elb.application", &Reader::read_load_balancer},
        {"aws.lambda.function", &Reader::read_function},
        {"aws.sqs.queue", &Reader::read_queue},
        {"aws.stepfunctions.state_machine", &Reader::read_state_machine},
    };
    const Value& settings = topology_.member(resource).value;
    const auto* const row = std::ranges::find(kRows, topology_.type(resource), &Row::type);
    if (row != std::ranges::end(kRows)) return (this->*row->read)(resource, settings);
    const ServiceType* const type = find_service_type(topology_.type(resource));
    check(type != nullptr, "a resource's type was not checked");
    if (topology_.program(resource) != nullptr) read_handler(resource, settings);
    read_references(resource, type->describe(), settings, Hop::Kind::other);
  }

  /// What a function names beside its program and event sources is where it sends what came to an end.
  void read_function(std::size_t resource, const Value& settings) {
    read_handler(resource, settings);
    read_references(resource, find_service_type(topology_.type(resource))->describe(), settings,
                    Hop::Kind::redrive);
  }

  void read_gateway(std::size_t resource, const Value& settings) {
    const Value* const authorizer = given(settings, "authorizer");
    const bool asks = authorizer != nullptr && given(*authorizer, "call") != nullptr;
    for (const auto& [name, route] : settings["routes"].members()) {
      const std::size_t from = place(resource, name);
      topology_.places[from].label = name;
      if (asks && !route["open"].boolean()) add_hop(from, authorizer_hop(*authorizer));
      add_hop(from, integration_hop(route));
    }
  }

  /// A connection that is opened is authorized, and closed one day. How often a message finds none is not
  /// known here.
  void read_websocket_api(std::size_t resource, const Value& settings) {
    const std::size_t opening = place(resource, WebSocketApi::kConnect);
    topology_.places[opening].label = WebSocketApi::kConnect;
    if (const Value* const authorizer = given(settings, "authorizer"))
      add_hop(opening, authorizer_hop(*authorizer));
    for (const auto& [name, route] : settings["routes"].members()) {
      const bool once = name == WebSocketApi::kConnect || name == WebSocketApi::kDisconnect;
      const std::size_t from = once ? opening : place(resource, name);
      if (!once) topology_.places[from].label = name;
      add_hop(from, integration_hop(route));
    }
  }

  /// Clients that a WebSocket API may lose ask it for a connection again, and try as often as it lets them.
  void read_returns(std::size_t client) {
    const auto from = static_cast<std::size_t>(std::ranges::find(topology_.places, client, &Place::vertex) -
                                               topology_.places.begin());
    std::vector<Hop> returns;
    for (const Hop& hop : topology_.places[from].hops) {
      const std::size_t asked = topology_.places[hop.to].vertex;
      const Value* const connections = given(topology_.member(asked).value, "connections");
      const Value* const again = connections == nullptr ? nullptr : given(*connections, "returns");
      if (again == nullptr) continue;
      returns.push_back({.kind = Hop::Kind::returns,
                         .to = place(asked, WebSocketApi::kConnect),
                         .share = std::vector<double>(topology_.classes, 0),
                         .tries = {attempts_of(RetryLayer::client, retry_policy((*again)["retry"], "none"))},
                         .at = again->position()});
    }
    for (Hop& hop : returns) add_hop(from, std::move(hop));
  }

  Hop integration_hop(const Value& route) {
    const bool sends = route["send"].is_set();
    const Value& to = route[sends ? "send" : "call"];
    return {.kind = sends ? Hop::Kind::send : Hop::Kind::call,
            .to = sends ? place_of(to, Value()) : place_of(to, route["op"]),
            .share = everybody(),
            .timeout = route["timeout"].duration(),
            .at = to.position()};
  }

  /// As if no verdict were kept.
  Hop authorizer_hop(const Value& authorizer) {
    const Value& to = authorizer["call"];
    return {.kind = Hop::Kind::call,
            .to = place_of(to, authorizer["op"]),
            .share = everybody(),
            .timeout = authorizer["timeout"].duration(),
            .at = to.position()};
  }

  /// The targets of a rule share its requests evenly.
  void read_load_balancer(std::size_t resource, const Value& settings) {
    for (const auto& [name, rule] : settings["rules"].members()) {
      const std::size_t from = place(resource, name);
      topology_.places[from].label = name;
      const auto& targets = rule["targets"].items();
      for (const Value& target : targets) {
        Hop hop{.kind = Hop::Kind::call,
                .to = place_of(target, rule["op"]),
                .share = everybody(),
                .timeout = settings["idle_timeout"].duration(),
                .at = target.position()};
        for (double& share : hop.share) share /= static_cast<double>(targets.size());
        add_hop(from, std::move(hop));
      }
    }
  }

  /// A handler is a place for its direct callers, and one for each of its event sources.
  void read_handler(std::size_t resource, const Value& settings) {
    walk(place(resource, ""), 1);
    const Value* const sources = given(settings, "event_sources");
    if (sources == nullptr) return;
    int number = -1;
    for (const Value& source : sources->items()) {
      const std::size_t polled = add_place({.vertex = resource,
                                            .operation = number--,
                                            .label = source["from"].text(),
                                            .batch = static_cast<double>(source["batch_size"].count())});
      walk(polled, 1 / topology_.places[polled].batch);
      const std::size_t queue = place(topology_.vertex(source["from"].text()), "");
      add_hop(queue, poll(source, settings, polled));
    }
  }

  Hop poll(const Value& source, const Value& function, std::size_t to) const {
    const Value& queue = topology_.member(topology_.vertex(source["from"].text())).value;
    Duration visibility = queue["visibility_timeout"].duration();
    const SqsEventSourceConfig config{.window = source["batching_window"].duration(),
                                      .throttle_backoff = source["throttle_backoff"].duration()};
    const Duration needed = config.window + function["timeout"].duration();
    if (config.window > Duration::zero() && needed > visibility) visibility = needed + config.window_margin;
    const double receives = receives_of(queue, visibility);
    return {.kind = Hop::Kind::poll,
            .to = to,
            .share = everybody(),
            .tries = {{.layer = RetryLayer::redrive, .sent = receives, .worked = receives},
                      {.layer = RetryLayer::event_source, .sent = invocations(config, visibility)}},
            .at = source["from"].position()};
  }

  /// How often a message is received that is never deleted: up to its redrive, or until it expires.
  static double receives_of(const Value& queue, Duration visibility) {
    if (queue["redrive"].is_set()) {
      return static_cast<double>(queue["redrive"]["max_receive_count"].count());
    }
    if (visibility <= Duration::zero()) return kUnlimited;
    const Duration kept = queue["retention"].duration() - queue["delay"].duration();
    return static_cast<double>(std::max<std::int64_t>(1, (kept + visibility - Duration{1}) / visibility));
  }

  /// How often a batch is tried while its messages stay hidden, when every invocation is throttled at once.
  static double invocations(const SqsEventSourceConfig& config, Duration visibility) {
    double sent = 1;
    Duration delay = config.throttle_backoff;
    for (Duration spent = delay; spent < visibility; spent += delay) {
      ++sent;
      delay = std::min(2 * delay, config.throttle_backoff_cap);
    }
    return sent;
  }

  void read_queue(std::size_t resource, const Value& settings) {
    const std::size_t from = place(resource, "");
    const Value& redrive = settings["redrive"];
    if (!redrive.is_set()) return;
    add_hop(from, {.kind = Hop::Kind::redrive,
                   .to = place_of(redrive["to"], Value()),
                   .share = everybody(),
                   .at = redrive["to"].position()});
  }

  /// Each task asks as often as an execution enters it when nothing fails.
  void read_state_machine(std::size_t resource, const Value& settings) {
    const std::size_t from = place(resource, "");
    const auto& machine =
        static_cast<const StateMachine&>(world_->service(ServiceId{static_cast<std::uint32_t>(resource)}));
    for (const StateMachine::TaskCall& task : machine.task_calls()) {
      const Port& port = world_->port(task.port);
      const Value* const bound = settings["tasks"].find(task.state->name);
      Hop hop{.kind = Hop::Kind::call,
              .to = place(static_cast<std::size_t>(port.to), port.config.operation),
              .share = std::vector<double>(topology_.classes, task.visits),
              .tries = {{RetryLayer::workflow, task.most_attempts, task.most_attempts}},
              .at = bound == nullptr ? settings["definition"].position() : bound->position()};
      add_hop(from, std::move(hop));
    }
  }

  /// A type that is not known here: whatever it names may be asked once for each request.
  void read_references(std::size_t resource, const Settings& settings, const Value& value, Hop::Kind kind) {
    for (const Setting& setting : settings) {
      const Value* const member = given(value, setting.name);
      if (member == nullptr || setting.name == "event_sources") continue;
      if (setting.kind == Kind::reference) {
        add_hop(
            place(resource, ""),
            {.kind = kind, .to = place_of(*member, Value()), .share = everybody(), .at = member->position()});
      }
      if (setting.kind == Kind::object) read_references(resource, setting.fields, *member, kind);
      if (setting.kind != Kind::list && setting.kind != Kind::map) continue;
      const Setting& element = setting.fields.front();
      for (const Value& item : member->items()) read_references(resource, element.fields, item, kind);
      for (const Member& item : member->members())
        read_references(resource, element.fields, item.value, kind);
    }
  }

  /// Gives a place the hops of its handler's program.
  void walk(std::size_t from, double first) {
    const Value* const program = topology_.program(topology_.places[from].vertex);
    if (program == nullptr) return;
    std::vector<Hop> hops;
    for (std::size_t of = 0; of < topology_.classes; ++of) {
      std::size_t next = 0;
      walk_program(
          *program,
          {.class_name = class_name(of), .first = first, .hop = [&](const Value& step, double chance) {
             if (next == hops.size()) hops.push_back(step_hop(step));
             hops[next++].share[of] = chance;
             return 0.0;
           }});
    }
    topology_.places[from].hops = std::move(hops);
  }

  Hop step_hop(const Value& step) {
    const Value& to = step[step.text()];
    Hop hop{.kind = step.text() == "call" ? Hop::Kind::call : Hop::Kind::send,
            .to = place_of(to, step["op"]),
            .share = std::vector<double>(topology_.classes, 0.0),
            .at = to.position()};
    const std::size_t callee = topology_.places[hop.to].vertex;
    const auto otherwise = world_->service(ServiceId{static_cast<std::uint32_t>(callee)}).default_retry();
    hop.tries.push_back(attempts_of(RetryLayer::sdk, retry_policy(step["retry"], otherwise)));
    add_hedges(hop, step);
    if (step["timeout"].is_set()) hop.timeout = step["timeout"].duration();
    if (step["bytes"].is_set()) hop.bytes = step["bytes"].distribution().mean();
    return hop;
  }

  std::size_t place_of(const Value& reference, const Value& operation) {
    return place(topology_.vertex(reference.text()),
                 operation.is_set() ? std::string_view(operation.text()) : std::string_view());
  }

  std::size_t place(std::size_t resource, std::string_view operation) {
    const int number = world_->service(ServiceId{static_cast<std::uint32_t>(resource)}).operation(operation);
    const auto same = [&](const Place& known) {
      return known.vertex == resource && known.operation == std::max(0, number);
    };
    const auto found = std::ranges::find_if(topology_.places, same);
    if (found != topology_.places.end()) return static_cast<std::size_t>(found - topology_.places.begin());
    return add_place({.vertex = resource, .operation = std::max(0, number), .label = std::string(operation)});
  }

  std::size_t add_place(Place place) {
    topology_.places.push_back(std::move(place));
    return topology_.places.size() - 1;
  }
  void add_hop(std::size_t from, Hop hop) { topology_.places[from].hops.push_back(std::move(hop)); }
  std::vector<double> everybody() const { return std::vector<double>(topology_.classes, 1.0); }
  std::string_view class_name(std::size_t of) const {
    const auto& classes = topology_.scenario->classes;
    return of < classes.size() ? std::string_view(classes[of]) : std::string_view();
  }
  std::size_t class_index(const std::string& name) const {
    const auto& classes = topology_.scenario->classes;
    return static_cast<std::size_t>(std::ranges::find(classes, name) - classes.begin());
  }

  Topology topology_;
  std::unique_ptr<World> world_;
};

/// Messages are shared evenly among the event sources that poll the same queue.
void share_polls(Topology& topology) {
  for (Place& place : topology.places) {
    const auto polls = std::ranges::count(place.hops, Hop::Kind::poll, &Hop::kind);
    for (Hop& hop : place.hops) {
      if (hop.kind != Hop::Kind::poll) continue;
      for (double& share : hop.share) share /= static_cast<double>(polls);
    }
  }
}

}  // namespace

double Hop::sent() const {
  double product = 1;
  for (const Attempts& layer : tries) product *= layer.sent;
  return product;
}

double Hop::in_turn() const {
  double product = 1;
  for (const Attempts& layer : tries) {
    if (layer.layer != RetryLayer::hedge) product *= layer.sent;
  }
  return product;
}

double Hop::worked() const {
  double product = 1;
  for (const Attempts& layer : tries) product *= layer.worked;
  return product;
}

const Member& Topology::member(std::size_t vertex) const {
  return is_client(vertex) ? scenario->traffic[vertex - resources()] : scenario->resources[vertex];
}

const std::string& Topology::type(std::size_t vertex) const {
  static const std::string kClient = "client";
  return is_client(vertex) ? kClient : scenario->type_of(vertex);
}

std::size_t Topology::vertex(std::string_view resource) const {
  const auto row = std::ranges::find(scenario->resources, resource, &Member::name);
  check(row != scenario->resources.end(), "a reference was not checked");
  return static_cast<std::size_t>(row - scenario->resources.begin());
}

const Value* Topology::program(std::size_t vertex) const {
  const Value* const program = given(member(vertex).value, "program");
  return program != nullptr && program->kind() == Kind::program ? program : nullptr;
}

const Value* given(const Value& object, std::string_view name) {
  const Value* const member = object.find(name);
  return member != nullptr && member->is_set() ? member : nullptr;
}

Topology read_topology(const Scenario& scenario) {
  Topology topology = Reader(scenario).read();
  share_polls(topology);
  return topology;
}

}  // namespace spillway
