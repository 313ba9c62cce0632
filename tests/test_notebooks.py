"""The notebooks of the challenges: committed without outputs, thin, and they run from end to end."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from oceanbench.catalog import shipped_challenges

NOTEBOOKS = sorted(shipped_challenges().glob("*/quickstart.ipynb"))
SCREEN_LINES = 25
FILTERS = ("none", "median", "loess", "variational")


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def run_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Execute the notebook of a challenge with this interpreter, in a folder and with data of its own."""
    data = tmp_path / "data"
    data.mkdir()
    # A kernel "python3" that the user installed may belong to another interpreter.
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    for variable in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("OCEANBENCH_DATA", str(data))

    def run(challenge: str, inputs: Path | None = None) -> Any:
        if inputs is not None:
            (data / challenge).symlink_to(inputs, target_is_directory=True)
        notebook = read(shipped_challenges() / challenge / "quickstart.ipynb")
        folder = {"metadata": {"path": str(tmp_path)}}
        return NotebookClient(notebook, kernel_name="python3", timeout=300, resources=folder).execute()

    return run


def pictures(notebook: Any) -> int:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def printed(notebook: Any) -> str:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "\n".join(output.text for output in outputs if output.output_type == "stream")


def numbers(pattern: str, text: str) -> list[float]:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"{pattern} is not in what the notebook printed:\n{text}"
    return [float(number) for number in found.groups()]


def test_the_challenges_that_need_no_account_have_a_notebook() -> None:
    assert {"2020a-twin", "2022a-twin", "medsea-2021"} <= {path.parent.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_a_committed_notebook_holds_no_output_and_no_trace_of_a_machine(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) == {"kernelspec"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code_cells(notebook):
        assert (cell.outputs, cell.execution_count, dict(cell.metadata)) == ([], None, {})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_a_cell_fits_a_screen_and_defines_nothing_that_belongs_to_the_library(path: Path) -> None:
    for cell in code_cells(read(path)):
        assert len(cell.source.splitlines()) <= SCREEN_LINES
        plain = "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        for node in ast.walk(ast.parse(plain)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < 3, f"{node.name} belongs to the library"


@pytest.mark.slow
def test_the_twin_is_mapped_scored_and_drawn_from_nothing(run_notebook: Any) -> None:
    done = run_notebook("2020a-twin")
    assert pictures(done) == 5
    (official,) = numbers(r"µ +([\d.]+) +[\d.]+ +[\d.]+ +\[", printed(done))
    still, oi = numbers(r"µ of the mean height ([\d.]+), of oi ([\d.]+)", printed(done))
    assert oi == round(official, 2)
    assert still + 0.2 < oi < 0.9


@pytest.mark.slow
def test_swaths_of_the_twin_are_filtered_scored_and_drawn_from_nothing(run_notebook: Any) -> None:
    done = run_notebook("2022a-twin")
    assert pictures(done) == 4
    left = [numbers(rf"^{name}: ([\d.]+) mm left", printed(done))[0] for name in FILTERS]
    assert left == sorted(left, reverse=True)
    assert left[-1] < left[0] / 5


@pytest.mark.slow
def test_the_western_mediterranean_is_mapped_scored_and_drawn_from_the_archive(
    run_notebook: Any, shared: Path
) -> None:
    done = run_notebook("medsea-2021", shared / "data" / "mapmed_ose")
    assert pictures(done) == 6
    (official,) = numbers(r"µ +([\d.]+) +[\d.]+ +\[", printed(done))
    assert 0.65 < official < 0.78
    (delivered,) = numbers(r"as delivered: \d+ pairs differ by ([\d.]+) cm", printed(done))
    (subtracted,) = numbers(r"lwe subtracted: \d+ pairs differ by ([\d.]+) cm", printed(done))
    assert 1.7 < delivered < 2.3
    assert 3.7 < subtracted < 4.5


def test_without_the_archive_the_notebook_says_where_to_get_it_and_where_to_put_it(run_notebook: Any) -> None:
    with pytest.raises(CellExecutionError) as stopped:
        run_notebook("medsea-2021")
    assert stopped.value.ename == "MissingDataError"
    told = r"get it with: oceanbench download medsea-2021; or put it under .*medsea-2021"
    assert re.search(told, stopped.value.evalue)
