import { Heading, Text } from "@chakra-ui/react";
import { Link } from "react-router-dom";
import { pageOf } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Section, Table } from "../release/Section.tsx";
import { Findings } from "./Findings.tsx";
import { counted, type Plans, type Rejected } from "./plan.ts";

const EVERY = 15_000;

/** All plans with what lint says of each, and the files that cannot be used. */
export function PlansPage() {
  const seen = useAnswer<Plans>("plans", EVERY);
  const rejected = useAnswer<Rejected>("rejected-plans", EVERY);
  return (
    <>
      <Heading as="h1" size="xl" mb="1">
        Plans
      </Heading>
      <Problem seen={seen} />
      {rejected.found && rejected.found.files.length > 0 && <RejectedFiles found={rejected.found} />}
      {seen.found === null ? seen.problem === null && <Text role="status">Reading the plans…</Text> : <Accepted found={seen.found} />}
    </>
  );
}

function RejectedFiles({ found }: { found: Rejected }) {
  return (
    <Section title={`Rejected (${found.files.length + found.left_out})`}>
      {found.files.map((file) => (
        <section key={file.path} aria-label={file.path}>
          <Heading as="h3" size="sm" overflowWrap="anywhere">
            {file.path}
          </Heading>
          <Findings findings={file.findings} />
          {file.left_out > 0 && <Text>and {file.left_out} more problems</Text>}
        </section>
      ))}
      {found.left_out > 0 && <Text>and {found.left_out} more files</Text>}
    </Section>
  );
}

function Accepted({ found }: { found: Plans }) {
  if (found.plans.length === 0) return <Text mt="3">There is no plan that you may read.</Text>;
  const rows = found.plans.map((each) => ({
    key: each.plan,
    cells: [
      <Link key="plan" to={pageOf("plans", each.plan)} style={{ textDecoration: "underline" }}>
        {each.plan}
      </Link>,
      `${each.product} ${each.release}`,
      each.environment,
      each.owner,
      each.summary,
      counted(each.errors, each.warnings),
    ],
  }));
  return (
    <Section title={`Plans (${found.plans.length})`}>
      <Table label="Plans" head={["plan", "release", "environment", "owner", "summary", "lint"]} rows={rows} />
    </Section>
  );
}
