"""Templates: everything is escaped, a name that is not given is an error, no template computes."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from oceanbench import __version__
from oceanbench_web.pages._static import static
from oceanbench_web.pages._text import day, instant, name, size, text

__all__ = ["render"]

_ENVIRONMENT = Environment(
    loader=PackageLoader("oceanbench_web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(day=day, instant=instant, name=name, size=size, text=text)
_ENVIRONMENT.globals.update(static=static, version=__version__)


def render(template: str, *, path: str, team: str = "", json_twin: str = "", **what: Any) -> str:
    """Make a page.

    Parameters
    ----------
    template : str
        Name of its file, without endings.
    path : str
        Where the page is: the menu marks it.
    team : str
        Of the reader; empty for nobody in particular.
    json_twin : str
        Address of what the page shows, as JSON.
    what
        What the template asks for.
    """
    page = _ENVIRONMENT.get_template(f"{template}.html.j2")
    return page.render(path=path, team=team, json_twin=json_twin, **what)
