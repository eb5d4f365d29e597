import type { Criterion, Point, Series } from "./release.ts";

const STEP = 14;
const HEIGHT = 22;
const EDGE = 5;

/**
 * Where a point stands: by its number between the limits, in the middle where it has none; where no point has a number
 * or no limit is known, high for a pass, low for a fail, between for unknown.
 */
export function heights(points: Point[], least: number | null, most: number | null): { at: number[]; limits: number[] } {
  const numbers = points.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const limits = [least, most].filter((each): each is number => each !== null);
  if (limits.length === 0 || numbers.length === 0) {
    return { at: points.map((point) => ({ pass: EDGE, fail: HEIGHT - EDGE })[point.answer] ?? HEIGHT / 2), limits: [] };
  }
  const all = [...numbers, ...limits];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const place = (value: number) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
  const at = points.map(({ value }) => (value === undefined ? HEIGHT / 2 : place(value)));
  return { at, limits: limits.map(place) };
}

const COLOURS: Record<string, string> = { pass: "green", fail: "red" };

/** The readings of a criterion in order; a pass is a dot, a fail a cross, and unknown a ring. Words stand beside it. */
export function Sparkline({ criterion, series }: { criterion: Criterion; series: Series }) {
  const { points } = series;
  const { at, limits } = heights(points, series.least ?? criterion.least, series.most ?? criterion.most);
  const width = Math.max(1, points.length) * STEP;
  const x = (index: number) => index * STEP + STEP / 2;
  const told = points.map((point) => `${point.phase}: ${point.answer}${point.value === undefined ? "" : ` (${point.value})`}`);
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`${criterion.name}${series.node ? ` on ${series.node}` : ""}: ${told.join(", ")}`}
      style={{ display: "inline-block", verticalAlign: "middle" }}
    >
      {limits.map((y) => (
        <line key={y} x1="0" x2={width} y1={y} y2={y} stroke="currentColor" strokeDasharray="3 2" opacity="0.7" />
      ))}
      <polyline
        points={at.map((y, index) => `${x(index)},${y}`).join(" ")}
        fill="none"
        stroke="currentColor"
        opacity="0.4"
      />
      {points.map((point, index) => (
        <Mark key={`${point.at}${index}`} answer={point.answer} x={x(index)} y={at[index] ?? 0} />
      ))}
    </svg>
  );
}

function Mark({ answer, x, y }: { answer: string; x: number; y: number }) {
  const colour = `var(--chakra-colors-${COLOURS[answer] ?? "purple"}-solid)`;
  if (answer === "fail") {
    return <path d={`M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}`} stroke={colour} strokeWidth="2.5" />;
  }
  return <circle cx={x} cy={y} r="3.5" fill={answer === "pass" ? colour : "none"} stroke={colour} strokeWidth="2" />;
}
