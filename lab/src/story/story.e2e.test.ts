import { silentLogger } from "@loomstack/core";
import { expect, test } from "vitest";
import { openWorld } from "./open-world.ts";
import { tellStory } from "./tell.ts";

const silent = { started: () => {}, ended: () => {} };

test.each([
  ["cloud and controller are two processes that speak HTTP", false],
  ["both halves are one process", true],
])(
  "the story is true in all seven steps when %s",
  async (_, oneProcess) => {
    await using world = await openWorld({ oneProcess, logger: silentLogger });
    const told = await tellStory(world, silent, true);
    expect(told.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(told.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  },
  240_000,
);
