"""Every process that dlex starts is started by `dlex.interpreter`: without the current folder on its search path."""

from __future__ import annotations

import ast
import re

from house import PACKAGE, modules

STARTS = re.compile(
    r"^(?:subprocess\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput)"
    r"|os\.(?:system|popen|exec\w+|spawn\w+|posix_spawn\w*|startfile)|asyncio\.create_subprocess_\w+|pty\.spawn"
    r"|multiprocessing\.(?!set_start_method)\w+|runpy\.\w+)$"
)
BY = ("python_command(", "python_script(", "pager_command(")  # the last is not Python, and not of the current folder
# Where the path of the interpreter is told, or read, and nothing is started by it.
TELLS_THE_PATH = {"dlex.interpreter", "dlex.sandbox.process", "dlex.sandbox.policy", "dlex.cli.learner.doctor_report"}


def test_only_one_module_names_the_interpreter() -> None:
    wrong = [
        module.where(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("sys.executable", "sys._base_executable")
        and module.name not in TELLS_THE_PATH
    ]
    assert not wrong, "\n".join(wrong)


def test_every_process_has_a_safe_command_an_environment_and_a_folder() -> None:
    wrong, count = [], 0
    for module in modules():
        assigned = {
            target.id: ast.unparse(node.value)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and STARTS.match(ast.unparse(node.func)):
                count += 1
                command = ast.unparse(node.args[0]) if node.args else ""
                given = {keyword.arg for keyword in node.keywords}
                if not assigned.get(command, command).startswith(BY) or not {"env", "cwd"} <= given:
                    wrong.append(f"{module.where(node)}: {ast.unparse(node)[:80]}")
    assert not wrong, "\n".join(wrong)
    assert count >= 7, "the rule finds what it is about"


def test_scripts_start_python_safely() -> None:
    """The templates that dlex writes for others' machines too."""
    wrong = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in PACKAGE.rglob("templates/**/*")
        if path.suffix in (".sh", ".txt", ".yml", ".yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"""(?i)(?:python|sys\.executable)["'},]*\s+["']?-(?:m|c)\b""", line)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_first_modules_import_nothing_that_may_lie_in_the_current_folder() -> None:
    """`python -m dlex` runs these while the current folder is first on the search path."""
    for name, allowed in {"dlex": {"sys"}, "dlex.interpreter": {"os", "sys"}}.items():
        tree = next(module.tree for module in modules() if module.name == name)
        top = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert {ast.unparse(node).removeprefix("import ") for node in top} <= allowed
    main = next(module.tree for module in modules() if module.name == "dlex.__main__")
    first = [ast.unparse(node) for node in main.body[1:3]]
    assert first[0] == "import sys"
    assert first[1].endswith("del sys.path[0]")
