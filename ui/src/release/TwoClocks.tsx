import { clock, zoned } from "../tonight.ts";

/** An instant in the viewer's zone, and in the plan's beside it where the two differ. */
export function TwoClocks({ at, zone, now }: { at: string; zone: string; now: Date }) {
  const mine = clock(at, undefined, now);
  const theirs = clock(at, zone, now);
  return (
    <time dateTime={at}>
      {mine}
      {theirs !== mine && <span style={{ color: "var(--chakra-colors-fg-muted)" }}> ({zoned(at, zone, now)})</span>}
    </time>
  );
}
