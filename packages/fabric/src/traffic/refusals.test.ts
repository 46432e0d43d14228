import { LoomstackError } from "@loomstack/core";
import type { SwitchConnection, TableStats } from "@loomstack/openflow";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { refused } from "../pipeline/tables.ts";
import { refusalsOf } from "./refusals.ts";

const tables = (lookupCount: bigint): TableStats[] => [
  { tableId: 0, activeCount: 1, lookupCount: 99n, matchedCount: 99n },
  { tableId: refused.id, activeCount: 1, lookupCount, matchedCount: 0n },
];

test("hypervisors that don't answer in time, or refuse to, are left out and hold up nobody for longer than a second", async () => {
  const clock = new FakeClock();
  const late = Promise.withResolvers<TableStats[]>();
  const answers: Readonly<Record<string, () => Promise<TableStats[]>>> = {
    well: () => Promise.resolve(tables(2n ** 60n)),
    refusing: () => Promise.reject(new LoomstackError("CORE__UNREACHABLE", { what: "a refusal" })),
    bare: () => Promise.resolve([]),
    late: () => late.promise,
  };
  const connectionOf = (key: string): Pick<SwitchConnection, "request"> | undefined => {
    const answer = answers[key];
    return answer && { request: answer as SwitchConnection["request"] };
  };
  const told = refusalsOf(clock, [...Object.keys(answers), "unconnected"], connectionOf);
  // Those that answer at once have done so.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  clock.turn(1_000);
  expect(await told).toEqual(new Map([["well", 2n ** 60n]]));
  expect(clock.waiting).toBe(0);
  late.resolve(tables(1n));
});
