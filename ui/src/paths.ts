// Where things are: pages of ours in Airflow's, and addresses of our API.

/** Where Airflow shows the part `Releases`. Links are absolute: a relative one is taken from where it stands. */
export const ROOT = "/plugin/releases";

/** A page of ours for a link; each part is quoted: `pageOf("nodes", "production", "web-1")`. */
export function pageOf(...parts: string[]): string {
  return [ROOT, ...parts.map(encodeURIComponent)].join("/");
}

/** An address of our API, wherever Airflow is mounted. */
export function address(path: string): string {
  return new URL(`deployplan/api/v1/${path}`, document.baseURI).href;
}
