#include "services/client.hpp"

#include <algorithm>

#include "model/guard_settings.hpp"
#include "model/retry_setting.hpp"
#include "services/catalogue.hpp"

namespace spillway {

namespace {

std::uint32_t whole_bytes(double bytes) {
  if (!(bytes > 0)) return 0;
  return bytes < 4294967295.0 ? static_cast<std::uint32_t>(bytes + 0.5) : UINT32_MAX;
}

}  // namespace

Clients& clients_of(World& world) { return world.shared<Clients>("clients"); }

Client::Client(World& world, std::string name, ClientConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      clients_(clients_of(world)),
      number_(static_cast<std::uint16_t>(clients_.names.size())),
      class_draws_(world.stream(this->name() + "/class")),
      key_draws_(world.stream(this->name() + "/key")),
      bytes_draws_(world.stream(this->name() + "/bytes")),
      work_draws_(world.stream(this->name() + "/work")),
      think_draws_(world.stream(this->name() + "/think")) {
  clients_.names.push_back(this->name());
  for (const ClientClass& of : config_.classes) weights_ += of.weight;
  if (config_.arrivals == nullptr) rounds_.assign(config_.users, 0);
  if (config_.bytes.is_constant()) fixed_bytes_ = whole_bytes(config_.bytes.mean());
}

void Client::set_target(ServiceId to, PortConfig port) {
  target_ = world().connect(id(), to, std::move(port));
}

void Client::set_class_target(std::uint16_t traffic_class, ServiceId to, PortConfig port) {
  if (class_targets_.size() <= traffic_class) class_targets_.resize(std::size_t{traffic_class} + 1, kNoPort);
  class_targets_[traffic_class] = world().connect(id(), to, std::move(port));
}

void Client::start() {
  if (config_.arrivals != nullptr) return next_arrival();
  for (std::uint32_t user = 0; user < config_.users; ++user) {
    config_.think_first ? think(user) : after<&Client::thought>(Duration::zero(), user);
  }
}

std::string_view Client::traffic_problem() const {
  return config_.arrivals == nullptr ? std::string_view{} : config_.arrivals->problem();
}

// ---- Open loop
// ----------------------------------------------------------------------------------------------------

void Client::next_arrival() {
  if (!config_.arrivals->next(next_)) {
    if (!traffic_problem().empty()) simulation().stop();
    return;
  }
  if (next_.at < clients_.traffic_end) at<&Client::arrived>(next_.at);
}

void Client::arrived() {
  const Arrival arrival = next_;
  const std::uint64_t n = sent_++;
  next_arrival();
  launch(n, arrival, 0);
}

// ---- Closed loop
// --------------------------------------------------------------------------------------------------

/// The think time belongs to the request that follows it, so it does not depend on how the one before went.
void Client::think(std::uint32_t user) {
  Draws draws = think_draws_.at(ordinal(round_of(user)));
  after<&Client::thought>(config_.think.duration(draws), user);
}

void Client::thought(std::uint32_t user) {
  if (now() >= clients_.traffic_end) return;
  const std::uint64_t n = round_of(user);
  ++rounds_[user];
  ++sent_;
  launch(n, Arrival{.at = now()}, user);
}

// ---- Journeys
// -----------------------------------------------------------------------------------------------------

std::size_t Client::draw_class(std::uint64_t ordinal) const {
  double left = class_draws_.at(ordinal).uniform() * weights_;
  const std::size_t last = config_.classes.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    left -= config_.classes[i].weight;
    if (left < 0) return i;
  }
  return last;
}

/// The class that the arrival brought, or one by weight; none when this client knows no classes.
[[gnu::always_inline]] inline const ClientClass* Client::class_of(std::uint64_t ordinal,
                                                                  const Arrival& arrival) const {
  const auto& classes = config_.classes;
  if (arrival.traffic_class == kAnyClass) return classes.empty() ? nullptr : &classes[draw_class(ordinal)];
  const auto known = std::ranges::find(classes, arrival.traffic_class, &ClientClass::number);
  return known == classes.end() ? nullptr : &*known;
}

[[gnu::always_inline]] inline std::uint32_t Client::draw_bytes(std::uint64_t ordinal, const Arrival& arrival,
                                                               const ClientClass* of) const {
  if (arrival.bytes >= 0)
    return static_cast<std::uint32_t>(std::min<std::int64_t>(arrival.bytes, UINT32_MAX));
  const Distribution& bytes = of != nullptr && of->bytes ? *of->bytes : config_.bytes;
  if (fixed_bytes_ && &bytes == &config_.bytes) return *fixed_bytes_;
  Draws draws = bytes_draws_.at(ordinal);
  return whole_bytes(bytes.sample(draws));
}

void Client::launch(std::uint64_t n, const Arrival& arrival, std::uint32_t user) {
  const std::uint64_t which = ordinal(n);
  const ClientClass* const of = class_of(which, arrival);
  Journey born;
  born.ordinal = which;
  born.key = which;
  if (arrival.has_key) {
    born.key = arrival.key;
  } else if (config_.keys) {
    Draws draws = key_draws_.at(which);
    born.key = config_.keys->sample(draws);
  }
  if (arrival.work >= Duration::zero()) {
    born.work_ns = arrival.work.count();
  } else if (config_.work) {
    Draws draws = work_draws_.at(which);
    born.work_ns = config_.work->duration(draws).count();
  }
  born.bytes = draw_bytes(which, arrival, of);
  born.client = number_;
  born.counted = now() >= clients_.counted_from;
  if (arrival.traffic_class != kAnyClass) {
    born.traffic_class = static_cast<std::uint16_t>(arrival.traffic_class);
  } else if (of != nullptr) {
    born.traffic_class = of->number;
  }
  const JourneyId journey = world().begin_journey(born);
  const bool own =
      born.traffic_class < class_targets_.size() && class_targets_[born.traffic_class] != kNoPort;
  call(own ? class_targets_[born.traffic_class] : target_,
       {.journey = journey, .tag = user, .bytes = born.bytes});
}

void Client::on_answer(CallId id) {
  const std::uint32_t user = record(id).tag;
  world().respond(id);
  if (config_.arrivals == nullptr) think(user);
}

// ---- Settings
// -----------------------------------------------------------------------------------------------------

Settings describe_client() {
  Settings settings{
      reference("to", "Whom the requests ask.").required(),
      text("route", "The route or operation that is asked of it."),
      duration("timeout", "How long the client waits for an answer before it gives up or tries again.")
          .fallback("60s")
          .words({"none"})
          .source("assumption: the read timeout of the AWS SDK for Python"),
      retry("retry", "What the client does about failures.").fallback("none").source("assumption"),
      duration("latency", "The network between client and target, one way.")
          .fallback("0s")
          .source("assumption"),
      object(
          "closed", "In place of arrivals: users who wait for each answer.",
          {count("users", "How many there are.").required().between(1, 10'000'000),
           distribution("think", "The pause before each request.").fallback("1s").source("assumption"),
           boolean("think_first", "Whether the first request comes after a pause too, and not at time zero.")
               .fallback("true")})
          .optional(),
      map("classes", "The kinds of requests among the traffic, by name.",
          object("traffic class", "One kind of request.",
                 {number("weight", "Its share, compared with the others.").fallback("1").at_least(0),
                  reference("to", "Whom it asks; without it the client's target."),
                  text("route",
                       "What it asks there; without it, of the client's own target, the client's route."),
                  bytes_distribution("bytes", "The size of its requests; without it the client's.")})),
      object("keys",
             "What the requests are about: it decides the partition of a table. Without it no two are about "
             "the same.",
             {count("uniform", "So many keys, all alike.").at_least(1),
              object("zipf", "Keys by Zipf's law.",
                     {count("keys", "So many keys.").required().at_least(1),
                      number("exponent", "The k-th is asked for with weight 1 / k^exponent.")
                          .fallback("1")
                          .between(0, 10)})
                  .optional()
                  .shorthand("keys")})
          .exactly_one({"uniform", "zipf"})
          .optional(),
      bytes_distribution("bytes", "The size of a request's body.").fallback("0B"),
      distribution("work",
                   "How long an endpoint that works by request takes, where the traffic does not say."),
  };
  const auto after_retry = std::ranges::find(settings, "retry", &Setting::name) + 1;
  const Settings guards = guard_settings();
  settings.insert(after_retry, guards.begin(), guards.end());
  return settings;
}

namespace {

std::optional<Zipf> keys_of(const Value& keys) {
  if (!keys.is_set()) return std::nullopt;
  if (keys["uniform"].is_set()) return Zipf(static_cast<std::uint64_t>(keys["uniform"].count()), 0);
  return Zipf(static_cast<std::uint64_t>(keys["zipf"]["keys"].count()), keys["zipf"]["exponent"].number());
}

}  // namespace

Service& make_client(Wiring& wiring, std::string name, const Value& settings) {
  ClientConfig config;
  if (const Value& closed = settings["closed"]; closed.is_set()) {
    config.users = static_cast<std::uint32_t>(closed["users"].count());
    config.think = closed["think"].distribution();
    config.think_first = closed["think_first"].boolean();
  } else if (const Value* const arrivals = settings.find("arrivals");
             arrivals != nullptr && arrivals->is_set()) {
    config.arrivals = wiring.arrivals(*arrivals, name);
  }
  for (const auto& [word, of] : settings["classes"].members()) {
    ClientClass& added = config.classes.emplace_back(
        ClientClass{.number = wiring.traffic_class(word), .weight = of["weight"].number()});
    if (of["bytes"].is_set()) added.bytes = of["bytes"].distribution();
  }
  config.keys = keys_of(settings["keys"]);
  config.bytes = settings["bytes"].distribution();
  if (settings["work"].is_set()) config.work = settings["work"].distribution();
  return wiring.world().add<Client>(std::move(name), std::move(config));
}

void connect_client(Wiring& wiring, Service& service, const Value& settings) {
  auto& client = static_cast<Client&>(service);
  PortConfig port{.latency = settings["latency"].duration(),
                  .retry = retry_policy(settings["retry"], "none")};
  if (!settings["timeout"].is_word()) port.timeout = settings["timeout"].duration();
  read_guards(settings, port);
  if (settings["route"].is_set()) port.operation = settings["route"].text();
  client.set_target(wiring.service(settings["to"]), port);
  for (const auto& [word, of] : settings["classes"].members()) {
    if (!of["to"].is_set() && !of["route"].is_set()) continue;
    PortConfig own = port;
    if (of["to"].is_set()) own.operation.clear();
    if (of["route"].is_set()) own.operation = of["route"].text();
    client.set_class_target(wiring.traffic_class(word),
                            wiring.service(of["to"].is_set() ? of["to"] : settings["to"]), std::move(own));
  }
}

}  // namespace spillway
