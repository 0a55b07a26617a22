"""An error as a page: what happened, what to do, and where to go on."""

from app.pages.frame import Frame, page
from app.wire import Problem


def problem_page(frame: Frame, problem: Problem, *, is_again: bool) -> str:
    """`is_again`: something was sent, which the page before may still hold."""
    faults = [fault["detail"] for fault in problem.get("errors", ())]
    return page("problem.html", frame, problem["title"], problem=problem, faults=faults, is_again=is_again)
