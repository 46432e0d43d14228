import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseJson } from "../notation/json.ts";
import { generateSource } from "./generate-source.ts";
import { parseSchema } from "./parse-schema.ts";

const script = fileURLToPath(new URL("../../scripts/generate-schema.ts", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loomstack-schema-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly exitCode: number | string | undefined;
  readonly stderr: string;
}

function generate(...words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...words], { cwd: folder }, (error, _stdout, stderr) => {
      resolve({ exitCode: error?.code ?? (error === null ? 0 : undefined), stderr });
    });
  });
}

const plants = {
  name: "Plants",
  version: "1.2.3",
  tables: {
    Plant: {
      columns: {
        class: { type: "string" },
        height: { type: { key: { type: "real", minReal: 0 }, min: 0, max: 1 } },
        seeds: { type: { key: { type: "integer", maxInteger: parseJson("9223372036854775807") } } },
      },
      indexes: [["class"]],
    },
  },
};

test("the types that are checked in are fresh", async () => {
  expect(await generate("--check")).toEqual({ exitCode: 0, stderr: "" });
}, 20_000);

test("a stranger's schema becomes a module that imports the package, until it is changed", async () => {
  await writeFile(
    join(folder, "plants.ovsschema"),
    JSON.stringify(plants, (_, v: unknown) => (typeof v === "bigint" ? 7 : v)),
  );
  const words = ["plants.ovsschema", "plants", "plants.ts"];
  expect((await generate("--check", ...words)).exitCode).toBe(1);
  expect(await generate(...words)).toEqual({ exitCode: 0, stderr: "" });
  const source = await readFile(join(folder, "plants.ts"), "utf8");
  expect(source).toContain('import type { DatabaseSchema } from "@loomstack/ovsdb";');
  expect(source).toContain("export type Plants = typeof plants;");
  expect(await generate("--check", ...words)).toEqual({ exitCode: 0, stderr: "" });
  await appendFile(join(folder, "plants.ts"), "// changed\n");
  expect(await generate("--check", ...words)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is stale") as string,
  });
}, 20_000);

test.each([
  [["a.ovsschema"], "usage"],
  [["a.ovsschema", "not a name", "a.ts"], "usage"],
  [["absent.ovsschema", "absent", "absent.ts"], "absent.ovsschema: ENOENT"],
  [["not.json", "not", "not.ts"], "not.json: "],
  [["not.ovsschema", "not", "not.ts"], "not.ovsschema: the schema can't be read at tables"],
])(
  "%s is refused: %s",
  async (words, reason) => {
    await writeFile(join(folder, "not.json"), "{");
    await writeFile(join(folder, "not.ovsschema"), '{"name":"not"}');
    expect(await generate(...words)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) as string });
  },
  20_000,
);

test("integers keep their digits, and lists their lines", () => {
  const options = { constant: "plants", origin: "plants.ovsschema", schemaModule: "@loomstack/ovsdb" };
  const source = generateSource(parseSchema(plants), options);
  expect(source).toContain('seeds: { key: { type: "integer", maxInteger: 9223372036854775807n }, min: 1, max: 1 },');
  expect(source).toContain('height: { key: { type: "real", minReal: 0 }, min: 0, max: 1 },');
});

test.each([
  [{ name: "*/ process.exit() /*", version: "1.0.0", tables: {} }],
  [{ name: "db", version: "1.0.0 */", tables: {} }],
])("%j has no name or version that may stand in a source", (schema) => {
  expect(() => generateSource(schema, { constant: "db", origin: "db", schemaModule: "x" })).toThrow(
    "the schema can't be read",
  );
});
