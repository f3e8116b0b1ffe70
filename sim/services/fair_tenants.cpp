#include "services/fair_tenants.hpp"

#include <algorithm>

namespace spillway {

// ---- Messages ---------------------------------------------------------------------------------------------

void FairTenants::add(MessageId id, std::optional<std::uint64_t> group, Time now) {
  const auto number = static_cast<std::size_t>(id);
  if (places_.size() <= number) places_.resize(std::max(number + 1, places_.size() * 2));
  forget_those_that_left(now);
  place(id) = {.tenant = tenant_for(group, now)};
  ++tenants_[place(id).tenant].held;
}

void FairTenants::remove(MessageId id, Time now) {
  const TenantId of = place(id).tenant;
  Tenant& tenant = tenants_[of];
  if (--tenant.held > 0) return;
  if (!tenant.grouped) return tenants_.release(of);
  tenant.idle_since = now;
  left_.push_back(tenants_, of);
}

void FairTenants::show(MessageId id, bool at_front) {
  const TenantId of = place(id).tenant;
  Tenant& tenant = tenants_[of];
  place(id).rank = at_front ? --first_rank_ : ++last_rank_;
  at_front ? tenant.waiting.push_front(messages_, id) : tenant.waiting.push_back(messages_, id);
  tenant.stands == kNowhere ? stand(of) : stand_again(of);
}

void FairTenants::hide(MessageId id) {
  const TenantId of = place(id).tenant;
  Tenant& tenant = tenants_[of];
  tenant.waiting.remove(messages_, id);
  if (!tenant.waiting.empty()) return stand_again(of);
  stand_down(of);
  if (tenant.noisy) become_quiet(of);  // its backlog is consumed
}

void FairTenants::begin_flight(MessageId id, Time now) {
  const TenantId of = place(id).tenant;
  Tenant& tenant = tenants_[of];
  tenant.processing.advance(tenant.in_flight, limits_.recent_window, now);
  processing_.advance(in_flight_, limits_.recent_window, now);
  if (tenant.noisy && tenant.in_flight == 0) idle_.remove(tenants_, of);
  ++tenant.in_flight;
  ++in_flight_;
  if (tenant.noisy) stand_again(of);
}

void FairTenants::end_flight(MessageId id, Time now) {
  const TenantId of = place(id).tenant;
  Tenant& tenant = tenants_[of];
  tenant.processing.advance(tenant.in_flight, limits_.recent_window, now);
  processing_.advance(in_flight_, limits_.recent_window, now);
  --tenant.in_flight;
  --in_flight_;
  if (tenant.in_flight == 0) tenant.idle_since = now;
  if (!tenant.noisy) return;
  if (tenant.in_flight == 0) idle_.push_back(tenants_, of);
  stand_again(of);
}

std::optional<MessageId> FairTenants::first(Time now) {
  silence_the_idle(now);
  while (!heap_.empty()) {
    const TenantId next = heap_.front();
    Tenant& tenant = tenants_[next];
    if (tenant.noisy || !disturbs(tenant, now)) return tenant.waiting.front();
    become_noisy(next);
  }
  return std::nullopt;
}

// ---- Tenants ----------------------------------------------------------------------------------------------

FairTenants::TenantId FairTenants::tenant_for(std::optional<std::uint64_t> group, Time now) {
  const std::uint32_t known = group ? index_.find(*group) : KeyIndex::kNone;
  if (known != KeyIndex::kNone) {
    if (tenants_[TenantId{known}].held == 0) left_.remove(tenants_, TenantId{known});
    return TenantId{known};
  }
  const TenantId id = tenants_.take();
  tenants_[id].idle_since = now;
  if (!group) return id;
  tenants_[id].key = *group;
  tenants_[id].grouped = true;
  index_.insert(*group, static_cast<std::uint32_t>(id));
  return id;
}

/// After two windows nothing of their processing time is recent.
void FairTenants::forget_those_that_left(Time now) {
  while (!left_.empty() && tenants_[left_.front()].idle_since + 2 * limits_.recent_window <= now) {
    const TenantId gone = left_.front();
    left_.remove(tenants_, gone);
    index_.erase(tenants_[gone].key);
    tenants_.release(gone);
  }
}

bool FairTenants::noisy(std::uint64_t group) const {
  const std::uint32_t known = index_.find(group);
  return known != KeyIndex::kNone && tenants_[TenantId{known}].noisy;
}

bool FairTenants::disturbs(Tenant& tenant, Time now) {
  const auto of_all = [&](std::int64_t part, std::int64_t all) {
    return static_cast<double>(part) > limits_.share * static_cast<double>(all);
  };
  if (tenant.in_flight >= limits_.in_flight && of_all(tenant.in_flight, in_flight_)) return true;
  if (tenant.in_flight == 0 && tenant.idle_since + limits_.quiet_after <= now) return false;
  tenant.processing.advance(tenant.in_flight, limits_.recent_window, now);
  processing_.advance(in_flight_, limits_.recent_window, now);
  return of_all(tenant.processing.recent(), processing_.recent());
}

void FairTenants::become_noisy(TenantId id) {
  Tenant& tenant = tenants_[id];
  tenant.noisy = true;
  if (tenant.in_flight == 0)
    idle_.insert_ordered(tenants_, id, [](const Tenant& idle) { return idle.idle_since; });
  stand_again(id);
}

void FairTenants::become_quiet(TenantId id) {
  Tenant& tenant = tenants_[id];
  tenant.noisy = false;
  if (tenant.in_flight == 0) idle_.remove(tenants_, id);
  if (tenant.stands != kNowhere) stand_again(id);
}

void FairTenants::silence_the_idle(Time now) {
  while (!idle_.empty() && tenants_[idle_.front()].idle_since + limits_.quiet_after <= now)
    become_quiet(idle_.front());
}

void FairTenants::Processing::advance(std::int64_t in_flight, Duration window_length, Time now) {
  const std::int64_t window_now = (now - kStart) / window_length;
  if (window_now != window) {
    const Time end = kStart + (window + 1) * window_length;
    present += in_flight * (end - since).count();
    before = window_now == window + 1 ? present : in_flight * window_length.count();
    present = 0;
    window = window_now;
    since = kStart + window * window_length;
  }
  present += in_flight * (now - since).count();
  since = now;
}

// ---- The heap ---------------------------------------------------------------------------------------------

/// Quiet ones by their first message; noisy ones behind them, by their messages in flight.
bool FairTenants::goes_before(TenantId a, TenantId b) const {
  const auto noise = [](const Tenant& tenant) { return tenant.noisy ? tenant.in_flight : -1; };
  const Tenant& one = tenants_[a];
  const Tenant& other = tenants_[b];
  if (noise(one) != noise(other)) return noise(one) < noise(other);
  return place(one.waiting.front()).rank < place(other.waiting.front()).rank;
}

void FairTenants::put(std::uint32_t at, TenantId id) {
  heap_[at] = id;
  tenants_[id].stands = at;
}

void FairTenants::stand(TenantId id) {
  heap_.push_back(id);
  put(static_cast<std::uint32_t>(heap_.size() - 1), id);
  move_up(tenants_[id].stands);
}

/// What orders it has changed.
void FairTenants::stand_again(TenantId id) {
  if (tenants_[id].stands == kNowhere) return;
  move_up(tenants_[id].stands);
  move_down(tenants_[id].stands);
}

void FairTenants::stand_down(TenantId id) {
  const std::uint32_t gap = tenants_[id].stands;
  tenants_[id].stands = kNowhere;
  const TenantId last = heap_.back();
  heap_.pop_back();
  if (last == id) return;
  put(gap, last);
  stand_again(last);
}

void FairTenants::move_up(std::uint32_t at) {
  const TenantId moving = heap_[at];
  while (at > 0 && goes_before(moving, heap_[(at - 1) / 2])) {
    put(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  put(at, moving);
}

void FairTenants::move_down(std::uint32_t at) {
  const TenantId moving = heap_[at];
  while (2 * at + 1 < heap_.size()) {
    std::uint32_t child = 2 * at + 1;
    if (child + 1 < heap_.size() && goes_before(heap_[child + 1], heap_[child])) ++child;
    if (!goes_before(heap_[child], moving)) break;
    put(at, heap_[child]);
    at = child;
  }
  put(at, moving);
}

}  // namespace spillway
