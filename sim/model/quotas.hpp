#pragma once
/// Quotas and defaults of the provider, from a dated data file (data/quotas/aws.json): services take the
/// fallback and the bounds of their settings from here, so that a changed quota is a changed line of data.
///
///   duration("timeout", "How long one invocation may run.").fallback(quota("lambda.timeout.default"))

#include <span>
#include <string>
#include <string_view>

namespace spillway {

/// Whether the number can be changed, and by whom.
enum class QuotaLimit {
  hard,        // fixed by the provider
  soft,        // raised on request
  by_default,  // a setting of the resource
  assumption,  // the provider publishes no number
};

std::string_view to_text(QuotaLimit limit);

struct Quota {
  std::string name;   // "lambda.timeout.default"
  std::string value;  // as a scenario writes it: "3s", "1000", "10MiB", "300/s"
  std::string unit;   // its kind: duration, bytes, count, rate, number, probability
  QuotaLimit limit = QuotaLimit::hard;
  std::string source;
  std::string date;  // of the source
  std::string note;
};

/// All quotas, sorted by name: for the docs and `spillway explain`.
std::span<const Quota> quotas();

/// One of them; nullptr when there is none of that name.
const Quota* find_quota(std::string_view name);

/// Its value. A name that does not exist is our mistake and ends the program.
std::string_view quota(std::string_view name);

}  // namespace spillway
