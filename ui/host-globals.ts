// React, Chakra and the router are Airflow's own, which its pages put on globalThis: the bundle holds none of them.
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const HOST: Record<string, string> = {
  react: "React",
  "react-dom": "ReactDOM",
  "react/jsx-runtime": "ReactJSXRuntime",
  "react-router-dom": "ReactRouterDOM",
  "@chakra-ui/react": "ChakraUI",
  "@emotion/react": "EmotionReact",
};
const PREFIX = "\0host:";

export function hostGlobals(): Plugin {
  return {
    name: "host-globals",
    apply: "build", // the unit tests keep the real packages
    enforce: "pre",
    resolveId: (id) => (id in HOST ? PREFIX + id : null),
    async load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const source = id.slice(PREFIX.length);
      const names = Object.keys(await import(createRequire(import.meta.url).resolve(source)))
        .filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default")
        .sort(); // the same bytes each time; names that nobody uses fall away
      return [
        `const host = /* @__PURE__ */ (() => globalThis[${JSON.stringify(HOST[source])}] ?? {})();`,
        "export default host;",
        ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => host.${name})();`),
      ].join("\n");
    },
  };
}
