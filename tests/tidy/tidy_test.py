#!/usr/bin/env python3
"""Each house rule must find its own small bad tree, and leave a good one alone.

A tree is a dictionary of path to text, laid over a clean base; the rule's findings are compared whole, so a
rule that finds too much fails as one that finds nothing does.
"""
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[2] / "tools" / "tidy"
loader = importlib.machinery.SourceFileLoader("tidy", str(TIDY))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
sys.modules["tidy"] = tidy
sys.dont_write_bytecode = True
loader.exec_module(tidy)

HEADER = "#pragma once\n/// A thing, for the tests of the rules.\n"
SOURCE = "// A thing, for the tests of the rules.\n"
PAGE = "# Queue\ntest.queue\n## Behaviour\n## Settings\n## Sources\n## Validation\n## Not modelled\n"
GOOD = {
    "sim/engine/clock.hpp": HEADER + "int tick();\n",
    "sim/engine/clock.cpp": SOURCE + '#include "engine/clock.hpp"\n\n#include <vector>\n\nint tick() { return 1; }\n',
    "sim/model/call.hpp": HEADER + '#include "engine/clock.hpp"\ninline int call() { return tick(); }\n',
    "sim/services/queue.hpp": HEADER + "void describe();\n",
    "sim/services/queue.cpp": SOURCE + '#include "services/queue.hpp"\nvoid describe() {}\n',
    "sim/services/catalogue.cpp": SOURCE + '#include "services/queue.hpp"\nRow rows[] = {{"test.queue", describe}};\n',
    "tests/services/queue_test.cpp": SOURCE,
    "docs/services/queue.md": PAGE,
    "scenarios/queue.spillway.yaml": "resources:\n  q: { type: test.queue }\n",
}


