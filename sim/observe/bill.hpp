#pragma once
/// The bill: what the run cost, and what a month of the same traffic would cost, by resource and line.
///
/// The run: its own quantities at the price list's tiers, as though nothing else had been bought in that
/// month; a run longer than a month of 730 hours fills the tiers once a month (they are stretched to its
/// length). No free tier: a short run would always be free.
///
/// A month at this traffic: each meter's quantity over all resources, scaled from the horizon to 730 hours
/// and rounded to a whole counted unit, meets the tiers (and, when asked for, the free tier) as one
/// account-wide quantity; the cost is shared among the resources in proportion to their quantities.
///
/// Retries' share: of each line the part of its quantity that repeated attempts used. It is their average
/// price, not what the bill would be without them: that question is answered by running without retries. It
/// is parted among the layers by what each layer's attempts used.
///
/// Invariants: all amounts are exact decimals; the lines add up to the totals, the subtotals and, for every
/// meter, the account's cost to the last digit; the layers add up to the retries' share.

#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "observe/money.hpp"
#include "observe/prices.hpp"
#include "spillway/retry_layer.hpp"
#include "spillway/time.hpp"

namespace spillway {

inline constexpr Duration kBillingMonth = std::chrono::hours(730);

/// What one resource used of one meter; several entries of the same pair add up.
struct Usage {
  std::string resource;
  std::string meter;
  Quantity quantity = 0;              // in the meter's counted units
  ByRetryLayer<Quantity> by_layer{};  // the parts of it that each layer's repeated attempts used

  Quantity by_retries() const { return by_layer.sum(); }
};

struct BillingTerms {
  Duration horizon{};  // how much simulated time the quantities cover
  bool free_tier = false;
};

struct Cost {
  Money run;
  Money run_by_retries;
  Money month;
  Money month_by_retries;
  ByRetryLayer<Money> month_by_layer{};  // the same, parted

  Cost& operator+=(const Cost& other);
};

struct BillLine {
  std::string resource;
  std::string meter;
  std::string service;
  std::string line;
  std::string counted_in;
  std::string billed_in;
  Quantity divisor = 1;
  Quantity quantity = 0;  // of the run, in counted units
  ByRetryLayer<Quantity> by_layer{};
  Quantity month_quantity = 0;    // of a month, in counted units, before the free tier
  std::vector<PriceTier> prices;  // the tiers that the account's month reaches
  Cost cost;

  Quantity by_retries() const { return by_layer.sum(); }
  /// The quantities in billed units as decimal text: "17.361111".
  std::string billed_quantity(int places = 6) const { return ratio_text(quantity, divisor, places); }
  std::string billed_month_quantity(int places = 6) const {
    return ratio_text(month_quantity, divisor, places);
  }
};

struct Subtotal {
  std::string name;
  Cost cost;
};

struct Bill {
  std::string region;
  std::string currency;
  std::string price_date;
  BillingTerms terms;
  std::vector<BillLine> lines;  // in the order of the first use
  std::vector<Subtotal> by_resource;
  std::vector<Subtotal> by_service;
  Cost total;
};

/// All errors are returned: meters that the price list lacks.
tl::expected<Bill, std::vector<std::string>> make_bill(std::span<const Usage> usage, const PriceList& prices,
                                                       const BillingTerms& terms);

}  // namespace spillway
