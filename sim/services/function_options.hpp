#pragma once
/// The settings of a Lambda function that come as objects of their own: asynchronous invocation, provisioned
/// concurrency, SnapStart, and what memory does to computing.

#include "services/catalogue.hpp"
#include "services/function_events.hpp"

namespace spillway {

Setting describe_async();
AsyncConfig async_config(Wiring& wiring, const Value& settings);

Setting describe_provisioned();
std::optional<ProvisionedConfig> provisioned_config(const Value& settings);

Setting describe_snap_start();
Setting describe_secrets();
SecretsConfig secrets_config(const Value& settings);
std::optional<SnapStartConfig> snap_start_config(const Value& settings, std::string_view runtime);

Setting describe_additional_version();
std::optional<AdditionalVersion> additional_version(const Value& settings, const Distribution& init);

Settings describe_compute();
/// How long `compute` takes, in billionths of what the program says.
std::int64_t compute_scale(Wiring& wiring, const Value& settings);

/// Says what the provider would refuse, once every function of the account has been made.
void check_function(Wiring& wiring, const Function& function, const Value& settings);

}  // namespace spillway
