// P8: reading recorded traffic, from the bytes of a file to arrivals, at 10 million rows a second or more.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "report.hpp"
#include "scenario/traffic/bursts.hpp"
#include "scenario/traffic/counts.hpp"
#include "scenario/traffic/requests.hpp"
#include "scenario/traffic/steady.hpp"

namespace spillway {
namespace {

struct Drain {
  std::uint64_t arrivals = 0;
  std::uint64_t hash = 0;
};

Drain drain(Arrivals& arrivals, std::uint64_t most = UINT64_MAX) {
  Drain all;
  Arrival arrival;
  while (all.arrivals < most && arrivals.next(arrival)) {
    ++all.arrivals;
    all.hash = mix_bits(all.hash + static_cast<std::uint64_t>(arrival.at.time_since_epoch().count()) +
                        static_cast<std::uint64_t>(arrival.work.count()));
  }
  if (!arrivals.problem().empty()) std::fprintf(stderr, "%s\n", std::string(arrivals.problem()).c_str());
  return all;
}

/// A list like a real one: moments with microseconds, durations with a tenth of one.
void write_list(const std::string& path, std::size_t rows, bool durations) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) std::abort();
  std::fputs(durations ? "t_s,client_ms\n" : "t_s\n", file);
  std::uint64_t at_us = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t bits = mix_bits(i * kWeylStep);
    at_us += bits % 2000;
    std::fprintf(file, "%llu.%06llu", static_cast<unsigned long long>(at_us / 1'000'000),
                 static_cast<unsigned long long>(at_us % 1'000'000));
    if (durations)
      std::fprintf(file, ",%llu.%02llu", static_cast<unsigned long long>(bits % 900),
                   static_cast<unsigned long long>(bits % 97));
    std::fputc('\n', file);
  }
  std::fclose(file);
}

struct Figure {
  double ns_each = 0;
  Drain all;
};

template <class Make>
Figure measure(const bench::Options& options, Make&& make, std::uint64_t most = UINT64_MAX) {
  Figure figure;
  std::vector<double> each;
  for (int round = 0; round < options.rounds; ++round) {
    const double s = bench::cpu_seconds([&] {
      auto arrivals = make();
      figure.all = drain(*arrivals, most);
    });
    each.push_back(s * 1e9 / static_cast<double>(figure.all.arrivals));
  }
  figure.ns_each = bench::median(each);
  return figure;
}

int run(const bench::Options& options) {
  bench::Report report("Reading and making traffic", options);
  bench::Hash hash;
  constexpr double kGoal = 10;  // million rows a second
  const std::size_t rows = options.size(5'000'000, 2'000);
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("spillway-bench-" + std::to_string(::getpid()))).string();
  std::filesystem::create_directories(folder);
  const std::string times = folder + "/times.csv";
  const std::string requests = folder + "/requests.csv";
  write_list(times, rows, false);
  write_list(requests, rows, true);
  const auto list = [&](const RequestListSettings& settings) {
    return measure(options, [&] { return std::move(*arrivals_from_list(settings, Stream())); });
  };
  const auto read = [&](std::string_view what, const Figure& figure) {
    report.at_least("P8", what, 1e3 / figure.ns_each, kGoal, " M rows/s");
    hash.add(figure.all.hash);
  };
  read("requests from a CSV trace: time", list({.path = times, .columns = {.time = "t_s"}}));
  read("requests from a CSV trace: time, duration",
       list({.path = requests, .columns = {.time = "t_s", .duration = "client_ms"}}));
  std::filesystem::remove_all(folder);

  const std::uint64_t most = options.size(5'000'000, 2'000);
  const Stream gaps(1, "gaps");
  const auto print = [&](std::string_view what, const Figure& figure) {
    report.figure("", what, figure.ns_each, " ns/arrival");
    hash.add(figure.all.hash);
  };
  print("poisson", measure(options, [&] { return std::make_unique<PoissonArrivals>(1000, gaps); }, most));
  print("constant",
        measure(options, [&] { return std::make_unique<ConstantArrivals>(Ratio{1000, 7}); }, most));
  const auto along = [&](auto make_curve) {
    return measure(
        options, [&] { return std::make_unique<CurveArrivals>(make_curve(), Spread::poisson, gaps); }, most);
  };
  print("stages", along([] { return std::make_unique<StagedCurve>(std::vector<Slope>{{2400h, 0, 5000}}); }));
  print("diurnal",
        along([] { return std::make_unique<DiurnalCurve>(DiurnalCurve::Shape{1000, 0.8, 24h, 14h}); }));
  print("bursts", along([] {
          return std::make_unique<BurstCurve>(
              std::vector<BurstState>{{.rate = 100, .mean = 10s}, {.rate = 5000, .mean = 1s}}, false,
              Stream(1, "visits"));
        }));
  for (const auto& [name, within] : {std::pair{"counts, evenly", Within::evenly},
                                     {"counts, randomly", Within::randomly},
                                     {"counts, poisson", Within::poisson}}) {
    const auto by_count = [&, as = within] {
      return arrivals_by_count(counts_from_list(std::vector<std::int64_t>(1440, 600'000'000), 1min, true),
                               Ratio{1, 1}, as, gaps);
    };
    print(name, measure(options, by_count, most));
  }
  report.hash("arrivals", hash);
  return report.exit_code();
}

}  // namespace
}  // namespace spillway

int main(int argc, char** argv) { return spillway::run(spillway::bench::parse_options(argc, argv)); }
