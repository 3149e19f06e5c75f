"""Parts of documentation pages that a command writes."""


def in_page(generated: str, page: str, start: str, end: str) -> str:
    """The page with what stands between the two marks replaced."""
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{generated}\n\n{end}{after}"
