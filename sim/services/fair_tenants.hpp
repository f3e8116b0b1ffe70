#pragma once
/// Who is received next from a fair queue: a standard queue whose messages carry the group id of a tenant.
/// Messages of quiet tenants go before those of noisy ones; nothing is dropped or held back.
///
///   noisy   more than 10 % of the messages in flight and at least 30 of them, or more than 10 % of the
///           recent processing time
///   quiet   again when none of its messages waits, or when it had none in flight for five minutes
///
/// Among noisy tenants the one with the fewest messages in flight goes first. A message without a group id is
/// a tenant of its own. Rules: Amazon SQS Developer Guide, how fair queues work, 2026. How long "recent" is,
/// is not published: here, up to two windows.
///
/// Each tenant has the list of its waiting messages, and tenants stand in one heap: the quiet by the place of
/// their first message, so that a queue without a noisy tenant is a plain queue, then the noisy. Whether a
/// tenant has become noisy is asked when it would be the next, which is the only time that it matters: so a
/// flood is never moved from list to list, and a message costs O(log tenants).
///
/// A tenant's record lives as long as it has messages, and then until its processing time is not recent.

#include <optional>
#include <vector>

#include "model/key_index.hpp"
#include "model/linked_list.hpp"
#include "spillway/journey.hpp"

namespace spillway {

/// What makes a tenant noisy, and quiet again.
struct NoiseLimits {
  double share = 0.1;            ///< of the messages in flight, or of the processing time
  std::int64_t in_flight = 30;   ///< messages of its own, at least, for the first
  Duration quiet_after = 300s;   ///< with nothing in flight
  Duration recent_window = 60s;  ///< processing time counts in this one and the one before
};

class FairTenants {
 public:
  using Messages = Pool<Message, MessageId>;

  FairTenants(Messages& messages, const NoiseLimits& limits) : messages_(messages), limits_(limits) {}

  /// A new message; neither visible nor in flight. Without a group it is a tenant of its own.
  void add(MessageId id, std::optional<std::uint64_t> group, Time now);
  /// It is gone, and was neither visible nor in flight.
  void remove(MessageId id, Time now);
  void show(MessageId id, bool at_front);
  void hide(MessageId id);
  /// It is in flight from now on, or until now.
  void begin_flight(MessageId id, Time now);
  void end_flight(MessageId id, Time now);

  /// The message that a receive returns next.
  std::optional<MessageId> first(Time now);

  bool has_group(MessageId id) const { return tenants_[place(id).tenant].grouped; }
  /// Whether this tenant was found to be noisy, when it was last looked at.
  bool noisy(std::uint64_t group) const;
  /// Records that are kept.
  std::size_t tenants() const { return tenants_.alive(); }

 private:
  enum class TenantId : std::uint32_t {};
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  /// Message-nanoseconds in flight, of the present window and the one before it.
  struct Processing {
    std::int64_t before = 0;
    std::int64_t present = 0;
    std::int64_t window = 0;
    Time since = kStart;

    /// So many messages were in flight since the last time.
    void advance(std::int64_t in_flight, Duration window_length, Time now);
    std::int64_t recent() const { return before + present; }
  };

  struct Tenant {
    std::uint64_t key = 0;
    LinkedList<Message, MessageId, &Message::previous, &Message::next> waiting{};
    Processing processing{};
    std::int64_t held = 0;  ///< messages in any state
    std::int64_t in_flight = 0;
    Time idle_since = kStart;         ///< nothing in flight, or, of one that has left, no message
    std::uint32_t stands = kNowhere;  ///< in the heap
    TenantId previous{UINT32_MAX};    ///< neighbours in the list of idle tenants, or of those that left
    TenantId next{UINT32_MAX};
    bool noisy = false;
    bool grouped = false;
  };
  using Tenants = LinkedList<Tenant, TenantId, &Tenant::previous, &Tenant::next>;

  struct Place {
    std::int64_t rank = 0;  ///< among all that are visible
    TenantId tenant{};
  };

  Place& place(MessageId id) { return places_[static_cast<std::size_t>(id)]; }
  const Place& place(MessageId id) const { return places_[static_cast<std::size_t>(id)]; }
  TenantId tenant_for(std::optional<std::uint64_t> group, Time now);
  void forget_those_that_left(Time now);
  void silence_the_idle(Time now);
  bool disturbs(Tenant& tenant, Time now);
  void become_noisy(TenantId id);
  void become_quiet(TenantId id);

  bool goes_before(TenantId a, TenantId b) const;
  void stand(TenantId id);
  void stand_again(TenantId id);
  void stand_down(TenantId id);
  void put(std::uint32_t at, TenantId id);
  void move_up(std::uint32_t at);
  void move_down(std::uint32_t at);

  Messages& messages_;
  NoiseLimits limits_;
  KeyIndex index_;  ///< of the tenants that have a group id
  Pool<Tenant, TenantId> tenants_;
  std::vector<Place> places_;   ///< by the message's number
  std::vector<TenantId> heap_;  ///< tenants with visible messages, the next to be received on top
  Tenants idle_;                ///< noisy ones with nothing in flight, in the order of time
  Tenants left_;                ///< without messages, in the order of time
  Processing processing_;       ///< of all
  std::int64_t in_flight_ = 0;
  std::int64_t first_rank_ = 0;
  std::int64_t last_rank_ = 0;
};

}  // namespace spillway
