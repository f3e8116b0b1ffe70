// The description of `arrivals`: what the scenario reader, the schema and the docs know of it.
#include "scenario/traffic/settings.hpp"

namespace spillway {
namespace {

constexpr double kFastest = 1e9;  // a second: one a nanosecond

Described any_rate(std::string_view name, std::string_view help) {
  return rate(name, help).between(0, kFastest);
}

Setting stages() {
  return list("stages", "A rate that moves from stage to stage, as load tests are written.",
              object(
                  "stage", "A stretch over which the rate changes linearly.",
                  {duration("duration", "How long the stage is.").required().at_least(0s),
                   any_rate("to", "The rate at its end.").required(),
                   any_rate("from",
                            "The rate at its start; without it, where the last stage ended (first: 0/s).")}))
      .at_least(1);
}

Setting diurnal() {
  return object("diurnal",
                "A rate that swings like a day: mean * (1 + amplitude * cos(2 pi (t - peak) / period)).",
                {any_rate("mean", "The rate over a whole period.").required(),
                 probability("amplitude", "How far the rate swings, as a share of the mean.")
                     .fallback("0.5")
                     .source("assumption"),
                 duration("period", "How long a swing takes.").fallback("24h").at_least(1us),
                 duration("peak", "When in a period the rate is highest.")
                     .fallback("12h")
                     .source("assumption")
                     .at_least(0s)})
      .optional();
}

Setting bursts() {
  return object("bursts",
                "A rate that jumps between states, each held for a random time: on-off traffic, or a "
                "Markov-modulated "
                "Poisson process.",
                {list("states", "The states.",
                      object("state", "A rate and how long it lasts.",
                             {any_rate("rate", "The rate in this state.").required(),
                              duration("mean", "How long a stay lasts on average.").required().at_least(1us),
                              choice("stay", "How long a stay is: exponential, or always the mean.",
                                     {"exponential", "fixed"})
                                  .fallback("exponential"),
                              list("next",
                                   "A weight (or switch rate) for each state to come next, in their order; "
                                   "without it "
                                   "the next in the list comes next.",
                                   number("weight", "How often, compared with the others.").at_least(0))}))
                     .required()
                     .between(1, 100),
                 choice("start", "The state at time zero: the first, or one drawn by its share of time.",
                        {"first", "anywhere"})
                     .fallback("first")})
      .optional();
}

Setting requests() {
  return object(
             "requests",
             "A recorded list of requests: a CSV file with a header line and a row a request, by time.",
             {text("file", "The file.").required(),
              text("time",
                   "The column of the moments: numbers with a unit in the column's name (t_s, at_ms), or ISO "
                   "8601 timestamps.")
                  .fallback("time"),
              text("time_unit",
                   "The unit of that column, if its name has none: ns, us, ms, s, m, h, d, timestamp."),
              text("duration", "The column of service durations, which travel with the requests."),
              text("duration_unit", "The unit of that column, if its name has none."),
              text("bytes", "The column of request sizes."),
              text("class", "The column of traffic classes, by name."),
              text("key", "The column of keys, any text."),
              choice("zero", "What is time zero: the column's own zero, or the first request.",
                     {"column", "first"})
                  .fallback("column"),
              number("speed", "So much faster than recorded the requests follow each other; durations stay.")
                  .fallback("1")
                  .between(1e-6, 1e6),
              duration("length", "How long the recording is: with repeat, when the list starts again.")
                  .at_least(1ns)})
      .shorthand("file")
      .optional();
}

Setting azure() {
  return object(
             "azure", "The Azure Functions trace of 2019, with its official column names.",
             {text("invocations", "invocations_per_function_md.anon.dNN.csv: counts a minute.").required(),
              text("durations", "function_durations_percentiles.anon.dNN.csv: how long invocations run."),
              choice("work",
                     "What an invocation brings with it: a duration drawn from its function's percentiles, "
                     "its function's average, or none. Without it: percentiles when there are durations.",
                     {"none", "average", "percentiles"}),
              duration("default_duration",
                       "For functions that the durations file does not have; without it that is an error.")
                  .at_least(0s),
              text("owner", "Only functions whose HashOwner starts so."),
              text("app", "Only functions whose HashApp starts so."),
              text("function", "Only the function whose HashFunction starts so.")})
      .optional();
}

}  // namespace

Setting arrivals_setting() {
  return object(
             "arrivals", "When requests come, whatever becomes of them.",
             {any_rate("poisson", "Independently of each other, at this rate."),
              any_rate("constant", "Evenly, at this rate, the first at time zero."), stages(), diurnal(),
              bursts(),
              list("counts", "So many in each step.", number("count", "Requests in a step.").between(0, 1e9))
                  .at_least(1),
              text("file", "So many in each step: a CSV file with a header line and a row a step."),
              requests(), azure(), text("column", "The column of a file's counts. Without it: requests."),
              text("time",
                   "The column that says when a file's steps start; steps that are missing are empty. "
                   "Without it: "
                   "second, minute, hour or day if there is one, else row follows row."),
              text("time_unit",
                   "The unit of that column, if its name has none: ns, us, ms, s, m, h, d, timestamp."),
              duration("step", "How long a step of counts is. Without it: 1m.").at_least(1us),
              choice("within",
                     "How arrivals lie in a step, or along a changing rate: evenly; randomly, with exact "
                     "counts; as a "
                     "Poisson process; together at a step's first moment. Without it: randomly for counts, "
                     "poisson for "
                     "stages, diurnal and bursts.",
                     {"evenly", "randomly", "poisson", "together"}),
              number("scale", "Multiplies the traffic; of a request list, the share that is kept.")
                  .fallback("1")
                  .between(0, 100'000),
              boolean("repeat", "Whether counts, stages and recordings start again at their end.")
                  .fallback("false"),
              count("batch", "So many requests at each arrival, at one instant.")
                  .fallback("1")
                  .between(1, 1'000'000),
              duration("start", "When the traffic begins: its own time zero.").fallback("0s").at_least(0s),
              duration("until", "When it ends.").at_least(0s)})
      .exactly_one(
          {"poisson", "constant", "stages", "diurnal", "bursts", "counts", "file", "requests", "azure"})
      .optional();
}

}  // namespace spillway
