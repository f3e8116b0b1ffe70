#include "services/catalogue.hpp"

#include <algorithm>
#include <array>

#include "services/api_gateway.hpp"
#include "services/client.hpp"
#include "services/endpoint.hpp"
#include "services/function.hpp"
#include "services/load_balancer.hpp"
#include "services/queue.hpp"
#include "services/state_machine.hpp"
#include "services/table.hpp"
#include "services/websocket_api.hpp"

namespace spillway {

namespace {

constexpr std::array kTypes{
    ServiceType{"aws.apigateway.http", "An HTTP API of Amazon API Gateway.", describe_http_api, make_http_api,
                connect_api_gateway},
    ServiceType{"aws.apigateway.rest", "A REST API of Amazon API Gateway.", describe_rest_api, make_rest_api,
                connect_api_gateway},
    ServiceType{"aws.apigateway.websocket", "A WebSocket API of Amazon API Gateway, with its connections.",
                describe_websocket_api, make_websocket_api, connect_websocket_api},
    ServiceType{"aws.dynamodb.table", "A table of Amazon DynamoDB, on demand or provisioned.", describe_table,
                make_table, connect_table},
    ServiceType{"aws.elb.application", "An Application Load Balancer of Elastic Load Balancing.",
                describe_load_balancer, make_load_balancer, connect_load_balancer},
    ServiceType{"aws.lambda.function", "A function of AWS Lambda, with its event source mappings.",
                describe_function, make_function, connect_function},
    ServiceType{"aws.sqs.queue", "A standard or FIFO queue of Amazon SQS.", describe_queue, make_queue,
                connect_queue},
    ServiceType{"aws.stepfunctions.state_machine",
                "A state machine of AWS Step Functions, Standard or Express.", describe_state_machine,
                make_state_machine, connect_state_machine},
    ServiceType{"client", "Who sends traffic: each entry under `traffic` is one.", describe_client,
                make_client, connect_client},
    ServiceType{"http.endpoint", "Something outside that answers requests: servers behind a queue.",
                describe_endpoint, make_endpoint, connect_endpoint},
};
static_assert(std::ranges::is_sorted(kTypes, {}, &ServiceType::type));

}  // namespace

std::span<const ServiceType> catalogue() { return kTypes; }

const ServiceType* find_service_type(std::string_view type) {
  const auto* const row = std::ranges::find(kTypes, type, &ServiceType::type);
  return row == kTypes.end() ? nullptr : row;
}

void complete(World& world) { connect_function_events(world); }

}  // namespace spillway
