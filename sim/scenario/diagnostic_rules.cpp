// The table of rules: what each number means, for `spillway explain SW012` and the docs. Numbers are never
// reused. Rules from 100 on judge the design: scenario/static/design_rules.

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include "scenario/design_rule.hpp"

namespace spillway {

namespace {

constexpr auto kError = Severity::error;
constexpr auto kWarning = Severity::warning;

constexpr std::array kRules{
    RuleInfo{
        Rule::syntax, kError, "the file is not well-formed YAML or JSON",
        "Reading stops at the first place that has no meaning. In YAML look for a missing space after ':', "
        "uneven indentation, tabs, or an unclosed quote or bracket shortly before the place shown."},
    RuleInfo{
        Rule::encoding, kError, "the file is not plain UTF-8 text",
        "Scenario files are UTF-8 without NUL or other control characters, so that columns and names mean "
        "the same to every tool. Save the file as UTF-8."},
    RuleInfo{Rule::file_size, kError, "the file is too large to be a scenario",
             "A scenario is read by people. Traffic and samples belong in CSV files that the scenario names; "
             "those "
             "are streamed and may be of any size."},
    RuleInfo{Rule::depth, kError, "values are nested too deeply",
             "More than 64 levels of maps and lists is a mistake or an attack, not a topology."},
    RuleInfo{Rule::several_documents, kError, "the file holds several YAML documents",
             "One file is one scenario. A second '---' would be dropped silently by many tools; put it into "
             "a file "
             "of its own."},
    RuleInfo{Rule::duplicate_key, kError, "a key is given twice in one map",
             "YAML readers disagree on which of the two counts, so neither is taken silently."},
    RuleInfo{Rule::merge_key, kError, "merge keys ('<<') are not supported",
             "They left YAML with version 1.2. Use 'extends:' between files, or an anchor and an alias for a "
             "whole value."},
    RuleInfo{Rule::alias, kError, "an alias is unknown, contains itself, or expands to too much",
             "Aliases are copied where they stand. Copies of copies grow without bound, so their total is "
             "capped."},
    RuleInfo{Rule::key_not_plain, kError, "a key is not a plain text",
             "Keys of a map are names: no lists, maps, aliases or empty keys."},
    RuleInfo{Rule::tag, kError, "tags ('!name') have no meaning in a scenario",
             "Templates with tags, such as CloudFormation's, are read by 'spillway import'."},
    RuleInfo{Rule::file_unreadable, kError, "the file cannot be read",
             "Check the name, and that it is relative to the folder the command runs in."},
    RuleInfo{
        Rule::unknown_property, kError, "a property is unknown",
        "A misspelt setting would otherwise keep its default in silence. Keys that begin with 'x-' are yours "
        "and are ignored."},
    RuleInfo{Rule::missing_property, kError, "a required property is missing",
             "It has no default that would be right for everyone."},
    RuleInfo{Rule::wrong_kind, kError, "a value is of the wrong kind",
             "A map stands where a text is needed, a text where a list is needed, and so on."},
    RuleInfo{Rule::missing_unit, kError, "a quantity lacks its unit",
             "30 may be seconds, milliseconds or minutes. Write 30s, 512MiB, 400/s."},
    RuleInfo{
        Rule::bad_quantity, kError, "a quantity cannot be understood",
        "Durations: ns us ms s m h d, also 1h30m. Sizes: B KiB MiB GiB TiB (powers of 1024), KB MB GB TB "
        "(powers of 1000). Rates: 400/s, 10/m, 5/h. Shares: 5 % or 0.05. Numbers: 1000 or 1_000."},
    RuleInfo{
        Rule::overflow, kError, "a quantity is too large, or finer than can be kept",
        "Durations are whole nanoseconds up to 292 years, sizes whole bytes up to 8 EiB; nothing is rounded "
        "in silence."},
    RuleInfo{Rule::out_of_bounds, kError, "a value is out of its bounds",
             "The bounds come from the provider's limits; 'spillway explain' shows them with their source."},
    RuleInfo{Rule::implicit_boolean, kError, "yes, no, on and off are not booleans",
             "YAML 1.1 and 1.2 read them differently. Write true or false, or quote the word to mean text."},
    RuleInfo{Rule::not_a_choice, kError, "a value is not one of the choices", "The message lists them."},
    RuleInfo{Rule::exactly_one, kError, "exactly one of several properties must be given",
             "They are alternatives: two would contradict each other and none says nothing."},
    RuleInfo{Rule::negative, kError, "a quantity is negative",
             "Durations, sizes, rates, counts and probabilities start at zero."},
    RuleInfo{
        Rule::unknown_distribution, kError, "a distribution is unknown",
        "A bare quantity is constant; otherwise one of constant, exponential, uniform, normal, lognormal, "
        "gamma, erlang, weibull, pareto, hyperexponential, two_point, quantiles, samples, mixture."},
    RuleInfo{Rule::bad_distribution, kError, "a distribution's parameters contradict each other",
             "For example a 99th percentile below the median, or weights that are all zero."},
    RuleInfo{Rule::unknown_step, kError, "a program's step is unknown",
             "A step is one of compute, call, parallel, emit, fail, branch, once."},
    RuleInfo{Rule::program_depth, kError, "a program's steps are nested too deeply",
             "More than 16 levels of branches and parallel steps cannot be what a handler does."},
    RuleInfo{Rule::extends_cycle, kError, "files extend each other in a circle",
             "A candidate extends its base; the base must end the chain."},
    RuleInfo{Rule::bad_extends, kError, "the extended file cannot be used",
             "'extends' names one scenario file, relative to the file that says so."},
    RuleInfo{Rule::set_path, kError, "--set names a place that does not exist",
             "Write --set resources.worker.memory=1GiB: names separated by dots, a list's element as [0]."},
    RuleInfo{Rule::set_value, kError, "--set cannot be understood",
             "Write --set PATH=VALUE, the value as it would stand in the file."},
    RuleInfo{Rule::referenced_file, kError, "a file that the scenario names cannot be read",
             "Paths are relative to the file in which they are written."},
    RuleInfo{
        Rule::no_value, kError, "a property has no value",
        "An empty value is often a forgotten one. Leave the property out to get its default; in a file that "
        "extends another, null removes what the base says."},
    RuleInfo{Rule::empty_document, kError, "the file holds no scenario",
             "The shortest scenario has 'spillway: 1', 'resources' and 'traffic'."},
    RuleInfo{Rule::bad_samples, kError, "a file of samples cannot be used",
             "One number a line, or a CSV with a header and the column named after '#': file.csv#column."},
    RuleInfo{Rule::leading_zero, kError, "a number begins with a zero",
             "012 is ten to some YAML readers and twelve to others."},
    RuleInfo{Rule::wrong_length, kError, "a list or map is too short or too long",
             "The message names the limits."},
    RuleInfo{Rule::unknown_type, kError, "a resource's type is unknown",
             "Types are the provider's own names, such as aws.sqs.queue; 'spillway explain' lists them."},
    RuleInfo{Rule::too_many_values, kError, "the file holds too many values",
             "More than a million values is data, not a topology; put it into a CSV file."},
    RuleInfo{Rule::unknown_resource, kError, "a reference names no resource",
             "References name a key under 'resources' of the same scenario or of one that it extends."},
    RuleInfo{Rule::wrong_resource_type, kError,
             "a reference names a resource of a type that cannot stand there",
             "For example an event source polls a queue and nothing else."},
    RuleInfo{Rule::unknown_class, kError, "a branch or a plan names a traffic class that no traffic has",
             "Classes are the keys under 'classes' of an entry of 'traffic'."},
    RuleInfo{Rule::unknown_operation, kError, "a callee has no such route or operation",
             "Routes are written as the gateway lists them, 'METHOD /path'; a table knows get, put, update "
             "and more."},
    RuleInfo{
        Rule::bad_threshold, kError, "a threshold cannot be understood",
        "Write subject.metric: [ \"p(99) < 800ms\" ]: an aggregate, an operator, a value with its unit."},
    RuleInfo{Rule::bad_traffic, kError, "traffic cannot be made as it is described",
             "The message says what is wrong; for a recorded file also where in it."},
    RuleInfo{Rule::name_taken, kError, "a resource and an entry of traffic have the same name",
             "Results name both, so their names must differ."},
    RuleInfo{Rule::bad_definition, kError, "the definition of a state machine is not valid",
             "It is held to the Amazon States Language and to what AWS refuses when a machine is created."},
    RuleInfo{Rule::contradiction, kError, "settings contradict each other",
             "Each is sound alone, but the provider refuses them together; the message says why."},

    // Design rules: docs/rules.md gives each its source and cure.
    RuleInfo{
        design::cycle, kWarning, "resources ask each other in a circle",
        "A request that comes back to where it was may go around until a limit stops it, and be paid for "
        "each time."},
    RuleInfo{design::unreachable, kWarning, "no traffic reaches a resource",
             "Often a reference was forgotten or a base file has more than the candidate needs."},
    RuleInfo{
        design::no_dead_letters, kWarning, "a queue that is polled has no dead-letter queue",
        "A message that can never be handled is received again and again until it expires, and then lost "
        "without a trace."},
    RuleInfo{design::short_visibility, kWarning,
             "a queue's visibility timeout is below six times the function's timeout",
             "Throttled batches are tried again while the messages are hidden. When they come back too soon "
             "they are handled twice, or use up their receives."},
    RuleInfo{
        design::impatient_caller, kWarning, "a caller gives up before its callee does",
        "The callee works on for an answer that nobody waits for, and a retry makes it do so again: load "
        "grows just when it is too high."},
    RuleInfo{
        design::impatient_gateway, kWarning,
        "an integration timeout is below the timeout of the function behind it",
        "The client is answered 504 and may try again while the first invocation goes on and is billed."},
    RuleInfo{
        design::multiplied_retries, kWarning, "several layers on one path try again",
        "Attempts multiply: three layers of three make twenty-seven of one request, just when the last of "
        "them fails."},
    RuleInfo{
        design::no_idempotency, kWarning, "an at-least-once source feeds a handler that is not idempotent",
        "A message may be delivered more than once even when nothing fails; its work is then done twice."},
    RuleInfo{design::reserve_below_source, kWarning,
             "an event source may run more batches than the function's reserved concurrency",
             "What exceeds the reserve is throttled after it was received, so messages use up their receives "
             "without being seen by any code."},
    RuleInfo{
        design::window_over_visibility, kWarning,
        "a batching window and the function's timeout exceed the visibility timeout",
        "Lambda then hides messages for window + timeout + 30 s, longer than the queue says, so a failed "
        "message comes back later than planned."},
    RuleInfo{design::few_receives, kWarning, "a message is given up after fewer than five receives",
             "Throttled invocations count as receives, so a short burst of throttling dead-letters good "
             "messages."},
    RuleInfo{design::calls_over_timeout, kWarning,
             "a function's timeout is too short for the attempts of a call that it makes",
             "The invocation ends in the middle of its retries: the last attempts are made in vain, and no "
             "error handling runs."},
    RuleInfo{
        design::over_limit, kWarning, "the offered load exceeds a limit",
        "By the traffic equations and Little's law the resource is asked for more than it may do; the rest "
        "is throttled, waits, or is lost."},
    RuleInfo{
        design::short_lived_dead_letters, kWarning,
        "a dead-letter queue keeps messages no longer than the queue before it",
        "A message keeps the time of its first send when it is moved, so what it has waited is taken off."},
    RuleInfo{design::nobody_polls, kWarning, "a queue is polled by nobody",
             "Its messages wait until they expire."},
    RuleInfo{
        design::needless_acceptance, kWarning, "an accepted rule is not broken",
        "The reason for it has gone, or its 'of' names another resource; it would hide the next finding."},
};

}  // namespace

std::span<const RuleInfo> rules() { return kRules; }

const RuleInfo& info(Rule rule) {
  const auto* found =
      std::find_if(kRules.begin(), kRules.end(), [&](const RuleInfo& r) { return r.rule == rule; });
  if (found == kRules.end()) std::abort();
  return *found;
}

std::string rule_id(Rule rule) { return fmt::format("SW{:03}", static_cast<unsigned>(rule)); }

const RuleInfo* find_rule(std::string_view id) {
  for (const RuleInfo& candidate : kRules) {
    if (rule_id(candidate.rule) == id) return &candidate;
  }
  return nullptr;
}

}  // namespace spillway
