import { Box, Heading, Text } from "@chakra-ui/react";
import { Link, useParams } from "react-router-dom";
import { pageOf } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Section } from "../release/Section.tsx";
import { Blocks } from "./Blocks.tsx";
import { Findings } from "./Findings.tsx";
import { counted, type Plan } from "./plan.ts";

const EVERY = 15_000;

/** A plan on a page of its own. */
export function PlanPage() {
  const { plan = "" } = useParams();
  return (
    <>
      <Heading as="h1" size="xl" mb="1" overflowWrap="anywhere">
        {plan}
      </Heading>
      <Content plan={plan} />
    </>
  );
}

/** The same as a tab of a plan's DAG; on other DAGs it says that they are none. */
export function PlanTab({ dagId }: { dagId?: string }) {
  const plan = dagId ?? "";
  return (
    <Box as="section" aria-label="Plan" p="3" width="100%" overflowY="auto">
      <Text mb="2" fontSize="sm">
        <Link to={pageOf("plans", plan)} style={{ textDecoration: "underline" }}>
          On a page of its own
        </Link>
      </Text>
      <Heading as="h1" size="xl" overflowWrap="anywhere">
        {plan}
      </Heading>
      <Content plan={plan} />
    </Box>
  );
}

function Content({ plan }: { plan: string }) {
  const seen = useAnswer<Plan>(`plans/${encodeURIComponent(plan)}`, EVERY);
  const { found } = seen;
  return (
    <>
      <Problem seen={seen} />
      {found === null ? seen.problem === null && <Text role="status">Reading the plan…</Text> : <Parts found={found} />}
    </>
  );
}

function Parts({ found }: { found: Plan }) {
  const { against, findings } = found;
  return (
    <>
      <Text color="fg.muted" overflowWrap="anywhere">
        {[`${found.product} ${found.release}`, found.environment, `by ${found.owner}`].join(" · ")}
      </Text>
      <Text overflowWrap="anywhere">
        <Link to={`/dags/${encodeURIComponent(found.plan)}`} style={{ textDecoration: "underline" }}>
          Its runs in Airflow
        </Link>
      </Text>
      <Section title="May it start now?">
        <Text overflowWrap="anywhere" fontWeight="medium">
          {found.verdict}
        </Text>
        <Text overflowWrap="anywhere">{found.work}</Text>
      </Section>
      <Section title="What lint says">
        <Text role="status">{counted(found.errors, found.warnings)}</Text>
        {findings !== null && findings.length > 0 && <Findings findings={findings} />}
      </Section>
      <Section title="What it changes">
        <Text overflowWrap="anywhere">Compared with {against.told}.</Text>
        {against.digest !== null && against.lines.length === 0 && <Text>The digests are the same: nothing differs.</Text>}
        {against.digest !== null && (
          <Text fontSize="sm" overflowWrap="anywhere">
            digest <code>{against.digest}</code> there, <code>{found.digest}</code> by the file
          </Text>
        )}
        <Box as="ul" pl="5">
          {against.lines.map((line) => (
            <Box as="li" key={line} overflowWrap="anywhere">
              {line}
            </Box>
          ))}
        </Box>
        {against.left_out > 0 && <Text>and {against.left_out} more</Text>}
      </Section>
      <Section title="The plan, merged over its procedure">
        <Blocks blocks={found.page} />
      </Section>
    </>
  );
}
