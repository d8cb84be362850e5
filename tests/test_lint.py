"""The checks of tools/lint.py can be asked for by name, and the hooks of pre-commit ask for checks that there are."""

import importlib.util
import shlex
import sys
from pathlib import Path

import pytest
import yaml

BASE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def lint():
    spec = importlib.util.spec_from_file_location("house_lint", BASE / "tools" / "lint.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def names(checks) -> list[str]:
    return [check.name for check in checks]


def test_no_name_means_every_check(lint):
    assert names(lint.chosen([], lint.checks())) == names(lint.checks())


def test_named_checks_run_and_no_other(lint):
    assert names(lint.chosen(["style", "import law"], lint.checks())) == ["import law", "style"]


def test_an_unknown_name_is_refused_with_the_list_of_those_that_there_are(lint):
    with pytest.raises(ValueError, match=r"no check is called smell; there are: types, .*translations"):
        lint.chosen(["style", "smell"], lint.checks())


def test_the_hooks_ask_for_checks_that_there_are(lint):
    (house,) = yaml.safe_load((BASE / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    asked = {hook["id"]: shlex.split(hook["entry"]) for hook in house["hooks"]}
    assert {tuple(command[:2]) for command in asked.values()} == {(".venv/bin/python", "tools/lint.py")}
    quick = [name for hook in ("python", "templates") for name in asked[hook][2:]]
    assert sorted(quick) == ["format", "import law", "style", "templates"]
    assert names(lint.chosen(quick, lint.checks())) == ["templates", "import law", "format", "style"]
    assert asked["all"][2:] == []
