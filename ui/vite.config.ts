import { defineConfig } from "vitest/config";
import { hostGlobals } from "./host-globals.ts";

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify(process.env["VITEST"] ? "test" : "production") },
  plugins: [hostGlobals()],
  oxc: { jsx: { runtime: "automatic", development: false } }, // Airflow gives no jsxDEV
  build: {
    target: "es2022",
    outDir: process.env["BUNDLE_TO"] ?? "../plugins/deployplan/ui/bundle",
    emptyOutDir: false,
    sourcemap: false,
    lib: { entry: "src/main.tsx", formats: ["es"], fileName: () => "releases.js" },
  },
  test: { environment: "happy-dom", setupFiles: ["src/setup.ts"], testTimeout: 120_000 },
});
