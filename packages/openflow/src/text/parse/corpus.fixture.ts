/** For tests: the corpora of texts in vectors/text. */
import { readFileSync } from "node:fs";
import path from "node:path";

/** The lines of a corpus, without its comments. */
export function corpus(name: "flows" | "groups" | "meters"): readonly string[] {
  const file = path.resolve(import.meta.dirname, `../../../vectors/text/${name}.txt`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}
