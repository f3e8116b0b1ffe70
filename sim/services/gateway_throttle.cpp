#include "services/gateway_throttle.hpp"

#include "model/quotas.hpp"

namespace spillway {

Settings throttle_fields() {
  return {rate("rate", "Requests a second, in the long run.").required().at_least(0.001),
          count("burst", "Requests at once: the size of the bucket.").required().at_least(1)};
}

TokenBucket throttle(const Value& setting) {
  if (!setting.is_set()) return {};
  return TokenBucket(thousandths(setting["rate"].rate()), setting["burst"].count());
}

Setting describe_account() {
  return text("account", "Whose throttle it shares: gateways that name the same account have one.")
      .fallback("default");
}

Setting describe_account_throttle() {
  return object("account_throttle", "The throttle of the account and region.",
                {rate("rate", "Requests a second, in the long run.")
                     .fallback(quota("apigateway.rate"))
                     .at_least(0.001),
                 count("burst", "The size of the bucket.").fallback(quota("apigateway.burst")).at_least(1)})
      .source("Amazon API Gateway quotas, 2023-06-29")
      .adjustable();
}

std::int64_t thousandths(double rate) { return static_cast<std::int64_t>(rate * 1e3 + 0.5); }

}  // namespace spillway
