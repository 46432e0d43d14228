import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkout } from "./step.ts";

const document = readFileSync(path.join(checkout, "docs/predecessor.md"), "utf8");
/** A file, and the sentence that names a test in it. */
const named = [...document.matchAll(/`([\w./-]+\.test\.ts)`:\s"([^"]+)"/g)].map(
  ([, file = "", sentence = ""]) => [file, sentence] as const,
);

describe("the tests that show that the predecessor's defects are none here", () => {
  test("there is at least one in each row of the tables, and each names its test", () => {
    const rows = document.split("\n").filter((line) => /^\| (?!its defect|pain)/.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(18);
    for (const row of rows) expect(row).toMatch(/`[\w./-]+\.test\.ts`: "[^"]+"(; |( \|$))/);
    expect(document.match(/\.test\.ts`/g)).toHaveLength(named.length);
  });

  test.each(named)("%s has: %s", (file, sentence) => {
    expect(readFileSync(path.join(checkout, file), "utf8")).toContain(`"${sentence}"`);
  });
});
