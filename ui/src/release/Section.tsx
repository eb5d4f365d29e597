import { Box, Heading } from "@chakra-ui/react";
import { type ReactNode, useId } from "react";

/** A part of the page under its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Box as="section" aria-labelledby={id} mt="6">
      <Heading as="h2" size="md" id={id} mb="2">
        {title}
      </Heading>
      {children}
    </Box>
  );
}

export interface TableRow {
  key: string;
  cells: ReactNode[];
}

/** A table of plain cells, which stays fast. The first cell of a row names it; on a phone each row stands as a list. */
export function Table({ label, head, rows, children }: { label: string; head: string[]; rows?: TableRow[]; children?: ReactNode }) {
  return (
    <Box role="region" aria-label={label} tabIndex={0} overflowX="auto" css={STYLE}>
      <table>
        <thead>
          <tr>
            {head.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {children ??
            rows?.map(({ key, cells: [first, ...rest] }) => (
              <tr key={key}>
                <th scope="row" data-label={head[0]}>
                  {first}
                </th>
                {rest.map((cell, index) => (
                  <td key={head[index + 1]} data-label={head[index + 1]}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </Box>
  );
}

const MUTED = "var(--chakra-colors-fg-muted)";
const LINE = "1px solid var(--chakra-colors-border)";
const STYLE = {
  // What is hidden in it is placed within it, not somewhere below the end of the page.
  "& table": { position: "relative", borderCollapse: "collapse", width: "100%", fontSize: "0.875rem" },
  "& th, & td": { textAlign: "start", verticalAlign: "top", padding: "0.35rem 0.75rem 0.35rem 0", borderBottom: LINE, overflowWrap: "anywhere" },
  "& th": { fontWeight: 500 },
  "& thead th": { color: MUTED },
  "@media (max-width: 48em)": {
    "& thead": { position: "absolute", clipPath: "inset(50%)" },
    "& tr": { display: "block", borderBottom: LINE, padding: "0.4rem 0" },
    "& tbody th, & td": { display: "block", border: 0, padding: "0.1rem 0" },
    "& tbody th::before, & td::before": { content: 'attr(data-label) ": "', color: MUTED, fontWeight: 400 },
  },
} as const;
