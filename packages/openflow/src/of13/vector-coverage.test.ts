/** What there are golden messages of: bytes that Open vSwitch has written, for everything that it can write. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { notInActions } from "./action.samples.ts";
import { actionTexts } from "./actions.ts";
import { notInFlows } from "./field.samples.ts";
import { type FieldName, fieldRows } from "./oxm.ts";

const folder = path.resolve(import.meta.dirname, "../../vectors/of13");
const values = readdirSync(folder).map((file): unknown =>
  JSON.parse(readFileSync(path.join(folder, file), "utf8").split("\n---\n")[1] ?? ""),
);

/** Every property of every object, as `name` and, where it is a text or a masked condition, `name=text`, `name/`. */
function mentions(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => [
    name,
    ...(typeof member === "string" ? [`${name}=${member}`] : []),
    ...(typeof member === "object" && member !== null && "mask" in member ? [`${name}/`] : []),
    ...mentions(member),
  ]);
}

const mentioned = new Set(values.flatMap(mentions));

test("every action that Open vSwitch has is in a vector", () => {
  const missing = [...actionTexts.keys()].filter((kind) => !mentioned.has(`kind=${kind}`));
  expect(missing.sort()).toEqual([...notInActions.keys()].sort());
});

/** Fields that a switch writes in actions only, because it makes others of them in matches. */
const views: ReadonlySet<FieldName> = new Set(
  fieldRows.filter(({ parts }) => parts.length > 0).map(({ name }) => name),
);
const own: ReadonlySet<FieldName> = new Set(["dpHash", "recircId"]);

test("every field that Open vSwitch has is in a vector", () => {
  const absent = ({ name }: { readonly name: FieldName }): boolean => notInFlows.has(name) && !own.has(name);
  const missing = fieldRows.filter(({ name }) => !mentioned.has(name) && !mentioned.has(`field=${name}`));
  expect(missing.filter((row) => !absent(row)).map(({ name }) => name)).toEqual([]);
});

test("every field that can have a mask is in a vector with one", () => {
  const unmasked = fieldRows.filter(
    ({ name, maskable }) => maskable && !views.has(name) && !notInFlows.has(name) && !mentioned.has(`${name}/`),
  );
  expect(unmasked.map(({ name }) => name)).toEqual([]);
});
