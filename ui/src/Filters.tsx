import { Box, chakra, Flex } from "@chakra-ui/react";
import { useSearchParams } from "react-router-dom";
import { type Filter, peopleOf, type Row, words } from "./tonight.ts";

const KINDS = ["environment", "product", "person"] as const;

/** What the address says; a link keeps it. */
export function useFilter(): [Filter, (kind: keyof Filter, word: string) => void] {
  const [said, say] = useSearchParams();
  const [environment, product, person] = KINDS.map((kind) => said.get(kind) ?? "") as [string, string, string];
  const choose = (kind: keyof Filter, word: string) => {
    const next = new URLSearchParams(location.search); // not `said`: two choices may come before the page is drawn again
    if (word) next.set(kind, word);
    else next.delete(kind);
    say(next, { replace: true });
  };
  return [{ environment, product, person }, choose];
}

export function Filters(props: { rows: Row[]; filter: Filter; choose: (kind: keyof Filter, word: string) => void }) {
  const { rows, filter, choose } = props;
  const offered: Record<keyof Filter, string[]> = {
    environment: words(rows, (row) => [row.environment]),
    product: words(rows, (row) => [row.product]),
    person: words(rows, peopleOf),
  };
  return (
    <Flex gap="3" wrap="wrap">
      {KINDS.map((kind) => (
        <Box key={kind} fontSize="sm">
          <label htmlFor={`deployplan-${kind}`}>{kind} </label>
          <chakra.select
            id={`deployplan-${kind}`}
            value={filter[kind]}
            borderWidth="1px"
            borderColor="border.emphasized"
            borderRadius="md"
            bg="bg"
            color="fg"
            p="1"
            maxWidth="14rem"
            onChange={(event) => choose(kind, event.target.value)}
          >
            <option value="">all</option>
            {[...new Set([...offered[kind], ...(filter[kind] ? [filter[kind]] : [])])].map((word) => (
              <option key={word} value={word}>
                {word}
              </option>
            ))}
          </chakra.select>
        </Box>
      ))}
    </Flex>
  );
}
