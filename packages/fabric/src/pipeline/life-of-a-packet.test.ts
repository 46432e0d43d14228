import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const docs = new URL("../../../../docs/", import.meta.url);

test("every flow that docs/life-of-a-packet.md quotes is one of docs/pipeline.md", async () => {
  const [story, pipeline] = await Promise.all(
    ["life-of-a-packet.md", "pipeline.md"].map((name) => readFile(new URL(name, docs), "utf8")),
  );
  const flows = new Set(pipeline?.split("\n").map((line) => line.replace(/^cookie=0x0, /, "")));
  const quoted = story?.split("\n").flatMap((line) => /^ {4,}(table=.*)$/.exec(line)?.[1] ?? []) ?? [];
  expect(quoted.length).toBeGreaterThan(20);
  expect(quoted.filter((flow) => !flows.has(flow))).toEqual([]);
});
