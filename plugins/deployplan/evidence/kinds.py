"""Which kinds of entries does a run leave, what do their facts mean, and how is each told in one line?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry.

    `line` is how it is told: `{fact}` is the fact, `{fact?yes|no}` one of two words, and what stands in `[…]` is left
    out when a fact in it is not there. `facts` says what each fact means.
    """

    line: str
    facts: Mapping[str, str]


_DIGEST = "sha256 of the merged plan that this is about"
_NODE = "name of the node"
_NODES = "names of the nodes"
_COMPONENT = "name of the component"
_GENERATION = "which arming of the run this belongs to"
_CHOSEN = "the opening that it is about, by its start; null when none was chosen"
_WHY = "the reason, in words"
_JOB = "id of the job on the node"
_TASK = "id of the task in Airflow"
_CRITERION = "name of the success criterion"
_OBSERVED = "what was seen"

REVIEW = {
    "plan_frozen": Kind(
        "plan [{plan} ]frozen with digest {digest}[ for run {run}][, triggered by {triggered_by}]"
        "[{redeploy?, to run its scripts again|}]",
        {
            "plan": "name of the plan",
            "run": "run id",
            "digest": _DIGEST,
            "triggered_by": "who triggered the run",
            "ended": "last entry, by its hash, of the runs that had ended then",
            "redeploy": "whether the scripts are to run again where they have run",
        },
    ),
    "gate": Kind(
        "gate {name}: {ok?holds|DOES NOT HOLD}[ ({detail})]",
        {"name": "name of the release control", "ok": "whether it holds", "detail": "what was found"},
    ),
    "conflict": Kind(
        "conflict{refuses? that refuses the release|}: {detail}",
        {
            "plan": "the other plan",
            "owner": "its author",
            "nodes": "nodes that both work on, or where one watches a neighbour",
            "refuses": "whether this release cannot be carried out beside it",
            "detail": "when, and what follows",
        },
    ),
    "preflight": Kind(
        "preflight of {node}[: release {release}][, {free_mb} MB free][, clock {skew} s off][: NOT READY: {problems}]",
        {
            "node": _NODE,
            "release": "the release found there",
            "free_mb": "free space in MB",
            "skew": "how far its clock is off, in seconds",
            "staged": "the directory where the package lies",
            "verified": "since when all of this very plan is there and verified; null when it is not",
            "problems": "what keeps it from being ready; empty when it is ready",
        },
    ),
    "connection": Kind(
        "Airflow connection {connection}: [{login}@][{host}][:{port}][, key {keys}][, host key {host_key}]"
        "[, known hosts {known_hosts}][, by {proxy_command}]",
        {
            "connection": "its id",
            "missing": "that there is none",
            "host": "its host; null when the nodes have their own",
            "port": "its port; null when it states none",
            "login": "its login; null when it states none",
            "password": "whether it has a password",
            "keys": "SHA-256 fingerprints of its private keys",
            "host_key": "the host key that it pins",
            "known_hosts": "the file of host keys that it names",
            "any_host_key": "whether it takes any host key",
            "proxy_command": "the command that is the line to the node",
        },
    ),
    "baseline": Kind(
        "before: {criterion}[ on {node}]: {answer}[ ({observed})]",
        {"criterion": _CRITERION, "node": _NODE, "answer": "pass, fail or unknown", "observed": _OBSERVED},
    ),
    "baseline_taken": Kind("production is well before the start", {"digest": _DIGEST}),
    "ready": Kind("review says ready", {}),
    "nothing_to_do": Kind(
        "nothing to do: {reason}",
        {
            "reason": _WHY,
            "released_by": "the run that brought the release",
            "since": "since when the last of the nodes has it, verified, as it says",
        },
    ),
    "not_ready": Kind(
        "review says NOT READY[: {problems}]",
        {"phase": "the task that found it", "problems": "everything that keeps it from being ready"},
    ),
    "seat_asked": Kind(
        "approval seat {seat} asked of {people}",
        {"seat": "number of the seat, from 1", "people": "who may answer", "digest": _DIGEST, "window": _CHOSEN},
    ),
    "approved": Kind(
        "{person} approved digest {digest}[ (seat {seat})][ for the window of {window}]",
        {"seat": "number of the seat", "person": "who answered", "digest": _DIGEST, "window": _CHOSEN},
    ),
    "rejected": Kind(
        "{person} REJECTED digest {digest}[ (seat {seat})][: {why}]",
        {"seat": "number of the seat", "person": "who answered", "digest": _DIGEST, "why": _WHY, "window": _CHOSEN},
    ),
    "expired": Kind(
        "nobody answered[ seat {seat}] in time[; asked were {people}]",
        {"seat": "number of the seat", "people": "who was asked", "digest": _DIGEST, "window": _CHOSEN},
    ),
}