def findings(changes, compile_headers=False):
    """The findings over the good tree with changes laid over it (None removes a file), as (path, line, rule)."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**GOOD, **changes}.items():
            if text is None:
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return [finding[:3] for finding in tidy.Tidy(root, compile_headers).run()]


class Rules(unittest.TestCase):
    def finds(self, changes, *expected, **options):
        self.assertEqual(findings(changes, **options), list(expected))

    def bad_line(self, rule, line, path="sim/engine/clock.hpp", opening=HEADER):
        """One bad line, in a tree that is good but for it."""
        text = f"{opening}{line}\n"
        self.finds({path: text}, (path, opening.count("\n") + 1, rule))

    def good_line(self, line, path="sim/engine/clock.hpp", opening=HEADER):
        self.finds({path: f"{opening}{line}\n"})

    def test_a_good_tree_has_no_findings(self):
        self.finds({})

    def test_the_command_prints_each_finding_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            header = pathlib.Path(folder) / "sim" / "engine" / "clock.hpp"
            header.parent.mkdir(parents=True)
            header.write_text(HEADER + "double seconds;\n")
            command = [sys.executable, TIDY, "--root", folder]
            bad = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(bad.stdout.splitlines(), [
                "sim/engine/clock.hpp:3: float-time: 'seconds': time is a Duration, integer ns",
                "tidy: 1 files, 1 findings"])
            self.assertEqual(bad.returncode, 1)
            header.write_text(HEADER)
            self.assertEqual(subprocess.run(command, capture_output=True).returncode, 0)

    def test_a_layer_may_not_include_what_stands_after_it(self):
        self.bad_line("layer", '#include "model/call.hpp"')
        self.bad_line("layer", '#include "engine/clock.hpp"', "sim/formats/csv.hpp")
        self.bad_line("layer", '#include "services/queue.hpp"', "sim/observe/bill.hpp")

    def test_an_include_that_is_commented_out_is_none(self):
        self.good_line('// #include "model/call.hpp"')

    def test_a_public_header_belongs_to_the_layer_of_its_source(self):
        self.finds({"include/spillway/draw.hpp": HEADER + '#include "model/call.hpp"\n',
                    "sim/engine/draw.cpp": SOURCE + '#include "spillway/draw.hpp"\n'},
                   ("include/spillway/draw.hpp", 3, "layer"))

    def test_a_public_header_without_a_layer_is_found(self):
        self.finds({"include/spillway/nobody.hpp": HEADER}, ("include/spillway/nobody.hpp", 1, "layer"))

    def test_an_include_from_nowhere_is_found(self):
        self.bad_line("layer", '#include "clock.hpp"')

    def test_a_source_includes_its_own_header_first(self):
        self.finds({"sim/engine/clock.cpp": SOURCE + '#include <vector>\n#include "engine/clock.hpp"\n'},
                   ("sim/engine/clock.cpp", 2, "own-header"))

    def test_a_header_that_does_not_compile_alone_is_found(self):
        self.finds({"sim/model/part.hpp": HEADER + "std::vector<int> part();\n"},
                   ("sim/model/part.hpp", 1, "header-alone"), compile_headers=True)

    def test_a_header_compiles_with_what_it_includes_itself(self):
        self.finds({"sim/model/part.hpp": HEADER + "#include <vector>\nstd::vector<int> part();\n"},
                   compile_headers=True)

    def test_a_header_says_pragma_once(self):
        self.finds({"sim/engine/clock.hpp": "/// A thing.\nint tick();\n"}, ("sim/engine/clock.hpp", 1, "pragma-once"))

    def test_a_source_opens_with_a_comment(self):
        self.finds({"sim/engine/beat.cpp": "#include <vector>\n"}, ("sim/engine/beat.cpp", 1, "opening"))

    def test_its_own_header_may_speak_for_a_source(self):
        self.finds({"sim/engine/clock.cpp": '#include "engine/clock.hpp"\n'})
        self.finds({"sim/model/call.cpp": '#include "engine/clock.hpp"\n', "sim/model/call.hpp": HEADER},
                   ("sim/model/call.cpp", 1, "opening"), ("sim/model/call.cpp", 1, "own-header"))

    def test_a_long_function_is_found_at_its_first_line(self):
        body = "  ++n;\n" * 69
        self.bad_line("function-length", f"void f() {{\n{body}}}")

    def test_a_function_of_seventy_lines_is_not_long(self):
        body = "  ++n;\n" * 68
        self.good_line(f"void f() {{\n{body}}}\n\nvoid g() {{\n{body}}}")

    def test_a_long_method_is_found_inside_a_class_in_a_namespace(self):
        body = "    if (n) { ++n; }\n" * 69
        text = f"namespace a {{\nclass C : public B {{\n public:\n  int g();\n  int f() const {{\n{body}  }}\n}};\n}}\n"
        self.finds({"sim/engine/clock.hpp": HEADER + text}, ("sim/engine/clock.hpp", 7, "function-length"))

    def test_the_braces_of_an_initialiser_list_do_not_end_a_constructor(self):
        body = "  ++n;\n" * 69
        self.bad_line("function-length", f"C::C(int n) : a_{{n}}, b_{{n}} {{\n{body}}}")

    def test_a_long_table_is_no_function(self):
        rows = '    {"a", f(1)},\n' * 90
        self.good_line(f"inline constexpr Row kRows[] = {{\n{rows}}};")

    def test_tests_may_be_longer(self):
        body = "  ++n;\n" * 100
        self.good_line(f"TEST(A, does) {{\n{body}}}", "tests/engine/clock_test.cpp", SOURCE)
        body = "  ++n;\n" * 120
        self.bad_line("function-length", f"TEST(A, does) {{\n{body}}}", "tests/engine/clock_test.cpp", SOURCE)

    def test_a_long_file_is_found(self):
        self.finds({"sim/engine/clock.hpp": HEADER + "int a;\n" * 499}, ("sim/engine/clock.hpp", 501, "file-length"))
        self.finds({"tests/engine/a_test.cpp": SOURCE + "int a;\n" * 899})

    def test_a_long_line_is_found_in_code_and_not_in_prose(self):
        self.bad_line("line-length", "//" + "x" * 109)
        self.good_line("//" + "x" * 108)
        self.finds({"docs/tour.md": "x" * 300 + "\n"})

    def test_floating_time_is_found(self):
        for line in ("double seconds;", "double visibility_timeout_s = 1;", "float delay();", "const double& now_ms;",
                     "std::chrono::duration<double> d;"):
            self.bad_line("float-time", line)

    def test_other_floating_numbers_are_none_of_time(self):
        for line in ("double mean;", "double second_moment;", "double sentiment;", "// double seconds",
                     "std::int64_t delay_ns;"):
            self.good_line(line)
        self.good_line("double seconds;", "sim/report/text.hpp")

    def test_floating_money_is_found(self):
        self.bad_line("float-money", "double monthly_cost;", "sim/observe/bill.hpp")
        self.good_line("double costliest_share;", "sim/observe/bill.hpp")

    def test_foreign_randomness_is_found(self):
        self.bad_line("random", "std::normal_distribution<double> d;")
        self.bad_line("random", "int x = rand();")
        self.good_line("int strand(); int x = strand();")

    def test_libm_is_found_where_results_are_made(self):
        self.bad_line("libm", "double x = std::log(2.0);", "sim/services/queue.hpp", HEADER)
        self.bad_line("libm", "double x = ::exp(2.0);")
        self.good_line("double x = std::sqrt(2.0) + log(2.0) + math::exp(1.0);")

    def test_using_the_standard_namespace_is_found_except_for_literals(self):
        self.bad_line("using-namespace", "using namespace std;")
        self.good_line("using namespace std::chrono_literals;")
        self.good_line("using namespace testing;")

    def test_iostreams_are_found_where_nothing_prints(self):
        self.bad_line("iostream", "#include <sstream>", "sim/formats/csv.hpp")
        self.good_line("#include <fstream>", "sim/report/text.hpp")

    def test_threads_belong_to_experiment_and_tools(self):
        self.bad_line("threads", "#include <mutex>")
        self.bad_line("threads", "#include <thread>", "sim/report/text.hpp")
        self.good_line("#include <thread>", "sim/experiment/pool.hpp")

    def test_the_wall_clock_is_found(self):
        self.bad_line("clock", "auto t = std::chrono::steady_clock::now();")
        self.bad_line("clock", "auto t = time(nullptr);")
        self.good_line("auto t = simulation.time();")

    def test_shared_pointers_macros_and_coroutines_are_found(self):
        self.bad_line("shared-ptr", "std::shared_ptr<int> p;")
        self.bad_line("macro", "#define KIND 1")
        self.bad_line("coroutine", "co_await delay(1);")

    def test_tests_run_and_do_not_sleep(self):
        self.bad_line("disabled-test", "TEST(A, DISABLED_b) {}", "tests/engine/clock_test.cpp", SOURCE)
        self.bad_line("sleep", "std::this_thread::sleep_for(d);", "tests/engine/clock_test.cpp", SOURCE)

    def test_a_banned_word_in_a_string_is_text(self):
        self.good_line('const char* help = "std::log( and \\" rand(";')
        self.good_line('const char* help = R"x(std::log( " rand()x";')

    def test_looping_over_an_unordered_container_is_found(self):
        loop = "std::unordered_map<int, int> rows_;\nvoid f() {\n  for (const auto& [k, v] : rows_) use(k, v);\n}"
        self.finds({"sim/engine/clock.hpp": f"{HEADER}{loop}\n"}, ("sim/engine/clock.hpp", 5, "unordered"))
        self.good_line(loop.replace("unordered_map", "map"))

    def test_the_container_may_be_declared_in_the_header(self):
        self.finds({"sim/engine/clock.hpp": HEADER + "std::unordered_set<int> seen_;\n",
                    "sim/engine/clock.cpp": SOURCE + '#include "engine/clock.hpp"\nvoid f() { for (int x : seen_) g(x); }\n'},
                   ("sim/engine/clock.cpp", 3, "unordered"))

    def test_notes_to_self_are_found_in_every_file(self):
        self.finds({"docs/tour.md": "One.\nTODO: two\n"}, ("docs/tour.md", 2, "leftover"))
        self.good_line("// XXXXXX is what mktemp replaces")

    def test_paths_of_one_machine_are_found(self):
        self.finds({"docs/tour.md": "See `/home/me/spillway`.\n"}, ("docs/tour.md", 1, "machine-path"))
        self.finds({"docs/tour.md": "See https://example.com/home/page and docs/work/a.\n"})

    def test_a_link_that_leads_nowhere_is_found(self):
        self.finds({"docs/tour.md": "See [the page](services/queue.md#settings), [here](#a), [web](https://a.org/b).\n"})
        self.finds({"docs/tour.md": "See [the page](services/topic.md).\n"}, ("docs/tour.md", 1, "link"))

    def test_a_service_has_its_whole_row(self):
        header = "sim/services/queue.hpp"
        self.finds({"tests/services/queue_test.cpp": None}, (header, 1, "service-row"))
        self.finds({"docs/services/queue.md": PAGE.replace("## Validation\n", "")},
                   ("docs/services/queue.md", 1, "service-row"))
        self.finds({"docs/services/queue.md": None},
                   ("sim/services/catalogue.cpp", 3, "service-row"), (header, 1, "service-row"))

    def test_a_service_is_used_by_a_scenario(self):
        self.finds({"scenarios/queue.spillway.yaml": "resources:\n  q: { type: test.queue.other }\n"},
                   ("sim/services/catalogue.cpp", 3, "service-row"))

    def test_a_service_that_the_catalogue_forgot_is_found(self):
        self.finds({"sim/services/topic.hpp": HEADER + "Settings describe();\n"},
                   ("sim/services/topic.hpp", 1, "service-row"))

    def test_a_page_about_no_service_is_found(self):
        self.finds({"docs/services/topic.md": PAGE}, ("docs/services/topic.md", 1, "service-row"))

    def test_an_exception_with_a_reason_is_forgiven_on_its_line_and_above_it(self):
        self.good_line("double seconds;  // tidy: allow(float-time) it is a mean over the run")
        self.good_line("// tidy: allow(float-time) it is a mean over the run,\n// which no event sees\ndouble seconds;")

    def test_an_exception_needs_a_reason(self):
        self.bad_line("allow", "double seconds;  // tidy: allow(float-time)")

    def test_an_exception_that_forgives_nothing_is_found(self):
        self.bad_line("allow", "int seconds;  // tidy: allow(float-time) it is a mean over the run")


if __name__ == "__main__":
    unittest.main()
