import { useEffect, useState } from "react";

const WIDE = "(min-width: 64em)";

/** Whether there is room for a table; on a phone rows are cards. */
export function useIsWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const change = () => setWide(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return wide;
}