WINDOW = {
    "window_chosen": Kind(
        "chosen for the window {window}, {opens} to {closes}",
        {
            "opens": "when the chosen opening begins",
            "closes": "when it ends",
            "last_safe_start": "the last instant at which the declared work fits",
            "window": "name of the window",
            "zone": "its time zone",
        },
    ),
    "window_verdict": Kind(
        "window looked at: {reason}[; {work}]",
        {
            "open": "whether work may start",
            "reason": _WHY,
            "next_open": "when it opens next",
            "closes": "when it closes",
            "last_safe_start": "the last instant at which the work still fits",
            "missed": "whether no later opening can take the work",
            "work": "how long the work may take, and what that rests on",
            "held": "who holds everything and why, or which runs go first; empty when nobody does",
        },
    ),
    "window_missed": Kind("window MISSED[: {reason}]", {"reason": _WHY}),
    "lock_waited": Kind(
        "waits for the lock of {node}[, held by {holder}]", {"node": _NODE, "holder": "who holds the lock"}
    ),
    "arming": Kind(
        "arming number {generation} begins",
        {"generation": "number of this arming, from 1", "clear": "how often a person had cleared the task by then"},
    ),
    "armed": Kind(
        "armed[ as {generation}]: locked {nodes}", {"generation": _GENERATION, "nodes": _NODES, "digest": _DIGEST}
    ),
    "rollback_point": Kind(
        "{component} on {node} would go back to {version}[, by {known_by}]",
        {
            "node": _NODE,
            "component": _COMPONENT,
            "version": "the release that is there; null when none is known",
            "known_by": "who says so: current, the node's ledger, the plan, or nobody",
        },
    ),
}

