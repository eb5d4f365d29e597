import { useEffect, useState } from "react";
import { address } from "../paths.ts";
import { reason } from "../poll.ts";

export interface Once<T> {
  found: T | null;
  problem: string | null;
}

/** What our API answers once; asked when there is a path, and again when `turn` changes. */
export function useOnce<T>(path: string | null, read: (answer: Response) => Promise<T>, turn: unknown = null, method: "GET" | "POST" = "GET"): Once<T> {
  const [kept, keep] = useState<Once<T> & { path: string | null }>({ path: null, found: null, problem: null });
  useEffect(() => {
    if (path === null) return;
    const asking = new AbortController();
    const ask = async () => {
      try {
        const answer = await fetch(address(path), { method, credentials: "same-origin", cache: "no-store", signal: asking.signal });
        const told = answer.ok ? { found: await read(answer), problem: null } : { found: null, problem: await reason(answer) };
        if (!asking.signal.aborted) keep({ path, ...told });
      } catch (error) {
        if (!asking.signal.aborted) keep({ path, found: null, problem: `Airflow does not answer: ${String(error)}` });
      }
    };
    void ask();
    return () => asking.abort();
  }, [path, turn, method]);
  return kept.path === path ? kept : { found: null, problem: null };
}

export const asJson = <T,>(answer: Response) => answer.json() as Promise<T>;
export const asText = (answer: Response) => answer.text();

/** The address of a part of a release in our API. */
export function partOf(plan: string, run: string, ...parts: string[]): string {
  return ["releases", plan, run, ...parts].map(encodeURIComponent).join("/");
}
