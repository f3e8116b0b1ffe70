// What a draw costs: bits, uniforms, each distribution, and what a statistic costs: sketch and level.
//
// Draws are timed as the simulator takes them: a fresh key for each (journey, attempt), then one sample; the
// row "key" is the part that the keying takes. For comparison, the generators and distributions of <random>
// that a simulator would otherwise use: they are not reproducible across standard libraries, and their draws
// depend on the order of events. Figures are nanoseconds, the median of interleaved rounds.
#include <random>

#include "engine/gauge.hpp"
#include "engine/math.hpp"
#include "engine/sketch.hpp"
#include "report.hpp"
#include "spillway/distribution.hpp"

namespace {

using namespace spillway;

struct Rows {
  std::vector<bench::Competitor> competitors;
  std::size_t n;
  bench::Hash* hash;

  /// Times `body(i)`, whose sum is hashed, so that nothing is optimised away.
  template <class Body>
  void add(std::string name, Body body) {
    competitors.push_back({std::move(name), [body, count = n, into = hash]() mutable {
                             double sum = 0;
                             const double took = bench::seconds([&] {
                               for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(body(i));
                             });
                             into->add(std::bit_cast<std::uint64_t>(sum));
                             return took * 1e9 / static_cast<double>(count);
                           }});
  }
};

void add_generators(Rows& rows) {
  const Stream stream{1, "bench"};
  rows.add("key: stream.at(journey), no draw", [stream](std::size_t i) mutable {
    Draws draws = stream.at(i);
    bench::keep(draws);
    return 0;
  });
  rows.add("bits: next draw of one key",
           [draws = Draws{1}](std::size_t) mutable { return draws.bits() >> 32; });
  rows.add("bits: fresh key, one draw", [stream](std::size_t i) { return stream.at(i).bits() >> 32; });
  rows.add("uniform: fresh key, one draw", [stream](std::size_t i) { return stream.at(i).uniform(); });
  rows.add("below(1000): fresh key, one draw", [stream](std::size_t i) { return stream.at(i).below(1000); });
  rows.add("std::mt19937_64, next (its order decides)",
           [engine = std::mt19937_64{1}](std::size_t) mutable { return engine() >> 32; });
}

void add_functions(Rows& rows) {
  const Stream stream{1, "bench"};
  rows.add("math::log", [stream](std::size_t i) { return math::log(stream.at(i).open01()); });
  rows.add("math::exp", [stream](std::size_t i) { return math::exp(stream.at(i).open01()); });
  rows.add("math::normal_quantile",
           [stream](std::size_t i) { return math::normal_quantile(stream.at(i).open01()); });
  rows.add("math::normal_of_draw",
           [stream](std::size_t i) { return math::normal_of_draw(stream.at(i).bits()); });
  rows.add("std::log", [stream](std::size_t i) { return std::log(stream.at(i).open01()); });
  rows.add("std::exp", [stream](std::size_t i) { return std::exp(stream.at(i).open01()); });
}

void add_distributions(Rows& rows) {
  const auto add = [&rows](std::string name, Distribution distribution) {
    rows.add(std::move(name), [distribution, stream = Stream{1, "bench"}](std::size_t i) {
      Draws draws = stream.at(i);
      return distribution.sample(draws);
    });
  };
  using D = Distribution;
  add("constant", D::constant(5.0));
  add("exponential", D::exponential(5));
  add("uniform", D::uniform(1, 5));
  add("truncated normal (inversion)", D::truncated_normal(1, 1, 0, kInfinity));
  add("truncated normal (beyond 30 sd)", D::truncated_normal(0, 1, 40, kInfinity));
  add("lognormal", D::lognormal_median_p99(80, 400));
  add("gamma (shape 4)", D::gamma_mean_cv(5, 0.5));
  add("gamma (shape 1/4)", D::gamma_mean_cv(5, 2));
  add("weibull", D::weibull(0.7, 5));
  add("pareto", D::pareto(2.5, 1));
  add("hyperexponential, 2 branches", D::hyperexponential({{0.9, 1}, {0.1, 20}}));
  add("two-point", D::two_point(0.3, 1, 2));
  add("quantiles, 7 points",
      D::quantiles({{0, 1}, {0.5, 2}, {0.9, 3}, {0.95, 5}, {0.99, 9}, {0.999, 20}, {1, 50}}));
  add("samples, 1000", D::samples([] {
        std::vector<double> values;
        for (int i = 0; i < 1000; ++i) values.push_back(i);
        return values;
      }()));
  add("mixture: 0.9 constant, 0.1 exponential",
      D::mixture({{0.9, D::constant(1.0)}, {0.1, D::exponential(5)}}));
  rows.add("lognormal, as Duration",
           [d = D::lognormal_median_p99(80e6, 400e6), s = Stream{1, "b"}](std::size_t i) {
             Draws draws = s.at(i);
             return d.duration(draws).count();
           });
  rows.add("std::exponential_distribution, mt19937_64",
           [engine = std::mt19937_64{1}, d = std::exponential_distribution<>{0.2}](std::size_t) mutable {
             return d(engine);
           });
  rows.add("std::lognormal_distribution, mt19937_64",
           [engine = std::mt19937_64{1}, d = std::lognormal_distribution<>{4.4, 0.7}](std::size_t) mutable {
             return d(engine);
           });
}

void add_statistics(Rows& rows) {
  // Values are made beforehand: only the adding is timed.
  std::vector<std::int64_t> values(1 << 16);
  const Stream stream{1, "values"};
  const auto latency = Distribution::lognormal_median_p99(80e6, 400e6);
  for (std::size_t i = 0; i < values.size(); ++i) {
    Draws draws = stream.at(i);
    values[i] = latency.duration(draws).count();
  }
  rows.add("sketch: add a lognormal latency", [values, sketch = Sketch{}](std::size_t i) mutable {
    sketch.add(values[i % (1 << 16)]);
    return 0;
  });
  rows.add("level: add", [values, level = Level{}, now = kStart](std::size_t i) mutable {
    now += Duration{values[i % (1 << 16)] & 1023};
    level.add(now, (i & 1) == 0 ? 1 : -1);
    bench::keep(level);
    return 0;
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  bench::Report report{"Draws and statistics, ns per operation", options};
  bench::Hash hash;
  Rows rows{{}, options.size(4'000'000, 10'000), &hash};
  add_generators(rows);
  add_functions(rows);
  add_distributions(rows);
  add_statistics(rows);
  std::erase_if(rows.competitors, [&](const auto& row) { return !options.wants(row.name); });
  const std::vector<double> figures = bench::medians(rows.competitors, options.rounds);
  for (std::size_t i = 0; i < figures.size(); ++i)
    report.figure("", rows.competitors[i].name, figures[i], " ns");
  report.hash("sums of all draws", hash);
  return report.exit_code();
}