DEPLOY = {
    "wave_waited": Kind(
        "{component} wave {wave} waits: {reason}",
        {"component": _COMPONENT, "wave": "number of the wave, from 1", "reason": _WHY},
    ),
    "wave_held": Kind(
        "{component} wave {wave} did NOT START: {reason}",
        {"component": _COMPONENT, "wave": "number of the wave, from 1", "reason": _WHY},
    ),
    "wave_started": Kind(
        "{component} wave {wave} started on {nodes}",
        {"component": _COMPONENT, "wave": "number of the wave, from 1", "nodes": _NODES, "generation": _GENERATION},
    ),
    "job_started": Kind(
        "{node}: [{component} ][{step} ]started as {job}",
        {"node": _NODE, "job": _JOB, "step": "deploy or undo", "component": _COMPONENT},
    ),
    "job_attached": Kind("{node}: attached to {job}, which runs already", {"node": _NODE, "job": _JOB}),
    "node_lost": Kind(
        "{node} does not answer[ ({component})][: {why}]", {"node": _NODE, "component": _COMPONENT, "why": _WHY}
    ),
    "node_back": Kind("{node} answers again[ ({component})]", {"node": _NODE, "component": _COMPONENT}),
    "job_ended": Kind(
        "{node}: {job} ended[ as {state}][ with exit {exit}]",
        {
            "node": _NODE,
            "job": _JOB,
            "state": "done, failed, terminated or lost",
            "exit": "exit code of the script",
            "log_sha256": "sha256 of the job's log",
            "log_bytes": "length of the log",
        },
    ),
    "wave_left": Kind(
        "{component} wave {wave}: watched by another process from here on",
        {
            "component": _COMPONENT,
            "wave": "number of the wave, from 1",
            "nodes": "by node, the job and up to which byte its output was shown",
        },
    ),
    "node_failed": Kind(
        "{node} FAILED[ ({component})][: {why}]",
        {"node": _NODE, "component": _COMPONENT, "why": _WHY, "state": "how the job stands"},
    ),
    "node_excluded": Kind(
        "{node} left out[ of {component}][: {why}]", {"node": _NODE, "component": _COMPONENT, "why": _WHY}
    ),
    "terminated": Kind(
        "{node}: terminated {job}, {gone?proven gone|NOT PROVEN GONE}[ ({why})][: {error}][, left over: {survivors}]"
        "[; looked for: {ground}][; left alone: {strangers}]",
        {
            "node": _NODE,
            "job": _JOB,
            "why": _WHY,
            "gone": "whether every process is proven gone",
            "state": "how the job stands",
            "signals": "what was sent",
            "survivors": "processes that are still there",
            "ground": "which processes were looked for, and which ones that does not see",
            "strangers": "processes that carry the job's mark and that others started; they were left alone",
            "error": "why there is no proof",
        },
    ),
    "wave_ended": Kind(
        "{component} wave {wave} {ok?done|STOPPED}[: {why}][; left out: {excluded}]",
        {
            "component": _COMPONENT,
            "wave": "number of the wave",
            "ok": "whether it ended well",
            "nodes": "how the step ended on each node",
            "excluded": "nodes that failed within the budget",
            "why": "what stopped it",
            "closed": "whether it was the close of the window",
            "criteria": "criteria that did not hold",
            "generation": _GENERATION,
        },
    ),
}

VERIFY = {
    "reading": Kind(
        "{criterion}[ on {node}]: {answer}[ ({why})]",
        {
            "criterion": _CRITERION,
            "node": _NODE,
            "answer": "pass, fail or unknown",
            "observed": "what was seen last",
            "why": "what decided it, in words: how often it was read, and whether it flapped",
            "readings": "how many readings were taken",
            "held_for": "how long it had to hold, in seconds",
        },
    ),
    "verified": Kind(
        "verification {ok?passed|FAILED}[: {why}]",
        {"ok": "whether every criterion held", "why": "what did not", "criteria": "names of those that did not"},
    ),
    "manual_answer": Kind(
        "manual test {criterion}: {passed?passed|NOT PASSED}[, says {person}][ ({why})]",
        {"criterion": _CRITERION, "passed": "what the person says", "person": "who answered", "why": _WHY},
    ),
    "card_put": Kind(
        "{task} asks {people}[: {subject}]",
        {
            "task": _TASK,
            "people": "who may answer",
            "subject": "the question",
            "clear": "Airflow's max_tries of the task; a person's clear raises it",
        },
    ),
    "card_answered": Kind(
        "{person} answers {task}: {option}",
        {"task": _TASK, "person": "who answered, as Airflow knows them", "option": "what was chosen"},
    ),
    "card_closed": Kind(
        "{task} takes the answer[: {option}][ by {person}]",
        {"task": _TASK, "person": "who answered; nobody when the time was over", "option": "what was chosen"},
    ),
    "decision": Kind(
        "decision: {decision}[ by {by}][ ({why})]",
        {"decision": "what was decided", "by": "who decided, or the rule that did", "why": _WHY},
    ),
}

