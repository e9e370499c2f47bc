"""contextor-control(7) is complete: every method, parameter, event, metric, member and error that
there is has its place in it, and its examples are answered as it says."""

import json
import os
import re
import unittest

from daemon import ROOT, Case, RemoteError, main

PAGE = (ROOT / "daemon/contextor-control.7.scd").read_text()
CODE = "".join((ROOT / "daemon" / name).read_text() for name in os.listdir(ROOT / "daemon")
               if name.endswith(".c"))


def section(title, level="## "):
    return re.search(r"(?ms)^%s%s\n(.*?)(?=^#)" % (level, title), PAGE)[1]


class Manual(Case):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.write("docs/b.mdx", "import X from 'x'\n\n# B\n")
        self.write("docs/bad.md", b"\xff")
        self.served = self.daemon(self.source("docs", "pages"))
        self.served.__enter__()
        self.addCleanup(self.served.__exit__, None, None, None)
        self.served.sync()

    def assert_members(self, answer, text):
        """Every member of an answer is named in its section."""
        for name, value in answer.items():
            self.assertRegex(text, r'[*_"]%s[*_"]' % name.replace("_", r"\\?_"), name)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict) and name not in ("clock", "buckets"):
                    self.assert_members(each, text)

    def test_every_method_has_its_section_with_an_example(self):
        methods = self.served.call("version")["methods"]
        self.assertEqual(sorted(re.findall(r"(?m)^## (\w+)$", PAGE)), methods)
        for method in methods:
            text = section(method)
            self.assertIn('"method":"%s"' % method, text)
            self.assertIn('<-- {"jsonrpc":"2.0"', text)

    def test_every_parameter_is_described(self):
        for method, table in re.findall(r"ctx_parameter (\w+)_parameters\[\] = \{(.*?)\n\};", CODE, re.S):
            for name in re.findall(r'\{ "(\w+)"', table):
                self.assertRegex(section(method), r"\*%s\*" % name, method)

    def test_every_event_and_state_is_described(self):
        text = section("subscribe")
        events = re.search(r"ctx_event_names\[\] = \{(.*?)\};", CODE, re.S)[1]
        names = re.findall(r'"(\w+)"', events)
        self.assertIn("written", names)
        for name in names:
            self.assertIn("_%s_" % name, text)
            self.served.client().call("subscribe", events=[name])
        for table in re.findall(r"\*const (?:root_states|stages)\[\] = \{(.*?)\};", CODE, re.S):
            for state in re.findall(r'"(\w+)"', table):
                self.assertIn(state, section("status").replace("\\", ""))

    def test_every_member_of_an_answer_is_described(self):
        calls = {"version": {}, "status": {}, "sync": {}, "changes": {}, "failures": {}, "reload": {},
                 "rebuild": {}, "pause": {}, "resume": {}, "subscribe": {},
                 "why": {"source": "docs", "path": "b.mdx"}}
        for method, params in calls.items():
            self.assert_members(self.served.call(method, **params), section(method))
        self.assert_members(self.served.call("why", source="docs", path="bad.md"), section("why"))

    def test_every_metric_is_listed(self):
        manual = re.sub(r"\\", "", next((ROOT / "src/report").glob("metrics.h")).read_text())
        for name in self.served.metrics():
            if name != "last_run":
                self.assertIn('"%s"' % name, manual)  # whose table the page is made from
        self.assertIn("@METRICS@", PAGE)
        text = self.served.call("metrics", format="prometheus")["text"]
        last_run = re.findall(r"(?m)^contextor_last_run_(\w+) ", text)
        self.assertIn("written", last_run)
        listed = PAGE[PAGE.index("@METRICS@"):].replace("\\", "")
        for name in last_run:
            self.assertIn("_%s_" % name, listed)

    def test_every_error_is_listed(self):
        codes = set(re.findall(r"= (-32\d\d\d)", (ROOT / "src/control/message.h").read_text()))
        self.assertGreater(len(codes), 8)
        self.assertEqual(codes, set(re.findall(r"(?m)^\|  (-32\d\d\d)$", PAGE)))

    def test_examples_are_requests_that_are_taken(self):
        for text in re.findall(r"(?ms)^--> (\{.*?\})\n<--", PAGE):
            request = json.loads(re.sub(r"\n\s+", "", text))
            try:
                answer = self.served.client().call(request["method"], **request.get("params", {}))
            except RemoteError as error:
                self.assertEqual(error.code, -32005, text)  # it names a source that is not here
                continue
            self.assertTrue(answer is not None)
            if request["method"] == "pause":
                self.served.call("resume", all=True)

    def test_every_limit_is_the_one_in_force(self):
        limits = (ROOT / "src/base/limits.h").read_text()
        for name, text in {"CLIENTS": "256", "BATCH": "64", "REQUESTS": "64", "SUBSCRIPTIONS": "16"}.items():
            self.assertRegex(limits, r"CTX_LIMIT_%s = %s|CTX_LIMIT_%s %s" % (name, text, name, text))
            self.assertIn(":  %s\n" % text, PAGE)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
