/** What switches count of the packets that ports may not send: all of them end in one table of br-int. */
import type { Clock, OfPort } from "@loomstack/core";
import { flowStats, type FlowStats, type SwitchConnection, tableStats } from "@loomstack/openflow";
import { ourCookies } from "../pipeline/cookies.ts";
import { refused } from "../pipeline/tables.ts";

/** How long a switch may take to answer before it is left out. */
const answerMs = 1_000;

/** The flow of each port that what it may not send ends in, with its counters. @throws OPENFLOW__… */
export async function refusalsByPort(connection: SwitchConnection): Promise<ReadonlyMap<OfPort, FlowStats>> {
  const flows = await connection.request(flowStats({ tableId: refused.id, ...ourCookies }));
  return new Map(
    flows.flatMap((flow) => {
      const { inPort } = flow.match;
      return typeof inPort === "number" ? [[inPort, flow] as const] : [];
    }),
  );
}

/**
 * How many packets have come to the table, by hypervisor. The table goes on counting when ports go, as their flows
 * don't. Those that don't answer in time are left out.
 */
export async function refusalsOf(
  clock: Clock,
  keys: readonly string[],
  connectionOf: (key: string) => Pick<SwitchConnection, "request"> | undefined,
): Promise<ReadonlyMap<string, bigint>> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  using _limit = clock.after(answerMs, () => resolve(undefined));
  const counts = keys.map(async (key) => {
    const connection = connectionOf(key);
    const count = connection && (await Promise.race([refusalsIn(connection), tooLate]));
    return count === undefined ? [] : [[key, count] as const];
  });
  return new Map((await Promise.all(counts)).flat());
}

/** Undefined where the switch doesn't say. */
async function refusalsIn(connection: Pick<SwitchConnection, "request">): Promise<bigint | undefined> {
  const tables = await connection.request(tableStats()).catch(() => []);
  return tables.find(({ tableId }) => tableId === refused.id)?.lookupCount;
}
