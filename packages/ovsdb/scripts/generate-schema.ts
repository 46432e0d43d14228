/**
 * Makes src/schema/open-vswitch.generated.ts from schemas/vswitch.ovsschema. With `--check` it writes nothing, and
 * fails when the file isn't what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit, stderr } from "node:process";
import { parseJson } from "../src/notation/json.ts";
import { generateSource } from "../src/schema/generate-source.ts";
import { parseSchema } from "../src/schema/parse-schema.ts";

const target = new URL("../src/schema/open-vswitch.generated.ts", import.meta.url);
const schema = parseSchema(parseJson(readFileSync(new URL("../schemas/vswitch.ovsschema", import.meta.url), "utf8")));
const source = generateSource(schema, "openVswitch", "packages/ovsdb/schemas/vswitch.ovsschema");

if (!argv.includes("--check")) {
  writeFileSync(target, source);
} else if (readFileSync(target, "utf8") !== source) {
  stderr.write(
    "packages/ovsdb/src/schema/open-vswitch.generated.ts is stale: run node packages/ovsdb/scripts/generate-schema.ts\n",
  );
  exit(1);
}
