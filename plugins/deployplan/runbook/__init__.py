"""The steps of a release in running order; each works on a `Run`, returns a value and records evidence.

    tasks          who follows whom: the table from which every DAG is made
    task_names     what the tasks are called

    review         controls and approval seats; approval_card is what an approver reads
    authors        who wrote it, by the repository's history, and cannot approve it
    preflight      every node, by our own look; nothing_to_do when this very plan is on all of them
    baseline       production by the plan's own words, once they are approved
    window_wait    until the release window opens
    arm            the last look, the locks, the rollback point
    deploy         a wave; admission says whether it may start, gate whether it holds
    service        who is taken out of service for it, and put back; never more than the controls allow
    verify         the success criteria of the whole release
    decide         back out or ask; close_card where the window left the release half done
    backout        the previous release; backout_proof says whether it is back
    outcome        the final word
    take_back      a release that ended well is backed out, because a person asks for it
    announce       that people are to be told of what no other entry tells
    hold_all       everything held and resumed, by a person

Below them, each using only what stands below it: `telling` (what people are told), `calendar` (several plans and the
clock), `timing` (one plan and the clock), `node` (one node), `run` (what every step holds). Above them: `rerun` (what a
clear would do) and `closure` (records that their run can no longer end).
"""
