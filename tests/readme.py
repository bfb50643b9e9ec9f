"""README's configuration table, made from the table that the settings are read by: `python -m tests.readme`."""

from pathlib import Path

from settings.environment import SETTINGS, Setting

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- settings: made by `python -m tests.readme` -->\n", "<!-- /settings -->"


def default(setting: Setting) -> str:
    """What a reader must give, or need not."""
    if setting.required_in_production:
        return "required" if setting.default is None else f"required; `{setting.default}` in development"
    return f"`{setting.default}`" if setting.default else "none"


def table() -> str:
    """The settings as a Markdown table, in the order of the source."""
    rows = [f"| `{each.name}` | {default(each)} | {each.help} |" for each in SETTINGS]
    return "\n".join(["| Variable | Default | What it is for |", "|---|---|---|", *rows]) + "\n"


def with_table(text: str) -> str:
    """A README's text with its table as it should be. Raises ValueError without the two marks."""
    before, rest = text.split(START)
    _, after = rest.split(END)
    return f"{before}{START}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
