import { Box, Input } from "@chakra-ui/react";
import { useEffect, useState } from "react";

const PAUSE = 300;

/** Text to search for; it is told when typing has paused. */
export function Search({ value, hint, search }: { value: string; hint: string; search: (text: string) => void }) {
  const [typed, type] = useState(value);
  useEffect(() => type(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const waiting = setTimeout(() => search(typed.trim()), PAUSE);
    return () => clearTimeout(waiting);
  }, [typed]); // what is typed decides alone
  return (
    <Box fontSize="sm">
      <label htmlFor="deployplan-q">search </label>
      <Input
        id="deployplan-q"
        type="search"
        size="sm"
        width="16rem"
        maxWidth="100%"
        maxLength={250}
        value={typed}
        placeholder={hint}
        onChange={(event) => type(event.target.value)}
      />
    </Box>
  );
}
