// What is done about a release: through the routes of deployplan and of Airflow, with the person's own session and rights.
import { address } from "../paths.ts";
import { reason } from "../poll.ts";

export interface Outcome {
  refused: boolean;
  words: string;
}

const ASK_AGAIN = 10_000;
const TIMES = 18;

/** The path of an action on a plan, in our API. */
export function inPlan(plan: string, ...parts: string[]): string {
  return ["plans", plan, ...parts].map(encodeURIComponent).join("/");
}

/** The path of a card in Airflow's own API; from our own, as `address` takes it. */
export function cardPath(plan: string, run: string, task: string): string {
  const [d, r, t] = [plan, run, task].map(encodeURIComponent);
  return `../../../api/v2/dags/${d}/dagRuns/${r}/taskInstances/${t}/-1/hitlDetails`;
}

async function ask(path: string, method: string, body: unknown): Promise<Response> {
  return fetch(address(path), {
    method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Do it; returns what our API says of it. */
export async function send(path: string, body: unknown): Promise<Outcome> {
  try {
    const answer = await ask(path, "POST", body);
    if (!answer.ok) return { refused: true, words: await reason(answer) };
    const { sentence } = (await answer.json()) as { sentence?: string };
    return { refused: false, words: sentence ?? "done" };
  } catch (error) {
    return { refused: true, words: `Airflow does not answer: ${String(error)}` };
  }
}

/** Ask for a backout; where Airflow has to take up the plan as it was first, ask again until it has. */
export async function takeBack(plan: string, run: string, why: string, told: (words: string) => void): Promise<Outcome> {
  const path = inPlan(plan, "runs", run, "backout");
  try {
    for (let turn = 0; turn < TIMES; turn++) {
      const answer = await ask(path, "POST", { reason: why });
      if (!answer.ok) return { refused: true, words: await reason(answer) };
      const found = (await answer.json()) as { sentence: string; waits: boolean };
      if (!found.waits) return { refused: false, words: found.sentence };
      told(found.sentence);
      await new Promise((done) => setTimeout(done, ASK_AGAIN));
    }
    return { refused: true, words: "Airflow has not taken up the plan as it was: is its DAG processor up? Asking again is safe." };
  } catch (error) {
    return { refused: true, words: `Airflow does not answer: ${String(error)}` };
  }
}

/** Answer a card in Airflow, in this person's name. */
export async function answerCard(path: string, option: string, note: string): Promise<Outcome> {
  try {
    const answer = await ask(path, "PATCH", { chosen_options: [option], params_input: note.trim() ? { note } : {} });
    if (!answer.ok) return { refused: true, words: await reason(answer) };
    return { refused: false, words: `Your answer was taken: ${option}.` };
  } catch (error) {
    return { refused: true, words: `Airflow does not answer: ${String(error)}` };
  }
}
