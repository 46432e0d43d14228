/**
 * Makes types of schemas. `--check` writes nothing, and fails when a file isn't what would be written.
 *
 *     node packages/ovsdb/scripts/generate-schema.ts [--check]
 *     node packages/ovsdb/scripts/generate-schema.ts [--check] <file.ovsschema> <constant> <output.ts>
 *
 * Without a file it makes all that are checked in.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { argv, stderr } from "node:process";
import { isLoomstackError, messageOf } from "@loomstack/core";
import { parseJson } from "../src/notation/json.ts";
import { generateSource } from "../src/schema/generate-source.ts";
import { parseSchema } from "../src/schema/parse-schema.ts";
import { checkedInSchemas } from "./checked-in-schemas.ts";

interface Task {
  readonly file: string;
  /** Of the file, for the head of the source. */
  readonly origin: string;
  readonly constant: string;
  readonly output: string;
}

const packageFolder = path.resolve(import.meta.dirname, "..");
const usage = "usage: generate-schema.ts [--check] [<file.ovsschema> <constant> <output.ts>]";

const allArguments = argv.slice(2);
const isCheck = allArguments.includes("--check");
const words = allArguments.filter((word) => word !== "--check");
const tasks = words.length === 0 ? checkedInTasks() : taskOf(words);
if (tasks === undefined) refuse(`${usage}\n<constant> is letters and digits, the first of them a small letter`);
else for (const task of tasks) run(task);

function checkedInTasks(): readonly Task[] {
  return checkedInSchemas.map(({ file, from, constant, output }) => ({
    file: path.join(packageFolder, "schemas", file),
    origin: `packages/ovsdb/schemas/${file} (${from})`,
    constant,
    output: path.join(packageFolder, "src/schema", output),
  }));
}

function taskOf([file, constant, output, ...others]: readonly string[]): readonly Task[] | undefined {
  if (file === undefined || constant === undefined || output === undefined || others.length > 0) return undefined;
  if (!/^[a-z][A-Za-z0-9]*$/.test(constant)) return undefined;
  return [{ file, origin: path.basename(file), constant, output: path.resolve(output) }];
}

function run({ file, origin, constant, output }: Task): void {
  try {
    const schema = parseSchema(parseJson(readFileSync(file, "utf8")));
    const source = generateSource(schema, { constant, origin, schemaModule: schemaModuleFor(output) });
    if (!isCheck) writeFileSync(output, source);
    else if (!existsSync(output) || readFileSync(output, "utf8") !== source) {
      refuse(`${path.relative(packageFolder, output)} is stale: run generate-schema.ts without --check`);
    }
  } catch (error) {
    if (!isLoomstackError(error) && !(error instanceof SyntaxError) && !isFileError(error)) throw error;
    refuse(`${file}: ${messageOf(error)}`);
  }
}

/** Sources of this package import each other; all others import the package. */
function schemaModuleFor(output: string): string {
  const fromSchemas = path.relative(path.join(packageFolder, "src/schema"), output);
  return fromSchemas === path.basename(fromSchemas) ? "./schema.ts" : "@loomstack/ovsdb";
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function refuse(text: string): void {
  stderr.write(`${text}\n`);
  process.exitCode = 1;
}
