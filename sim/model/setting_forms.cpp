#include "model/setting_forms.hpp"

// The tables of forms. A new form of distribution is an entry here and a line in setting_distribution.cpp.

#include <utility>

#include "model/guard_settings.hpp"
#include "model/retry_policy.hpp"

namespace spillway {

namespace {

Described quantity(Quantity of, std::string_view name, std::string_view help) {
  switch (of) {
    case Quantity::duration: return duration(name, help);
    case Quantity::bytes: return bytes(name, help);
    case Quantity::number: return number(name, help);
  }
  return number(name, help);
}

Described nested(Quantity of, std::string_view name, std::string_view help) {
  switch (of) {
    case Quantity::duration: return distribution(name, help);
    case Quantity::bytes: return bytes_distribution(name, help);
    case Quantity::number: return number_distribution(name, help);
  }
  return distribution(name, help);
}

Setting weight() { return number("weight", "Its share, relative to the others.").required().at_least(0); }

Setting cv() {
  return number("cv", "The coefficient of variation: standard deviation divided by mean.")
      .required()
      .at_least(0);
}

Described samples_form() {
  return object("samples", "Each of the measured values in a file, with the same probability.",
                {text("file", "A CSV file, or one number a line; 'file.csv#column' names the column.")
                     .required(),
                 text("column", "The column's name in the header."),
                 choice("unit", "What the file's numbers count.",
                        {"ns", "us", "ms", "s", "m", "h", "B", "KiB", "MiB", "GiB", "KB", "MB", "GB",
                         "number"})})
      .shorthand("file");
}

Settings lognormal_fields(Quantity of) {
  Setting spread = cv();
  spread.required = false;
  return {quantity(of, "mean", "The mean; with cv."), std::move(spread),
          quantity(of, "median", "The median; with p99."),
          quantity(of, "p99", "The 99th percentile; with median.")};
}

}  // namespace

Quantity quantity_of(const Setting& setting) {
  if (setting.kind == Kind::bytes_distribution) return Quantity::bytes;
  return setting.unit == "number" ? Quantity::number : Quantity::duration;
}

Settings distribution_forms(Quantity of) {
  const auto value = [of](std::string_view name, std::string_view help) { return quantity(of, name, help); };
  const auto needed = [of](std::string_view name, std::string_view help) {
    return quantity(of, name, help).required();
  };
  return {
      value("constant", "Always this."),
      object("exponential", "Memoryless.", {needed("mean", "The mean.")}).shorthand("mean"),
      object("uniform", "Evenly between two bounds.",
             {needed("from", "The least."), needed("to", "The greatest.")}),
      object(
          "normal", "The bell curve, cut at zero or narrower.",
          {needed("mean", "The mean before cutting."), needed("sd", "The standard deviation before cutting."),
           value("min", "Nothing below this; at least zero for durations and sizes."),
           value("max", "Nothing above this.")}),
      object("lognormal", "Skewed to the right; by mean and cv, or by median and p99.", lognormal_fields(of)),
      object("gamma", "By mean and coefficient of variation.", {needed("mean", "The mean."), cv()}),
      object(
          "erlang", "The sum of equal exponential stages.",
          {count("stages", "How many.").required().between(1, 1e9), needed("mean", "The mean of the sum.")}),
      object("weibull", "By shape and scale.",
             {number("shape", "Below 1: a long tail.").required().at_least(1e-3),
              needed("scale", "The scale.")}),
      object(
          "pareto", "A heavy tail: its mean is infinite for a shape of 1 or less.",
          {number("shape", "The tail's exponent.").required().at_least(1e-3), needed("min", "The least.")}),
      list("hyperexponential", "One of several exponentials.",
           object("branch", "One exponential.", {weight(), needed("mean", "Its mean.")}))
          .at_least(1),
      list("two_point", "One of two values.",
           object("point", "One value.", {weight(), needed("value", "The value.")}))
          .between(2, 2),
      map("quantiles", "Linear between quantiles such as p0, p50, p99.9 and p100.",
          quantity(of, "pNN", "The value that this share of all samples does not exceed."))
          .at_least(1),
      samples_form(),
      list("mixture", "One of several distributions.",
           object("part", "One of them.", {weight(), nested(of, "of", "The distribution.").required()}))
          .at_least(1),
  };
}

Settings retry_fields() {
  std::vector<std::string> profiles;
  for (const RetryProfile& profile : retry_profiles()) profiles.emplace_back(profile.name);
  return {
      choice("profile", "A named policy, to use or to start from.", std::move(profiles)),
      count("max_attempts", "Attempts in all, the first included.").between(1, 255).words({"unlimited"}),
      duration("base", "The scale of the first delay."),
      duration("throttled_base", "The same after a throttled attempt; unset: as base."),
      number("factor", "How much longer each delay is than the one before.").between(1, 100),
      duration("cap", "No delay is longer than this."),
      choice("jitter", "How the delay is drawn.", {"none", "full", "equal", "decorrelated", "exponential"}),
      list("on", "The outcomes that are tried again.",
           choice("outcome", "An outcome.", {"throttled", "fault", "timed_out", "error"})),
      probability("probability", "That a failure is tried again at all.").between(0, 1),
      object("quota", "A client's retry quota: retries take from it, successes give back.",
             {count("capacity", "Its size; 0: no quota.").at_most(1e9),
              count("transient", "What a retry after a fault costs.").at_most(1e9),
              count("throttled", "What a retry after throttling costs.").at_most(1e9),
              count("timed_out", "What a retry after a timeout costs.").at_most(1e9)})
          .optional(),
      boolean("adaptive", "Whether the client limits its own rate after throttling."),
      boolean("heeds_server",
              "Whether a server that asks for a delay gets it, up to 5 s beyond the client's own."),
  };
}

namespace {

Settings with_guards(Settings connection) {
  for (Setting& guard : guard_settings()) connection.push_back(std::move(guard));
  return connection;
}

Settings call_fields(std::string_view verb, std::string_view help) {
  Settings fields{
      reference(verb, help).required(),
      text("op", "The operation or route that is asked of it."),
      bytes_distribution("bytes", "The size of the request; unset: the size of the journey's own payload."),
      retry("retry",
            "What is done about failures; unset: what the provider's SDK does by default towards it."),
      duration("timeout", "How long one attempt is waited for; unset: until it is answered.")
          .at_least(Duration{1}),
      boolean("keyed",
              "Whether the callee knows a repeated request by a key of the caller's, and does nothing again.")
          .fallback("false"),
  };
  if (verb == "call") {
    fields.push_back(
        boolean("carry_on", "Whether the handler goes on when the call fails.").fallback("false"));
  }
  return with_guards(std::move(fields));
}

Settings idempotent_fields() {
  constexpr std::string_view kSource = "Powertools for AWS Lambda, idempotency, 2024-10-24";
  return with_guards(
      {reference("store", "The table of records: a claim, and what became of it.")
           .required()
           .of_types({"aws.dynamodb.table"}),
       choice("by", "What must be the same: the journey, or its key.", {"journey", "key"})
           .fallback("journey"),
       duration("expires_after", "How long what was done is remembered.").fallback("1h").source(kSource),
       boolean("lock_ends",
               "Whether a claim ends with its claimant's time; else a handler that times out blocks its key "
               "until the record expires.")
           .fallback("true")
           .source(kSource),
       bytes("record_size", "The size of a record.")
           .fallback("1KiB")
           .between(1, 400 * 1024)
           .source("assumption"),
       retry("retry", "What is done about failures of the store; unset: what its SDK does."),
       boolean("use_local_cache",
               "Whether an execution environment remembers what is done, and then does not ask the store.")
           .fallback("false")
           .source(kSource),
       count("local_cache_max_items", "Records that an environment remembers; the least recently used go.")
           .fallback("256")
           .at_least(1)
           .source(kSource),
       program("steps", "What is done once for each key.").required()});
}

Settings fail_fields() {
  return {probability("probability", "How likely.").fallback("1").between(0, 1),
          choice("outcome", "How it fails.", {"error", "fault", "throttled", "refused"}).fallback("error")};
}

Settings branch_fields() {
  return {probability("probability", "How likely this arm is taken.").between(0, 1),
          text("when", "The traffic class that takes this arm.").names_class(),
          program("steps", "What the arm does.").required()};
}

}  // namespace

Settings step_forms() {
  return {
      object("compute", "Takes time.",
             {distribution("compute", "How long; 'request': as long as the recorded request says.")
                  .words({"request"})
                  .required()}),
      object("call", "Asks another resource and waits for the answer.",
             call_fields("call", "The resource that is asked.")),
      object("emit", "Asks another resource and does not wait.",
             call_fields("emit", "The resource that is told.")),
      object("parallel", "Runs its arms side by side and goes on after the last.",
             {list("parallel", "The arms.", program("arm", "One arm.")).required().between(1, 1000)}),
      object("fail", "Ends the handler with a failure.",
             {object("fail", "How likely, and how.", fail_fields()).shorthand("probability").required()}),
      object("branch", "Takes one of its arms, by chance or by the request's class.",
             {list("branch", "The arms; one without probability and class is the rest.",
                   object("arm", "One arm.", branch_fields()))
                  .required()
                  .between(1, 1000)}),
      object("idempotent", "Runs its steps once for each key, and remembers that in a table.",
             {object("idempotent", "Which key, where, how long.", idempotent_fields()).required()}),
      object("once", "Runs only for the first message of a batch.",
             {program("once", "The steps.").required()}),
  };
}

}  // namespace spillway
