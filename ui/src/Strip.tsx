import { Box } from "@chakra-ui/react";
import { Link } from "react-router-dom";
import { useNow, useTonight } from "./store.ts";
import { summary } from "./tonight.ts";

/** On Airflow's home: what runs, what waits for you, what opens next. */
export function Strip() {
  const { found } = useTonight(10_000);
  const now = useNow();
  if (found === null) return null;
  return (
    <Box borderWidth="1px" borderRadius="md" px="3" py="2" mb="3">
      <Link to="/plugin/releases" style={{ textDecoration: "underline" }}>
        Releases
      </Link>
      : {summary(found, now)}
    </Box>
  );
}

/** On every page, and only while all is held or a backout failed: who, why, since when. */
export function Banner() {
  const { found } = useTonight(15_000);
  if (found === null) return null;
  const failed = found.rows.filter((row) => row.outcome === "backout_failed");
  if (found.hold === null && failed.length === 0) return null;
  return (
    <Box role="status" borderLeftWidth="4px" borderLeftColor="red.solid" bg="bg.muted" px="3" py="1" fontSize="sm">
      {found.hold && <div>Everything is {found.hold.sentence}</div>}
      {failed.map((row) => (
        <div key={`${row.plan}/${row.run}`}>
          Backout failed: {row.plan}: {row.sentence}
        </div>
      ))}
    </Box>
  );
}
