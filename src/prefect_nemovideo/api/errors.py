"""Everything that can go wrong, sorted by what the caller can do about it.

NemoVideoError
├── BadInput              what was asked for can't be done; nothing was sent
├── CallFailed            a call of the API failed
│   ├── Unreachable           no answer; `sent` says whether the request may have arrived
│   ├── ServiceTrouble        the service answered that it is in trouble (5xx)
│   ├── RateLimited           too many requests (429)
│   ├── UnexpectedReply       the answer lacks what the contract promises
│   ├── AccessRefused         token or plan
│   │   ├── TokenRefused          1001, 1010, 1011, HTTP 401
│   │   └── PlanRefused           402: the plan may not export
│   ├── OutOfCredits          2001
│   ├── SessionGone           1002
│   ├── FileRefused           4001, 4002
│   ├── NotFound              404
│   └── RequestRefused        any other refusal
└── JobFailed             the calls went well, the job did not
    ├── UploadedTwice         a video is in its session twice; it was not edited
    ├── EditNotApplied        the backend asked, refused or failed; `outcome` says which
    ├── EditUnknown           an edit may or may not have happened; it was not sent again
    ├── RenderFailed          the backend could not render
    ├── DeadlinePassed        waited long enough; the remote job lives
    ├── DownloadFailed        the file did not arrive whole, or could not be written
    ├── NotAsRequested        the file is not what was asked for (`--strict`)
    └── BudgetReached         going on would cost more than was allowed

Every error is a sentence of what happened, and `next_step` a sentence of what to do. `code` is a stable word.
"""

from __future__ import annotations

from typing import Any


class NemoVideoError(Exception):
    """Something went wrong with a NemoVideo job.

    Args:
        message: What happened, as a sentence.
        next_step: What to do now, as a sentence.
        **facts: Ids and numbers that belong to it (`session_id`, `render_id`, `status`, …), kept in `facts`.

    Example:
        ```python
        try:
            ...
        except NemoVideoError as error:
            print(error, error.next_step, error.code)
        ```
    """

    code = "error"
    retryable = False

    def __init__(self, message: str, *, next_step: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.facts = {name: value for name, value in facts.items() if value is not None}

    def __reduce__(self) -> tuple[Any, ...]:
        # Prefect pickles the exceptions of failed tasks; keyword arguments would get lost.
        return (_rebuild, (type(self), self.message, self.next_step, self.facts))


def _rebuild(kind: type[NemoVideoError], message: str, next_step: str, facts: dict[str, Any]) -> NemoVideoError:
    return kind(message, next_step=next_step, **facts)


class BadInput(NemoVideoError):
    """What was asked for can't be done. Nothing was sent."""

    code = "bad_input"


class CallFailed(NemoVideoError):
    """A call of the API failed. `sent` is False only where the request certainly did not arrive."""

    code = "call_failed"

    @property
    def passes(self) -> bool:
        """Whether the same call may well succeed a second later."""
        return self.retryable

    @property
    def sent(self) -> bool:
        return bool(self.facts.get("sent", True))


class Unreachable(CallFailed):
    """No answer came, or not the whole of it."""

    code = "unreachable"
    retryable = True


class ServiceTrouble(CallFailed):
    """The service answered that it is in trouble (HTTP 5xx)."""

    code = "service_trouble"
    retryable = True


class RateLimited(CallFailed):
    """Too many requests, and waiting once did not help."""

    code = "rate_limited"
    retryable = True


class UnexpectedReply(CallFailed):
    """The answer lacks what the contract promises; names the endpoint, the HTTP status and the field."""

    code = "unexpected_reply"

    @property
    def passes(self) -> bool:
        """No document at all is a gateway's slip; a document without what was promised is a service that changed."""
        return bool(self.facts.get("illegible"))


class AccessRefused(CallFailed):
    """The token or the plan does not allow it."""

    code = "access_refused"


class TokenRefused(AccessRefused):
    """The token is wrong or has expired."""

    code = "token_refused"


class PlanRefused(AccessRefused):
    """The plan may not export. Not a matter of credits."""

    code = "plan_refused"


class OutOfCredits(CallFailed):
    """The account has no credits left."""

    code = "out_of_credits"


class SessionGone(CallFailed):
    """The session does not exist (any more), and its uploads and timeline with it."""

    code = "session_gone"


class FileRefused(CallFailed):
    """The service does not take this file: its kind, or its size."""

    code = "file_refused"


class NotFound(CallFailed):
    """There is nothing under this id."""

    code = "not_found"


class RequestRefused(CallFailed):
    """The service refused the request for a reason of its own."""

    code = "request_refused"


class JobFailed(NemoVideoError):
    """The calls went well, the job did not."""

    code = "job_failed"


class UploadedTwice(JobFailed):
    """A video is in its session twice, because its first upload got no answer and showed late. It was not edited."""

    code = "uploaded_twice"


class EditNotApplied(JobFailed):
    """The backend did not edit: `outcome` is `question`, `refused`, `failed` or `unchanged`."""

    code = "edit_not_applied"


class EditUnknown(JobFailed):
    """An edit may or may not have been made and charged. It was not sent again."""

    code = "edit_unknown"


class RenderFailed(JobFailed):
    """The backend could not render, twice."""

    code = "render_failed"


class DeadlinePassed(JobFailed):
    """The time allowed for waiting is over. The remote job lives, unless a failure is to cancel it."""

    code = "deadline_passed"


class DownloadFailed(JobFailed):
    """The rendered file did not arrive whole, or could not be written."""

    code = "download_failed"


class NotAsRequested(JobFailed):
    """The delivered file differs from what was asked for, and that was not to be accepted."""

    code = "not_as_requested"


class BudgetReached(JobFailed):
    """Going on would cost more credits than was allowed. It was not started."""

    code = "budget_reached"
