"""The thirteen visible events, field by field: the allow-list itself.

Spec: Visible Events; checklist EVENT-2 to EVENT-13, SAN-2. A `SpectatorEvent` is built from named fields
only and cannot be given any other; the fields' order here is their order on the wire.
"""

# Annotations are evaluated here: pydantic reads them when a class is made.
from typing import Literal

from pydantic import BaseModel, ConfigDict

from relay.screen.fields import (
    AuthorType,
    Chat,
    Count,
    Files,
    GitName,
    Id,
    Name,
    Number,
    Percent,
    Sha,
    Status,
    Subject,
    Title,
)


class _Event(BaseModel):
    """What every visible event has; both are the screen's own words (`relay.screen.screen.build`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    timestamp: str


class ChatPublic(_Event):
    """A public message of a participant."""

    type: Literal["chat.public"]
    author: Name
    author_type: AuthorType
    content: Chat
    reply_to: Id | None = None


class TaskCreated(_Event):
    """A new task."""

    type: Literal["task.created"]
    task_id: Id
    title: Title
    creator: Name
    priority: Name | None = None


class TaskCompleted(_Event):
    """A task that is done."""

    type: Literal["task.completed"]
    task_id: Id
    title: Title | None = None
    agent_name: Name | None = None


class AgentClaimedTask(_Event):
    """An agent that took a task."""

    type: Literal["agent.claimed_task"]
    agent_name: Name
    agent_owner: Name | None = None
    task_id: Id
    title: Title | None = None


class AgentStatusChange(_Event):
    """An agent's status: one of seven words, never a detail."""

    type: Literal["agent.status_change"]
    agent_name: Name
    status: Status
    task_id: Id | None = None
    progress: Percent | None = None


class AgentJoined(_Event):
    """An agent that came."""

    type: Literal["agent.joined"]
    agent_name: Name
    agent_owner: Name | None = None


class AgentLeft(_Event):
    """An agent that went."""

    type: Literal["agent.left"]
    agent_name: Name
    agent_owner: Name | None = None


class GitCommit(_Event):
    """A commit: short hash, first line, author's display name, changed files' names or their number."""

    type: Literal["git.commit"]
    sha: Sha
    message: Subject
    branch: Title | None = None
    author: GitName
    files_changed: Files | None = None
    additions: Count | None = None
    deletions: Count | None = None
    task_id: Id | None = None


class GitPrOpened(_Event):
    """A pull request that was opened."""

    type: Literal["git.pr_opened"]
    number: Number
    title: Title
    author: GitName


class GitPrMerged(_Event):
    """A pull request that was merged; the author is who opened or merged it."""

    type: Literal["git.pr_merged"]
    number: Number
    title: Title
    author: GitName


class MemberJoined(_Event):
    """A person who came."""

    type: Literal["member.joined"]
    name: Name
    role: Name | None = None


class MemberLeft(_Event):
    """A person who went."""

    type: Literal["member.left"]
    name: Name
    role: Name | None = None


class MilestoneReached(_Event):
    """Something to celebrate."""

    type: Literal["milestone.reached"]
    title: Title


SpectatorEvent = (
    ChatPublic
    | TaskCreated
    | TaskCompleted
    | AgentClaimedTask
    | AgentStatusChange
    | AgentJoined
    | AgentLeft
    | GitCommit
    | GitPrOpened
    | GitPrMerged
    | MemberJoined
    | MemberLeft
    | MilestoneReached
)

MODEL_OF: dict[str, type[SpectatorEvent]] = {
    "chat.public": ChatPublic,
    "task.created": TaskCreated,
    "task.completed": TaskCompleted,
    "agent.claimed_task": AgentClaimedTask,
    "agent.status_change": AgentStatusChange,
    "agent.joined": AgentJoined,
    "agent.left": AgentLeft,
    "git.commit": GitCommit,
    "git.pr_opened": GitPrOpened,
    "git.pr_merged": GitPrMerged,
    "member.joined": MemberJoined,
    "member.left": MemberLeft,
    "milestone.reached": MilestoneReached,
}
"""The model of each visible type."""

FIELDS_OF: dict[str, tuple[str, ...]] = {
    kind: tuple(name for name in model.model_fields if name not in ("type", "timestamp"))
    for kind, model in MODEL_OF.items()
}
"""The named fields of each visible type, without `type` and `timestamp`, which all have."""
