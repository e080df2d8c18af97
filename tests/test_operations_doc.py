"""docs/operations.md and the dashboard say what is so: every figure they name is one the relay has."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from relay.audience.metrics import Metrics
from support import readme
from support.clock import ManualClock

DASHBOARD = json.loads((Path(__file__).parents[1] / "docs" / "grafana-dashboard.json").read_text())
PANELS = DASHBOARD["panels"]
FUNCTIONS = {"sum", "max", "rate", "topk", "histogram_quantile", "clamp_min", "by", "or", "label_values"}
PROCESS = {
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_virtual_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "process_start_time_seconds",
}


def known() -> dict[str, tuple[str, set[str]]]:
    """Return the relay's own figures, as Prometheus names them: kind and labels of each."""
    found = {}
    for metric in vars(Metrics(ManualClock())).values():
        for family in metric.collect() if hasattr(metric, "_labelnames") else ():
            suffix = "_total" if family.type == "counter" else ""
            found[family.name + suffix] = (family.type, set(metric._labelnames))
    return found


KNOWN = known()


def names_a_series(name: str) -> str | None:
    """Return the figure that a series of PromQL belongs to."""
    base = re.sub(r"_(bucket|count|sum)$", "", name)
    if base != name and KNOWN.get(base, ("",))[0] == "histogram":
        return base
    is_plain = name in KNOWN and KNOWN[name][0] != "histogram"
    return name if is_plain or name in PROCESS else None


def check(expression: str) -> None:
    """Check that an expression is well formed as far as one can see, and names figures and labels of ours."""
    without_texts = re.sub(r'"[^"]*"', '""', expression)
    depth = []
    for sign in without_texts:
        if sign in "([{":
            depth.append(sign)
        elif sign in ")]}":
            assert depth, expression
            assert depth.pop() + sign in ("()", "[]", "{}"), expression
    assert not depth, expression

    own = {name: names_a_series(name) for name in re.findall(r"\b(?:clawtank|process)_\w+", without_texts)}
    assert own, expression
    assert None not in own.values(), f"{expression}: {own}"
    allowed = {"job", "instance", "le"}.union(*(KNOWN.get(name, ("", set()))[1] for name in own.values()))
    used = re.findall(r"[{,]\s*(\w+)\s*!?=~?", expression)
    for group in re.findall(r"by \(([^)]*)\)", expression):
        used += group.split(", ")
    assert set(used) <= allowed, f"{expression}: {set(used) - allowed}"
    called = set(re.findall(r"\b([a-z_]+)\s*\(", without_texts))
    assert called <= FUNCTIONS, f"{expression}: {called - FUNCTIONS}"


def test_every_figure_is_in_the_table_with_its_kind_and_labels():
    documented = {
        name: (cells[0], set(re.findall(r"\w+", cells[1])))
        for name, cells in readme.table("metrics", readme.OPERATIONS).items()
    }
    assert documented == KNOWN


def test_the_process_figures_are_named():
    text = readme.OPERATIONS.read_text()
    assert set(re.findall(r"process_\w+", text)) == PROCESS


def test_no_figure_has_a_label_that_names_somebody():
    labels = set().union(*(labels for _, labels in KNOWN.values()))
    assert labels == {"room", "type", "outcome", "code", "what", "frequency", "bandwidth"}


EXPRESSIONS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_panel_asks_for_figures_that_exist(title: str, expression: str):
    check(expression)
    assert 'job="$job"' in expression


ALERTS = re.findall(r"expr: (.*)", readme.after("alerts", readme.OPERATIONS).split("```")[1])


@pytest.mark.parametrize("expression", [alert for alert in ALERTS if not alert.startswith("up")])
def test_every_alert_asks_for_figures_that_exist(expression: str):
    check(expression)


def test_a_figure_that_does_not_exist_is_noticed():
    for wrong in (
        "sum(clawtank_viewers_now)",
        'rate(clawtank_errors_total{color="red"}[5m])',
        "sum by (viewer) (clawtank_sent_bytes_total)",
        "sum(clawtank_intake_bytes",
        "total(clawtank_intake_bytes)",
        "clawtank_delivery_latency_seconds",
    ):
        with pytest.raises(AssertionError):
            check(wrong)


def test_every_figure_is_on_the_dashboard():
    shown = {names_a_series(name) for _, text in EXPRESSIONS for name in re.findall(r"clawtank_\w+", text)}
    assert shown == set(KNOWN)


def test_the_dashboard_can_be_imported():
    assert DASHBOARD["schemaVersion"] >= 36
    assert DASHBOARD["title"]
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "job"]
    check(DASHBOARD["templating"]["list"][1]["query"]["query"])
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["datasource"]["uid"] == "${datasource}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    for one, other in combinations((panel["gridPos"] for panel in PANELS), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above
