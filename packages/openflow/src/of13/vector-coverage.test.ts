/** What there are golden messages of: bytes that Open vSwitch has written, for everything that it can write. */
import { expect, test } from "vitest";
import { vectors } from "../version/vector-file.check.ts";
import { notInActions } from "./action.samples.ts";
import { actionTexts } from "./actions.ts";
import { notInFlows } from "./field.samples.ts";
import { standardInstructions } from "./instructions.ts";
import { type FieldName, fieldRows } from "./oxm.ts";

const values = vectors.filter(({ version }) => version === "1.3").map(({ json }): unknown => JSON.parse(json));

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

test("every instruction is in a vector", () => {
  expect([...standardInstructions.kinds].filter((kind) => !mentioned.has(`kind=${kind}`))).toEqual([]);
});

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
