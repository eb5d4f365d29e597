"""What is released and why: section 1 of a plan, and the packages that carry it."""

from typing import Literal

from pydantic import Field

from deployplan.plan.text.scalars import Flag, Text
from deployplan.plan.text.strict import FileName, Sha256, Strict


class Release(Strict):
    """The version going live."""

    product: Text = Field(description="the product, as its users know it")
    version: Text = Field(description="the version going live; text, `4.10` stays `4.10`")
    previous: Text | None = Field(
        None, description="the version in production now and after a backout; absent: what is found on each node"
    )
    downgrade: Flag = Field(False, description="whether it is meant that this version is older than the one before")


class Scope(Strict):
    """Section 1: scope of the release, overview of the capabilities."""

    release: Release = Field(description="product and versions")
    reason: Literal["feature", "fix", "emergency"] = Field("feature", description="why the release is made")
    summary: Text = Field(description="the release in one sentence, for people")
    features: dict[Text, Text] = Field({}, description="features by their id; absent: none listed")
    fixes: tuple[Text, ...] = Field((), description="tickets that the release fixes; absent: none listed")
    out_of_scope: tuple[Text, ...] = Field((), description="what one might expect and does not get; absent: none")
    configuration_items: tuple[Text, ...] = Field((), description="configuration items affected; absent: none listed")
    assumptions: tuple[Text, ...] = Field((), description="what is taken for granted; absent: nothing")
    test_evidence: tuple[Text, ...] = Field((), description="URLs of test results; absent: none")
    security_impact: Text | None = Field(None, description="what changes for security; absent: not stated")


class Package(Strict):
    """An artifact that carries the release."""

    file: FileName = Field(description="the artifact's file name in include/packages/")
    sha256: Sha256 = Field(description="sha256 of the artifact, 64 hexadecimal digits")
    source: Text | None = Field(None, description="tag or commit it was built from; absent: not stated")
