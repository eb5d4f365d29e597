import { Flex } from "@chakra-ui/react";
import { useSearchParams } from "react-router-dom";
import { Choice } from "./Choice.tsx";
import { type Filter, peopleOf, type Row, words } from "./tonight.ts";

const KINDS = ["environment", "product", "person"] as const;

/** What the address says; a link keeps it. */
export function useFilter(): [Filter, (kind: keyof Filter, word: string) => void] {
  const [said, say] = useWords();
  const [environment, product, person] = KINDS.map((kind) => said.get(kind) ?? "") as [string, string, string];
  return [{ environment, product, person }, (kind, word) => say({ [kind]: word })];
}

/** The words in the address, and how to set some of them; an empty one is taken out. */
export function useWords(): [URLSearchParams, (words: Record<string, string>) => void] {
  const [said, say] = useSearchParams();
  const set = (words: Record<string, string>) => {
    const next = new URLSearchParams(location.search); // not `said`: two choices may come before the page is drawn again
    for (const [kind, word] of Object.entries(words)) {
      if (word) next.set(kind, word);
      else next.delete(kind);
    }
    say(next, { replace: true });
  };
  return [said, set];
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
        <Choice key={kind} label={kind} value={filter[kind]} offered={offered[kind]} choose={(word) => choose(kind, word)} />
      ))}
    </Flex>
  );
}
