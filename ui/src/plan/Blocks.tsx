import { Box, Heading, Text } from "@chakra-ui/react";
import type { Block, Span } from "./plan.ts";

const CELL = { border: "1px solid var(--chakra-colors-border)", padding: "0.2rem 0.5rem", textAlign: "start", verticalAlign: "top" } as const;

/** A document of blocks: no HTML is made of what stands in it. Its headings are below those of the page. */
export function Blocks({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, place) => <One key={place} block={block} />);
}

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return (
        <Heading as={block.level < 3 ? "h3" : "h4"} size={block.level < 3 ? "md" : "sm"} mt="4" mb="1" overflowWrap="anywhere">
          <Spans spans={block.spans} />
        </Heading>
      );
    case "paragraph":
      return (
        <Text my="1" overflowWrap="anywhere">
          <Spans spans={block.spans} />
        </Text>
      );
    case "list":
      return (
        <Box as={block.ordered ? "ol" : "ul"} pl="5" my="1" listStyleType={block.ordered ? "decimal" : "disc"}>
          {block.items.map((item, place) => (
            <Box as="li" key={place} overflowWrap="anywhere">
              <Spans spans={item} />
            </Box>
          ))}
        </Box>
      );
    case "table":
      return <Table head={block.head} rows={block.rows} />;
    case "code":
      return (
        <Box as="pre" whiteSpace="pre-wrap" overflowWrap="anywhere" bg="bg.muted" p="2" my="1" fontSize="sm">
          {block.text}
        </Box>
      );
  }
}

function Table({ head, rows }: { head: Span[][]; rows: Span[][][] }) {
  return (
    <Box role="region" aria-label="table" tabIndex={0} overflowX="auto" my="2">
      <table style={{ borderCollapse: "collapse", fontSize: "0.875rem" }}>
        <thead>
          <tr>
            {head.map((cell, place) => (
              <th key={place} scope="col" style={CELL}>
                <Spans spans={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, place) => (
                <td key={place} style={CELL}>
                  <Spans spans={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  );
}

function Spans({ spans }: { spans: Span[] }) {
  return spans.map((span, place) => {
    if (span.as === "code") return <code key={place}>{span.text}</code>;
    return span.as === "strong" ? <strong key={place}>{span.text}</strong> : <span key={place}>{span.text}</span>;
  });
}
