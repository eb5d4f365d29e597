import { Box, Text } from "@chakra-ui/react";
import { clock } from "../tonight.ts";
import { type Criterion, type Series, tellingFirst, verdictOf } from "./release.ts";
import { Section, Table } from "./Section.tsx";
import { Sparkline } from "./Sparkline.tsx";

const MOST = 6;

/** What each criterion must show, and what it did: before, after each wave, and in the verification. */
export function Criteria({ criteria, now }: { criteria: Criterion[]; now: Date }) {
  if (criteria.length === 0) return null;
  return (
    <Section title="Criteria">
      <Table
        label="Criteria"
        head={["criterion", "must show", "readings"]}
        rows={criteria.map((each) => ({
          key: each.name,
          cells: [
            <>
              {each.name}
              {each.neighbour && " (neighbour)"}
              <Text fontSize="xs" color="fg.muted" fontWeight="normal" overflowWrap="anywhere">
                {each.question}
              </Text>
            </>,
            `${each.wanted}${each.seconds ? ` for ${each.seconds} s` : ""}`,
            <Readings criterion={each} now={now} />,
          ],
        }))}
      />
    </Section>
  );
}

function Readings({ criterion, now }: { criterion: Criterion; now: Date }) {
  const { shown, left } = tellingFirst(criterion.series, MOST);
  if (shown.length === 0) return <>not read yet</>;
  return (
    <>
      {shown.map((series) => (
        <OneSeries key={series.node ?? ""} series={series} criterion={criterion} now={now} />
      ))}
      {left > 0 && (
        <Text fontSize="xs" color="fg.muted">
          {left} more nodes, every reading passed
        </Text>
      )}
    </>
  );
}

function OneSeries({ series, criterion, now }: { series: Series; criterion: Criterion; now: Date }) {
  const last = series.points.at(-1);
  return (
    <Box>
      <Sparkline criterion={criterion} series={series} />{" "}
      <strong>{verdictOf(series)}</strong>
      {series.node && ` on ${series.node}`}
      {last && (
        <Box as="span" color="fg.muted">
          {`: ${last.why ?? last.observed ?? ""} (${clock(last.at, undefined, now)}, ${last.phase})`}
        </Box>
      )}
    </Box>
  );
}
