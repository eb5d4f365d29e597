"""The root of every error deployplan raises on purpose."""


class DeployPlanError(Exception):
    """Something deployplan refuses or could not do; the message says what, the value, and what would be right.

    The tree; each room declares its leaves beside the code that raises them::

        DeployPlanError
        ├── WindowError        window/       a window or freeze that cannot be
        ├── PlanRejected       plan/         a plan file cannot be used; `problems` says why
        ├── ScriptsTooLarge    plan/         the scripts of a plan are more than a plan should carry
        ├── SnapshotDamaged    plan/         a frozen plan is not what was approved
        ├── RemoteError        remote/       a node could not be asked, or refused
        │   ├── Unreachable
        │   ├── HostKeyRefused
        │   ├── AuthenticationRefused
        │   ├── NoCommonAlgorithm
        │   ├── Fenced
        │   ├── LockHeld
        │   └── NodeFault
        ├── RecordError        evidence/     a run's record is missing, ambiguous or not readable
        │   ├── LedgerDamaged                its chain or a signature does not hold
        │   └── AlreadyActive                another run of the plan is under way
        ├── UnknownPlaceholder checks/       a question names something that its node does not have
        ├── OutOfReach         checks/       an address is where operations allow nothing to be read
        ├── NoAnswer           checks/       a node could not be asked, or did not answer in time
        ├── PackedAnswer       (root)        an HTTP answer is packed, although it was asked for as it is
        ├── NoMetrics          checks/       a server of metrics gave nothing that can be judged
        ├── HistoryUnknown     history/      the repository does not say who wrote it
        ├── SendError          comms/        a message could not be handed over
        ├── Refused            runbook/      a step refuses to start or to go on
        │   ├── NotReady                     production, plan or approval is not as the release needs it
        │   ├── LockLost                     a node's lock is somebody else's, or nobody's
        │   ├── WindowMissed                 the release window can no longer be met
        │   └── NotAsked                     an answer of somebody who may not give it
        ├── NothingNeeded      runbook/      nothing of a run needs anybody, or it has no such message
        ├── StepFailed         runbook/      a step did its work and the work failed
        │   └── WaveAsks                     a wave failed, and people are asked before it ends
        ├── NotConfigured      airflow_glue/ a setting is missing
        ├── NotDue             airflow_glue/ a run that was to be created is not wanted any more
        ├── StoreSilent        airflow_glue/ the record store does not answer a request in time
        ├── BadFault           airflow_glue/ a simulation is to make something up that it does not know
        ├── Stuck              airflow_glue/ a simulated run waits for ever
        ├── NoConnection       cli/          there is no Airflow connection to reach a node with
        ├── NotDrafted         cli/          what a first document is to be made of cannot be read wholly
        └── LocalError         local/        Airflow or the practice nodes could not be run here
    """
