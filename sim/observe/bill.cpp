// See bill.hpp.
#include "observe/bill.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "spillway/check.hpp"

namespace spillway {
namespace {

Quantity nanoseconds(Duration time) { return static_cast<Quantity>(time.count()); }

/// The lines of one meter: tiers and the free tier see their sum.
struct MeterGroup {
  const MeterPrice* price = nullptr;
  std::vector<std::size_t> lines;
  Quantity quantity = 0;
  Quantity month_quantity = 0;
  Quantity month_free = 0;
};

using Groups = std::map<std::string, MeterGroup, std::less<>>;

/// One line a (resource, meter), in the order of first use, with what each resource used in all.
std::vector<BillLine> gathered(std::span<const Usage> usage) {
  std::vector<BillLine> lines;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> line_of;
  for (const Usage& use : usage) {
    check(use.by_retries() <= use.quantity, "retries used more of a meter than was used in all");
    const auto [place, is_new] = line_of.try_emplace({use.resource, use.meter}, lines.size());
    if (is_new) {
      lines.emplace_back();
      lines.back().resource = use.resource;
      lines.back().meter = use.meter;
    }
    BillLine& line = lines[place->second];
    line.quantity += use.quantity;
    line.by_layer += use.by_layer;
  }
  return lines;
}

void describe(BillLine& line, const MeterPrice& price) {
  line.service = price.service;
  line.line = price.line;
  line.counted_in = price.counted_in;
  line.billed_in = price.billed_in;
  line.divisor = price.divisor;
}

tl::expected<Groups, std::vector<std::string>> grouped(std::vector<BillLine>& lines,
                                                       const PriceList& prices) {
  Groups groups;
  std::map<std::string, std::string> unknown;  // one message a meter, however many resources used it
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto price = prices.find(lines[i].meter);
    if (!price) {
      unknown.emplace(lines[i].meter, "resource '" + lines[i].resource + "': " + price.error());
      continue;
    }
    describe(lines[i], **price);
    MeterGroup& group = groups[lines[i].meter];
    group.price = *price;
    group.lines.push_back(i);
    group.quantity += lines[i].quantity;
  }
  if (unknown.empty()) return groups;
  std::vector<std::string> errors;
  for (auto& [meter, error] : unknown) errors.push_back(std::move(error));
  return tl::make_unexpected(std::move(errors));
}

/// Gives each meter its part of the free tier's pool, in proportion to its month.
void apply_free_tier(Groups& groups) {
  std::map<std::string_view, std::vector<MeterGroup*>> pools;
  for (auto& [meter, group] : groups) {
    if (group.price->free) pools[group.price->free->pool].push_back(&group);
  }
  for (const auto& [pool, members] : pools) {
    std::vector<Quantity> months;
    for (const MeterGroup* member : members) months.push_back(member->month_quantity);
    const Quantity used = std::accumulate(months.begin(), months.end(), Quantity{0});
    const Quantity free = members.front()->price->free->quantity * members.front()->price->divisor;
    const std::vector<Quantity> parts = used <= free ? months : apportion(free, months);
    for (std::size_t i = 0; i < members.size(); ++i) members[i]->month_free = parts[i];
  }
}

std::vector<PriceTier> reached(const MeterPrice& price, Quantity counted) {
  std::vector<PriceTier> tiers;
  for (const PriceTier& tier : price.tiers) {
    tiers.push_back(tier);
    if (tier.up_to && counted <= *tier.up_to * price.divisor) break;
  }
  return tiers;
}

/// A run of at most a month meets the tiers of one month; a longer one those of as many months as it lasts.
Months months_of(Duration horizon) {
  if (horizon <= kBillingMonth) return {};
  const auto common = std::gcd(horizon.count(), kBillingMonth.count());
  return {.numerator = nanoseconds(horizon) / nanoseconds(Duration(common)),
          .denominator = nanoseconds(kBillingMonth) / nanoseconds(Duration(common))};
}

Money retries_share(const BillLine& line, const Money& cost) {
  return line.quantity == 0 ? Money{} : cost.times(line.by_retries(), line.quantity);
}

void price_group(const MeterGroup& group, const BillingTerms& terms, std::vector<BillLine>& lines) {
  std::vector<Quantity> run_weights;
  for (const std::size_t i : group.lines) run_weights.push_back(lines[i].quantity);
  const std::vector<Quantity> month_weights = apportion(group.month_quantity, run_weights);
  const Quantity month_billed = group.month_quantity - group.month_free;
  const Money run = tiered_cost(*group.price, group.quantity, months_of(terms.horizon));
  const std::vector<Money> run_costs = apportion(run, run_weights);
  const std::vector<Money> month_costs = apportion(tiered_cost(*group.price, month_billed), month_weights);
  const std::vector<PriceTier> tiers = reached(*group.price, month_billed);
  for (std::size_t i = 0; i < group.lines.size(); ++i) {
    BillLine& line = lines[group.lines[i]];
    line.month_quantity = month_weights[i];
    line.prices = tiers;
    line.cost.run = run_costs[i];
    line.cost.month = month_costs[i];
    line.cost.run_by_retries = retries_share(line, line.cost.run);
    line.cost.month_by_retries = retries_share(line, line.cost.month);
    std::ranges::copy(apportion(line.cost.month_by_retries, line.by_layer.of),
                      line.cost.month_by_layer.of.begin());
  }
}

std::vector<Subtotal> subtotals(const std::vector<BillLine>& lines, std::string BillLine::* name) {
  std::vector<Subtotal> sums;
  for (const BillLine& line : lines) {
    const auto same = [&](const Subtotal& sum) { return sum.name == line.*name; };
    auto place = std::find_if(sums.begin(), sums.end(), same);
    if (place == sums.end()) place = sums.insert(place, Subtotal{.name = line.*name, .cost = {}});
    place->cost += line.cost;
  }
  return sums;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  run += other.run;
  run_by_retries += other.run_by_retries;
  month += other.month;
  month_by_retries += other.month_by_retries;
  month_by_layer += other.month_by_layer;
  return *this;
}

tl::expected<Bill, std::vector<std::string>> make_bill(std::span<const Usage> usage, const PriceList& prices,
                                                       const BillingTerms& terms) {
  check(terms.horizon > Duration::zero(), "a bill needs a horizon");
  Bill bill{.region = prices.region,
            .currency = prices.currency,
            .price_date = prices.date,
            .terms = terms,
            .lines = gathered(usage),
            .by_resource = {},
            .by_service = {},
            .total = {}};
  auto groups = grouped(bill.lines, prices);
  if (!groups) return tl::make_unexpected(std::move(groups.error()));
  for (auto& [meter, group] : *groups) {
    group.month_quantity = scaled(group.quantity, nanoseconds(kBillingMonth), nanoseconds(terms.horizon));
  }
  if (terms.free_tier) apply_free_tier(*groups);
  for (const auto& [meter, group] : *groups) price_group(group, terms, bill.lines);
  for (const BillLine& line : bill.lines) bill.total += line.cost;
  bill.by_resource = subtotals(bill.lines, &BillLine::resource);
  bill.by_service = subtotals(bill.lines, &BillLine::service);
  return bill;
}

}  // namespace spillway