BACKOUT = {
    "undo_started": Kind(
        "undo of {component} started[ on {nodes}]",
        {"component": _COMPONENT, "nodes": _NODES, "generation": _GENERATION},
    ),
    "undo_ended": Kind(
        "undo of {component} {ok?done|FAILED}[: {why}]",
        {
            "component": _COMPONENT,
            "ok": "whether it was undone everywhere",
            "nodes": "how the undo ended on each node",
            "why": _WHY,
            "generation": _GENERATION,
        },
    ),
    "backout_verified": Kind(
        "backout {ok?verified|NOT VERIFIED}[: {problems}][; found: {found}][; not asked which release: {not_asked}]",
        {
            "ok": "whether each node is back and production reads as before",
            "problems": "what is not",
            "readings": "how many were compared",
            "found": "the releases that the components' `current` found on the nodes that were undone",
            "not_asked": "components without `current`, and where they were undone",
        },
    ),
    "nodes_frozen": Kind("{nodes} stay locked[: {why}]", {"nodes": _NODES, "why": _WHY}),
    "unproven": Kind("not known to be at rest: {nodes}", {"nodes": _NODES}),
    "unlock_failed": Kind("could not unlock: {problem}", {"problem": "which node, and why"}),
}

PEOPLE = {
    "message_sent": Kind(
        "told {to}: {moment}[ (by {via})][: {receipt}]",
        {
            "to": "the group or address",
            "moment": "what the message is about",
            "via": "mail, webhook or log",
            "key": "names the message; one that was sent is not sent again",
            "receipt": "what the receiving side answered",
        },
    ),
    "message_failed": Kind(
        "could NOT tell {to}: {moment}[ (by {via})][: {why}]",
        {
            "to": "the group or address",
            "moment": "what the message is about",
            "via": "mail, webhook or log",
            "key": "names the message",
            "why": _WHY,
            "uncertain": "whether it may have arrived all the same",
        },
    ),
    "intervened": Kind(
        "{who} {did}{accepted?| (REFUSED by Airflow)}[: {note}]",
        {
            "who": "the person, as Airflow has authenticated them; null when Airflow knew nobody",
            "did": "what they asked Airflow to do, in words",
            "action": "mark, clear, note, delete, trigger, pause, backfill, xcom, or unread when it was too long",
            "tasks": "the tasks that it was about; empty when it was the run",
            "state": "the state that was to be given",
            "note": "what they wrote with it",
            "accepted": "whether Airflow carried it out",
            "status": "how Airflow answered: the HTTP status",
        },
    ),
    "answered_late": Kind(
        "{person} answers {task} when the run is over[: {option}]; it counts for nothing",
        {"task": _TASK, "person": "who answered, as Airflow knows them", "option": "what was chosen"},
    ),
    "unlocked": Kind(
        "{node} unlocked by {by}: {why}[; it was frozen: {frozen}][; still running: {running}]",
        {
            "node": _NODE,
            "by": "the person who took the lock away",
            "why": _WHY,
            "frozen": "why the run had kept the node locked",
            "running": "ids of the jobs that ran there all the same",
        },
    ),
    "refused": Kind("[{task} ]refused[: {why}]", {"task": "id of the task", "why": "the reason, and what to do"}),
}

END = {
    "outcome": Kind(
        "outcome: {outcome}[ ({because})]",
        {"outcome": "the final word on the run", "because": "the facts it rests on"},
    ),
    "sealed": Kind(
        "sealed after {entries} entries[, as nothing was heard of it when {abandoned_for} began]",
        {
            "entries": "how many entries come before this one",
            "abandoned_for": "the run that began when Airflow had ended this one without its outcome",
        },
    ),
}

CHAPTERS: Mapping[str, Mapping[str, Kind]] = {
    "Review": REVIEW,
    "Window and arming": WINDOW,
    "Deploy": DEPLOY,
    "Verification": VERIFY,
    "Backout": BACKOUT,
    "People": PEOPLE,
    "End": END,
}

KINDS: Mapping[str, Kind] = {name: kind for chapter in CHAPTERS.values() for name, kind in chapter.items()}
