import { Box, chakra } from "@chakra-ui/react";

/** A filter by one word; what the address says is offered too, although nothing has it now. */
export function Choice(props: { label: string; value: string; offered: string[]; choose: (word: string) => void }) {
  const { label, value, offered, choose } = props;
  const id = `deployplan-${label.replaceAll(" ", "-")}`;
  return (
    <Box fontSize="sm">
      <label htmlFor={id}>{label} </label>
      <chakra.select
        id={id}
        value={value}
        borderWidth="1px"
        borderColor="border.emphasized"
        borderRadius="md"
        bg="bg"
        color="fg"
        p="1"
        maxWidth="14rem"
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">all</option>
        {[...new Set([...offered, ...(value ? [value] : [])])].map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </chakra.select>
    </Box>
  );
}
