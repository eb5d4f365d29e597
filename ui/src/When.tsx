import { TwoClocks } from "./release/TwoClocks.tsx";
import { distance } from "./tonight.ts";

/** An instant on both clocks, and how far away it is. */
export function When({ at, zone, now }: { at: string; zone: string; now: Date }) {
  return (
    <>
      <TwoClocks at={at} zone={zone} now={now} />, {distance(at, now)}
    </>
  );
}
