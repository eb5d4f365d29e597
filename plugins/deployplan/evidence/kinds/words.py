"""Which types do facts of several kinds share, and what do they mean?"""

from typing import Annotated

DigestFact = Annotated[str, "sha256 of the merged plan that this is about"]
NodeFact = Annotated[str, "name of the node"]
NodesFact = Annotated[tuple[str, ...], "names of the nodes"]
ComponentFact = Annotated[str, "name of the component"]
WaveFact = Annotated[int, "number of the wave, from 1"]
GenerationFact = Annotated[str | None, "which arming of the run this belongs to"]
OpeningFact = Annotated[str | None, "the opening that it is about, by its start; null when none was chosen"]
WhyFact = Annotated[str | None, "the reason, in words"]
JobFact = Annotated[str, "id of the job on the node"]
TaskFact = Annotated[str, "id of the task in Airflow"]
CriterionFact = Annotated[str, "name of the success criterion"]
ReadOnFact = Annotated[str | None, "name of the node; null when it is read from the controller"]
ObservedFact = Annotated[str | None, "what was seen"]
AnswerFact = Annotated[str, "pass, fail or unknown"]
PersonFact = Annotated[str | None, "who answered; nobody when the time was over"]
NoteFact = Annotated[str | None, "what they wrote with it"]
SeatFact = Annotated[int, "number of the seat, from 1"]
AskedFact = Annotated[tuple[str, ...], "who may answer"]
UserFact = Annotated[str | None, "id that the auth manager gives who it was"]
LoginFact = Annotated[str | None, "name that the auth manager gives beside the id"]
