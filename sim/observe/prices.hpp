#pragma once
/// What one unit of each billed quantity costs: a dated price file, by meter.
///
/// A service counts whole units ("MB*ms", "64 KB of a request"); the price file says how many of them make
/// one unit of the provider's price list (1,024,000 MB*ms are a GB-second) and what that costs, tier by tier.
/// So quantities stay integers, prices stay the provider's own text, and either changes without the other.
///
/// The default file is built in (scenarios/prices/us-east-1.json, with the source of every figure). A
/// scenario may name another by path: a whole one, or one that `extends` a built-in one and changes some
/// meters.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "observe/money.hpp"

namespace spillway {

/// The price of one billed unit for the part of a month's quantity up to a bound.
struct PriceTier {
  std::optional<Quantity> up_to;  // in billed units from the start of the month; unset: without end
  Money price;                    // of one billed unit
};

/// Billed units a month without charge. Meters of one pool share it, in proportion to what each would bill.
struct FreeTier {
  Quantity quantity = 0;
  std::string pool;  // the meter's own name when it shares with none
  std::string source;
};

struct MeterPrice {
  std::string name;        // "lambda.duration.x86"
  std::string service;     // "AWS Lambda"
  std::string line;        // "Duration (x86)"
  std::string counted_in;  // "MB*ms"
  std::string billed_in;   // "GB-second"
  Quantity divisor = 1;    // counted units in a billed one
  std::vector<PriceTier> tiers;
  std::optional<FreeTier> free;
  std::string source;
  std::string status;  // pricelist, page, third_party or memory: how far the figure may be trusted
  std::string note;
};

class PriceList {
 public:
  std::string region;
  std::string currency;
  std::string date;  // the day the prices were valid, "2026-08-31"
  std::string note;
  std::map<std::string, MeterPrice, std::less<>> meters;  // by name, so that every listing has one order

  /// The meter's price; the error names the nearest meter that exists.
  tl::expected<const MeterPrice*, std::string> find(std::string_view meter) const;
};

using PriceErrors = std::vector<std::string>;

/// Reads a price file's text; `name` is what error messages call it. All errors found are returned.
tl::expected<PriceList, PriceErrors> parse_prices(std::string_view text, std::string_view name);
tl::expected<PriceList, PriceErrors> load_prices(const std::filesystem::path& path);

/// The built-in prices of a region: "us-east-1".
PriceList built_in_prices(std::string_view region = "us-east-1");

/// What `counted` units cost when they are a month's whole quantity, tier by tier.
/// `months_numerator / months_denominator` stretches the tiers for a quantity of another time than one month.
struct Months {
  Quantity numerator = 1;
  Quantity denominator = 1;
};
Money tiered_cost(const MeterPrice& meter, Quantity counted, Months months = {});

}  // namespace spillway
