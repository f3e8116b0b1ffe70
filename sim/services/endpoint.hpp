#pragma once
/// http.endpoint: something outside that answers requests: a number of servers behind a queue, which may
/// fail, limit rates, and be down for a while.
///
/// Disciplines are exact: first come first served, last come first served, priority by traffic class (none of
/// them interrupts work that has begun), and processor sharing. With exponential times they are the M/M/c/K
/// systems of the textbooks. A request whose caller has stopped waiting is served in full all the same, as
/// most servers do.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/linked_list.hpp"
#include "model/token_bucket.hpp"
#include "services/processor_sharing.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// When the endpoint is down, and what becomes of the requests then.
struct EndpointOutages {
  Distribution up;
  Distribution down;
  bool resume = true;  ///< work in progress goes on afterwards; else it fails as the outage begins
  bool queue = true;   ///< arrivals wait for the end of the outage; else they fail at once
};

/// What lies between the endpoint and its callers, and is billed by the bytes that cross it.
struct EndpointNetwork {
  enum class Crosses : std::uint8_t { zone, internet };

  Crosses crosses = Crosses::internet;
  double share = 1;                 ///< of the requests; the others stay on this side
  std::int64_t response_bytes = 0;  ///< of a success
};

struct EndpointConfig {
  enum class Discipline : std::uint8_t { fifo, lifo, priority, sharing };

  std::int64_t servers = 0;  ///< zero: unlimited
  std::int64_t queue = -1;   ///< requests that may wait for a server; negative: any number
  Discipline discipline = Discipline::fifo;
  Distribution service = Distribution::constant(0);
  bool work_of_request = false;  ///< the journey's own work, where it brought some, in place of `service`
  double error_probability = 0;
  Outcome error_outcome = Outcome::fault;
  Outcome full_outcome = Outcome::fault;  ///< when neither a server nor a place in the queue is free
  TokenBucket limiter{};
  Duration retry_after{};  ///< what throttled callers are asked to wait
  std::optional<EndpointOutages> outages{};
  std::int64_t slow_requests = 0;  ///< the first to arrive, which take longer: nothing is cached yet
  double slow_factor = 1;
  bool drop_abandoned = false;  ///< requests that nobody waits for any more are dropped when their turn comes
  /// So are those whose caller waits for less than this any more: deadlines travel with requests.
  Duration drop_late{};
  std::optional<EndpointNetwork> network{};
};

class Endpoint final : public Service {
 public:
  Endpoint(World& world, std::string name, EndpointConfig config);

  void start() override;
  void on_call(CallId call) override;
  /// An endpoint answers any path.
  int operation(std::string_view) const override { return 0; }
  std::string_view default_retry() const override { return "none"; }
  Duration retry_after(Outcome outcome) const override {
    return outcome == Outcome::throttled ? config_.retry_after : Duration::zero();
  }

 private:
  enum class JobId : std::uint32_t {};
  static constexpr auto kNoJob = JobId{UINT32_MAX};
  struct Job {
    CallId call = kNoCall;
    JobId previous = kNoJob;  ///< neighbours in the queue, or among the running
    JobId next = kNoJob;
    Time arrived{};
    Time due{};  ///< when its work is done, unless an outage comes
    Duration work{};
    bool slow = false;      ///< among the first requests, at its first attempt
    bool timed = false;     ///< an event will come for it
    bool given_up = false;  ///< it will not be finished: an outage cut it off, or it was dropped
  };
  using List = LinkedList<Job, JobId, &Job::previous, &Job::next>;

  void work_done(JobId job);
  void share_done(std::uint32_t generation);
  void gave_up(JobId job);
  void went_down();
  void came_up();

  bool has_room() const;
  bool server_free() const { return config_.servers == 0 || running_ < config_.servers; }
  Duration draw_work(const Job& job);
  void begin(JobId job);
  void time(JobId job);
  void time_shares();
  void give_up(JobId job);
  void enqueue(JobId job);
  JobId next_in_queue();
  bool in_vain(CallId call);
  void begin_queued();
  void finish(JobId job);
  List& queue_for(CallId call);
  void show_levels();
  void transfer(const Call& call, std::int64_t request, std::int64_t response);

  EndpointConfig config_;
  bool sharing_;
  ProcessorSharing shares_;
  Stream work_draws_;
  Stream error_draws_;
  Stream outage_draws_;
  Stream network_draws_;
  MeterId transfer_{};
  Pool<Job, JobId> jobs_;
  List running_jobs_;         ///< without sharing
  std::vector<List> queues_;  ///< one; by traffic class under priority
  std::int64_t running_ = 0;
  std::int64_t queued_ = 0;
  std::int64_t shown_running_ = 0;
  std::int64_t shown_queued_ = 0;
  Time shares_timer_ = kNever;
  std::uint32_t shares_generation_ = 0;
  std::int64_t slow_left_;
  std::uint64_t outage_ = 0;  ///< how many there have been
  Time down_since_{};
  bool down_ = false;
};

class Wiring;
Settings describe_endpoint();
Service& make_endpoint(Wiring& wiring, std::string name, const Value& settings);
void connect_endpoint(Wiring& wiring, Service& endpoint, const Value& settings);

}  // namespace spillway
