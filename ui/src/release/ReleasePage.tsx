import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router-dom";
import { Guard } from "../Guard.tsx";
import { pageOf } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { useNow } from "../store.ts";
import { answerOf, budgetOf, clock, deadline, distance, pathOf, type Row, waitsFor } from "../tonight.ts";
import { Actions } from "./Actions.tsx";
import { Approvals } from "./Approvals.tsx";
import { Criteria } from "./Criteria.tsx";
import { Evidence } from "./Evidence.tsx";
import { Matrix } from "./Matrix.tsx";
import { Messages } from "./Messages.tsx";
import { Rail } from "./Rail.tsx";
import type { Release } from "./release.ts";
import { Section } from "./Section.tsx";
import { TwoClocks } from "./TwoClocks.tsx";

const EVERY = 1_500;

/** A release on a page of its own. */
export function ReleasePage() {
  const { plan = "", run = "" } = useParams();
  return <ReleaseOf plan={plan} run={run} />;
}

/** The same as the tab of its run. The tab shows on every DAG's runs: of one that is no plan it says so. */
export function ReleaseTab({ dagId = "", runId = "" }: { dagId?: string; runId?: string }) {
  return (
    <Box as="section" aria-label="Release" p="3" width="100%" overflowY="auto">
      <Text mb="2" fontSize="sm">
        <Link to={pageOf("runs", dagId, runId)} style={{ textDecoration: "underline" }}>
          On a page of its own
        </Link>
      </Text>
      <ReleaseOf plan={dagId} run={runId} />
    </Box>
  );
}

function ReleaseOf({ plan, run }: { plan: string; run: string }) {
  const seen = useAnswer<Release>(`releases/${encodeURIComponent(plan)}/${encodeURIComponent(run)}`, EVERY);
  const now = useNow();
  return (
    <>
      <Heading as="h1" size="xl" overflowWrap="anywhere">
        {plan}
      </Heading>
      <Problem seen={seen} />
      {seen.found === null ? (
        seen.problem === null && <Text role="status">Reading its record…</Text>
      ) : (
        <Parts release={seen.found} now={now} />
      )}
    </>
  );
}

function Parts({ release, now }: { release: Release; now: Date }) {
  return (
    <>
      <Head release={release} now={now} />
      {!release.damaged && (
        <>
          <Actions release={release} />
          <Rail phases={release.phases} zone={release.timezone} now={now} />
          <Part of="nodes">
            <Matrix release={release} now={now} />
          </Part>
          <Part of="criteria">
            <Criteria criteria={release.criteria} now={now} />
          </Part>
          <Part of="approvals">
            <Approvals release={release} now={now} />
          </Part>
          <BackoutSection release={release} now={now} />
          <Part of="messages">
            <Messages messages={release.messages} zone={release.timezone} now={now} />
          </Part>
        </>
      )}
      <Evidence release={release} />
    </>
  );
}

/** One that breaks leaves the others. */
function Part({ of, children }: { of: string; children: ReactNode }) {
  return <Guard instead={`What is shown of the ${of} broke; the story of the evidence has it.`}>{children}</Guard>;
}

function Head({ release, now }: { release: Release; now: Date }) {
  const row = release as unknown as Row;
  const due = deadline(row);
  const card = answerOf(row);
  const budget = budgetOf(row);
  const way = [release.previous, release.release].filter(Boolean).join(" → ");
  const facts = [
    release.product && `${release.product} ${way}`,
    release.environment,
    release.owner && `by ${release.owner}`,
    release.change,
    release.triggered_by && `triggered by ${release.triggered_by}`,
  ].filter(Boolean);
  return (
    <>
      <Text color="fg.muted" overflowWrap="anywhere">
        {facts.join(" · ")} · run{" "}
        <Link to={pathOf(row)} style={{ textDecoration: "underline" }}>
          {release.run}
        </Link>
      </Text>
      {release.summary && <Text overflowWrap="anywhere">{release.summary}</Text>}
      <Text my="2" fontSize="lg" overflowWrap="anywhere" data-testid="sentence" aria-live="polite">
        {release.damaged && <strong>Damaged record: </strong>}
        {release.outcome && !release.damaged && <strong>{release.outcome.replaceAll("_", " ")}: </strong>}
        {release.sentence}
      </Text>
      <Flex columnGap="6" rowGap="1" wrap="wrap" fontSize="sm">
        {due && (
          <Fact what={due.what}>
            <TwoClocks at={due.at} zone={release.timezone} now={now} />, {distance(due.at, now)}
          </Fact>
        )}
        {budget && <Fact what="budget">{budget}</Fact>}
        {release.wave && !release.ended && (
          <Fact what="wave">
            {release.wave.number} of {release.wave.of}, {release.wave.title}
          </Fact>
        )}
      </Flex>
      {card && (
        <Text mt="2">
          <a href={card} style={{ textDecoration: "underline", fontWeight: 600 }}>
            {release.may.answer ? "Answer" : "See the question"}
          </a>{" "}
          <Box as="span" color="fg.muted">
            {release.question && waitsFor(release.question)}
            {release.question?.until && `, silence is taken for an answer at ${clock(release.question.until, undefined, now)}`}
          </Box>
        </Text>
      )}
    </>
  );
}

function Fact({ what, children }: { what: string; children: ReactNode }) {
  return (
    <Box overflowWrap="anywhere">
      <Box as="span" color="fg.muted">
        {what}:
      </Box>{" "}
      {children}
    </Box>
  );
}

function BackoutSection({ release, now }: { release: Release; now: Date }) {
  const found = release.backout;
  return (
    <Section title="What a backout would do">
      {found ? (
        <Text overflowWrap="anywhere" data-testid="backout">
          It {found.sentence}. {found.authority.join(" or ")} may order it
          {found.until && (
            <>
              , and people may ask for it until <TwoClocks at={found.until} zone={release.timezone} now={now} />
            </>
          )}
          .
        </Text>
      ) : (
        <Text>Nothing: no component of this run has begun, or what had is undone.</Text>
      )}
    </Section>
  );
}
