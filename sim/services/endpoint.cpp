#include "services/endpoint.hpp"

#include "services/catalogue.hpp"

// A job is a request in the system. Without sharing it has one event at most, which looks at `due` when it
// comes: an outage only moves `due`, so nothing is ever cancelled. Under sharing one timer serves all jobs,
// and is armed anew only when the next departure comes earlier than it.

namespace spillway {

Endpoint::Endpoint(World& world, std::string name, EndpointConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      sharing_(config_.discipline == EndpointConfig::Discipline::sharing && config_.servers > 0),
      shares_(config_.servers),
      work_draws_(world.stream(this->name() + "/work")),
      error_draws_(world.stream(this->name() + "/error")),
      outage_draws_(world.stream(this->name() + "/outage")),
      network_draws_(world.stream(this->name() + "/network")),
      queues_(1),
      slow_left_(config_.slow_requests) {
  if (!config_.network) return;
  const bool internet = config_.network->crosses == EndpointNetwork::Crosses::internet;
  transfer_ = world.meter(internet ? "network.internet_egress" : "network.cross_az");
}

void Endpoint::start() {
  if (config_.servers > 0) level(Gauge::limit, config_.servers);
  if (!config_.outages) return;
  Draws draws = outage_draws_.at(outage_);
  after<&Endpoint::went_down>(config_.outages->up.duration(draws));
}

// ---- Arriving
// -----------------------------------------------------------------------------------------------------

void Endpoint::on_call(CallId id) {
  if (config_.network) transfer(record(id), record(id).bytes, 0);
  const bool slow = slow_left_ > 0 && record(id).attempt == 1;
  if (slow) --slow_left_;
  if (!config_.limiter.take(now())) {
    mark(Mark::rate_throttled);
    return answer(id, Outcome::throttled);
  }
  if (down_ && !config_.outages->queue) {
    mark(Mark::outage);
    return answer(id, Outcome::fault);
  }
  if (!has_room()) {
    mark(Mark::queue_full);
    return answer(id, config_.full_outcome);
  }
  const JobId job = jobs_.take();
  jobs_[job].call = id;
  jobs_[job].arrived = now();
  jobs_[job].slow = slow;
  // While down, shares stand still and take in newcomers all the same.
  sharing_ || (!down_ && server_free()) ? begin(job) : enqueue(job);
  show_levels();
}

bool Endpoint::has_room() const {
  if (config_.queue < 0) return true;
  if (sharing_) return shares_.size() < config_.servers + config_.queue;
  return (!down_ && server_free()) || queued_ < config_.queue;
}

Endpoint::List& Endpoint::queue_for(CallId call) {
  if (config_.discipline != EndpointConfig::Discipline::priority) return queues_.front();
  const std::size_t rank = journey(record(call).journey).traffic_class;
  if (queues_.size() <= rank) queues_.resize(rank + 1);
  return queues_[rank];
}

void Endpoint::enqueue(JobId id) {
  List& queue = queue_for(jobs_[id].call);
  config_.discipline == EndpointConfig::Discipline::lifo ? queue.push_front(jobs_, id)
                                                         : queue.push_back(jobs_, id);
  ++queued_;
}

// ---- Being served
// -------------------------------------------------------------------------------------------------

Duration Endpoint::draw_work(const Job& job) {
  const Call& call = record(job.call);
  const std::int64_t own = journey(call.journey).work_ns;
  Draws draws = world().draws(work_draws_, call.journey, call.lineage);
  const bool brought = config_.work_of_request && own != kNoWork;
  const Duration work = brought ? Duration{own} : config_.service.duration(draws);
  if (!job.slow) return work;
  const double longer = static_cast<double>(work.count()) * config_.slow_factor;
  return std::min(Duration{static_cast<std::int64_t>(std::min(longer, 9e18))}, Distribution::kLongest);
}

void Endpoint::begin(JobId id) {
  Job& job = jobs_[id];
  Call& call = record(job.call);
  job.work = draw_work(job);
  if (sharing_) {
    shares_.enter(now(), job.work, static_cast<std::uint32_t>(id));
    return time_shares();
  }
  call.waits.queued += now() - job.arrived;
  ++running_;
  running_jobs_.push_back(jobs_, id);
  job.due = now() + job.work;
  time(id);
}

void Endpoint::time(JobId id) {
  jobs_[id].timed = true;
  at<&Endpoint::work_done>(jobs_[id].due, id);
}

void Endpoint::work_done(JobId id) {
  Job& job = jobs_[id];
  job.timed = false;
  if (job.given_up) {
    if (job.call == kNoCall) jobs_.release(id);
    return;
  }
  if (down_) return;  // timed again when the outage ends
  if (job.due > now()) return time(id);
  running_jobs_.remove(jobs_, id);
  --running_;
  begin_queued();
  finish(id);
}

void Endpoint::time_shares() {
  const Time next = shares_.next_done();
  if (next >= shares_timer_) return;
  shares_timer_ = next;
  at<&Endpoint::share_done>(next, ++shares_generation_);
}

void Endpoint::share_done(std::uint32_t generation) {
  if (generation != shares_generation_) return;
  shares_timer_ = kNever;
  if (shares_.next_done() > now()) return time_shares();
  const auto id = JobId{shares_.leave(now())};
  time_shares();
  // What a request would not have waited alone on a processor, it waited for the others.
  record(jobs_[id].call).waits.queued += now() - jobs_[id].arrived - jobs_[id].work;
  finish(id);
}

/// The job has left its server, which is already at other work.
void Endpoint::finish(JobId id) {
  const CallId call = jobs_[id].call;
  jobs_.release(id);
  show_levels();
  if (config_.error_probability > 0) {
    Draws draws = world().draws(error_draws_, record(call).journey, record(call).lineage);
    if (draws.chance(config_.error_probability)) return answer(call, config_.error_outcome);
  }
  if (config_.network) transfer(record(call), 0, config_.network->response_bytes);
  answer(call, Outcome::ok);
}

/// To the internet only what leaves is billed; between two availability zones each byte is, as it leaves the
/// one and as it enters the other (Amazon EC2 pricing, data transfer, 2026).
void Endpoint::transfer(const Call& call, std::int64_t request, std::int64_t response) {
  Draws draws = world().draws(network_draws_, call.journey, call.lineage);
  if (!draws.chance(config_.network->share)) return;
  const bool internet = config_.network->crosses == EndpointNetwork::Crosses::internet;
  const std::int64_t billed = internet ? request : 2 * (request + response);
  if (billed > 0) use(transfer_, billed, call);
}

Endpoint::JobId Endpoint::next_in_queue() {
  for (List& queue : queues_) {
    if (queue.empty()) continue;
    const JobId id = queue.front();
    queue.remove(jobs_, id);
    --queued_;
    return id;
  }
  return kNoJob;
}

void Endpoint::begin_queued() {
  while (queued_ > 0 && !down_ && server_free()) {
    const JobId id = next_in_queue();
    in_vain(jobs_[id].call) ? give_up(id) : begin(id);
  }
}

/// Whether its turn has come too late, as far as this endpoint looks.
bool Endpoint::in_vain(CallId id) {
  const Call& call = record(id);
  if (config_.drop_abandoned && call.abandoned) return true;
  const Duration timeout = world().port(PortId{call.port}).config.timeout;
  return config_.drop_late > Duration::zero() && timeout > Duration::zero() &&
         call.sent + timeout - now() < config_.drop_late;
}

// ---- Outages, and giving up
// ---------------------------------------------------------------------------------------

/// Answers by an event of its own, so that no list is walked while others are asked and answered.
void Endpoint::give_up(JobId id) {
  jobs_[id].given_up = true;
  after<&Endpoint::gave_up>(Duration::zero(), id);
}

void Endpoint::gave_up(JobId id) {
  const CallId call = jobs_[id].call;
  jobs_[id].call = kNoCall;
  if (!jobs_[id].timed) jobs_.release(id);
  answer(call, Outcome::fault);
}

void Endpoint::went_down() {
  const EndpointOutages& outages = *config_.outages;
  Draws draws = outage_draws_.at(outage_, 1);
  after<&Endpoint::came_up>(outages.down.duration(draws));
  down_ = true;
  down_since_ = now();
  shares_.pause(now());
  if (outages.resume) return;
  if (running_ + shares_.size() > 0) mark(Mark::outage, running_ + shares_.size());
  while (!shares_.empty()) give_up(JobId{shares_.take()});
  while (!running_jobs_.empty()) {
    const JobId id = running_jobs_.front();
    running_jobs_.remove(jobs_, id);
    give_up(id);
  }
  running_ = 0;
  show_levels();
}

void Endpoint::came_up() {
  down_ = false;
  const Duration outage = now() - down_since_;
  for (JobId id = running_jobs_.front(); id != kNoJob; id = jobs_[id].next) {
    jobs_[id].due += outage;
    record(jobs_[id].call).waits.queued += outage;
    if (!jobs_[id].timed) time(id);
  }
  shares_.go_on(now());
  if (sharing_) time_shares();
  begin_queued();
  show_levels();
  Draws draws = outage_draws_.at(++outage_);
  after<&Endpoint::went_down>(config_.outages->up.duration(draws));
}

void Endpoint::show_levels() {
  // Under sharing, as many requests as there are processors count as served and the others as waiting.
  const std::int64_t running = sharing_ ? std::min(shares_.size(), config_.servers) : running_;
  const std::int64_t queued = sharing_ ? shares_.size() - running : queued_;
  if (running != shown_running_) level(Gauge::concurrency, running);
  if (queued != shown_queued_) level(Gauge::backlog, queued);
  shown_running_ = running;
  shown_queued_ = queued;
}

// ---- Settings
// -----------------------------------------------------------------------------------------------------

namespace {

Setting describe_network() {
  return object(
             "network", "What lies between it and its callers, and is billed by the bytes that cross it.",
             {choice("crosses",
                     "The border between two availability zones, where each direction is paid on both sides, "
                     "or the one to the internet, where what leaves is.",
                     {"zone", "internet"})
                  .required()
                  .source("Amazon EC2 pricing, data transfer, 2026"),
              probability("share", "The share of requests that cross it: of three zones, two thirds.")
                  .fallback("1"),
              bytes("response", "The size of a success; it matters between zones.").fallback("0B")})
      .optional()
      .shorthand("crosses");
}

}  // namespace

Settings describe_endpoint() {
  return {
      count("servers", "How many requests are served at once.")
          .fallback("unlimited")
          .words({"unlimited"})
          .at_least(1)
          .source("assumption"),
      count("queue", "How many requests may wait for a server.")
          .fallback("unlimited")
          .words({"unlimited"})
          .at_least(0)
          .source("assumption"),
      choice("discipline",
             "Which request is served next; priority takes the traffic classes in the order in which the "
             "scenario "
             "names them, sharing serves all at once and divides the servers among them.",
             {"fifo", "lifo", "priority", "sharing"})
          .fallback("fifo"),
      distribution("service", "How long a server works on a request.").fallback("50ms").source("assumption"),
      choice(
          "work",
          "Whose time a request takes: the endpoint's `service`, or, where the traffic brought one, its own.",
          {"service", "request"})
          .fallback("service"),
      probability("error_probability", "The share of requests that fail once they have been served.")
          .fallback("0"),
      choice("error", "How they fail: a fault may be tried again (HTTP 5xx), an error not.",
             {"fault", "error"})
          .fallback("fault"),
      choice("when_full", "The answer when no place is left: throttled is HTTP 429, fault is HTTP 503.",
             {"throttled", "fault"})
          .fallback("fault"),
      duration("retry_after",
               "How long throttled callers are asked to wait (header x-amz-retry-after); the SDK's rules of "
               "2026 heed it.")
          .fallback("0s"),
      object("limit", "More requests than this are throttled (HTTP 429).",
             {rate("rate", "Requests a second, in the long run.").required().at_least(0.001),
              count("burst", "Requests at once.").fallback("1").at_least(1)})
          .optional()
          .shorthand("rate"),
      object(
          "outages", "When the endpoint is down.",
          {distribution("up", "How long it works.").required(),
           distribution("down", "How long it does not.").required(),
           choice("running", "What becomes of the requests in service.", {"resume", "fail"}).fallback("fail"),
           choice("arriving", "What becomes of those that arrive.", {"queue", "fail"}).fallback("fail")})
          .optional(),
      object(
          "slow_start",
          "The first requests take longer, since what they need is not cached yet; a retry finds it there.",
          {count("requests", "How many, in the order in which they arrive.").required().at_least(1),
           number("factor", "How many times as long each of them takes.").required().between(1, 1e6)})
          .optional(),
      boolean("drop_abandoned",
              "Whether requests whose caller has stopped waiting are dropped when their turn comes.")
          .fallback("false")
          .source("assumption: few servers notice"),
      duration("drop_late",
               "Requests whose caller waits for less than this any more are dropped when their turn comes: "
               "their deadline travels with them.")
          .fallback("0s"),
      describe_network(),
  };
}

Service& make_endpoint(Wiring& wiring, std::string name, const Value& settings) {
  EndpointConfig config;
  if (!settings["servers"].is_word()) config.servers = settings["servers"].count();
  if (!settings["queue"].is_word()) config.queue = settings["queue"].count();
  config.discipline = settings["discipline"].choice<EndpointConfig::Discipline>();
  config.service = settings["service"].distribution();
  config.work_of_request = settings["work"].choice_index() == 1;
  config.error_probability = settings["error_probability"].probability();
  config.error_outcome = settings["error"].choice_index() == 0 ? Outcome::fault : Outcome::error;
  config.full_outcome = settings["when_full"].choice_index() == 0 ? Outcome::throttled : Outcome::fault;
  config.retry_after = settings["retry_after"].duration();
  if (const Value& limit = settings["limit"]; limit.is_set()) {
    config.limiter =
        TokenBucket::per_second(limit["rate"].rate(), static_cast<double>(limit["burst"].count()));
  }
  if (const Value& outages = settings["outages"]; outages.is_set()) {
    config.outages = EndpointOutages{.up = outages["up"].distribution(),
                                     .down = outages["down"].distribution(),
                                     .resume = outages["running"].choice_index() == 0,
                                     .queue = outages["arriving"].choice_index() == 0};
  }
  if (const Value& slow = settings["slow_start"]; slow.is_set()) {
    config.slow_requests = slow["requests"].count();
    config.slow_factor = slow["factor"].number();
  }
  config.drop_abandoned = settings["drop_abandoned"].boolean();
  config.drop_late = settings["drop_late"].duration();
  if (const Value& network = settings["network"]; network.is_set()) {
    config.network = EndpointNetwork{.crosses = network["crosses"].choice<EndpointNetwork::Crosses>(),
                                     .share = network["share"].probability(),
                                     .response_bytes = network["response"].bytes()};
  }
  return wiring.world().add<Endpoint>(std::move(name), std::move(config));
}

void connect_endpoint(Wiring&, Service&, const Value&) {}

}  // namespace spillway
