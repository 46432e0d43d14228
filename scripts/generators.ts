/**
 * Every script that writes a checked-in file from another one. Each takes `--check`: exit 1 and say so when the file is
 * not fresh.
 */
export const generators = [
  { writes: "packages/ovsdb/src/schema/*.generated.ts", script: "packages/ovsdb/scripts/generate-schema.ts" },
  { writes: "docs/pipeline.md", script: "packages/fabric/scripts/generate-pipeline-doc.ts" },
  { writes: "docs/drift.md", script: "packages/fabric/scripts/generate-drift-doc.ts" },
  { writes: "docs/metrics.md", script: "packages/api/scripts/generate-metrics-doc.ts" },
] as const;
