/** What tests of traces share: what ofproto/trace says of a packet, and a trace in the same form. */
import type { Trace } from "@loomstack/model";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { type BridgeName, bridgeNames, pipeline } from "../pipeline/tables.ts";

/** A table that a packet saw: "br-int 30 matched", and the names of the ports that it was output to there. */
export interface SeenTable {
  readonly table: string;
  readonly outputs: readonly string[];
}

/** The tables of one hypervisor that a trace has, where the packet first came in, and what it was then. */
export function tracedTables(trace: Trace, hypervisor: string): readonly SeenTable[] {
  return trace.steps
    .filter((step) => step.hypervisor === hypervisor)
    .map(({ bridge, table, flow, remarks }) => {
      const id = pipeline.find((one) => one.bridge === bridge && one.name === table)?.id ?? table;
      const outputs = remarks.flatMap((remark) => /^(?:output|sent back) to (\S+)$/.exec(remark)?.[1] ?? []);
      return { table: `${bridge} ${id} ${flow === null ? "no match" : "matched"}`, outputs };
    });
}

/** Asks ovs-vswitchd what it would do with the packet as the trace has it where it enters the hypervisor. */
export async function ofprotoTables(
  host: OpenVSwitchUnderTest,
  trace: Trace,
  hypervisor: string,
): Promise<readonly SeenTable[]> {
  const first = trace.steps.find((step) => step.hypervisor === hypervisor);
  if (first === undefined) return [];
  const [said, ...names] = await Promise.all([
    host.appctl("ofproto/trace", first.bridge, first.packet),
    ...bridgeNames.map(async (name) => [name, await portNames(host, name)] as const),
  ]);
  return parsed(said, new Map(names), first.packet);
}

function parsed(
  said: string,
  names: ReadonlyMap<string, ReadonlyMap<string, string>>,
  packet: string,
): readonly SeenTable[] {
  const tables: { readonly table: string; readonly outputs: string[] }[] = [];
  let bridge = "br-int";
  let inPort = /in_port=(\w+)/.exec(packet)?.[1] ?? "";
  const body = said.slice(said.indexOf('bridge("'), said.indexOf("\nFinal flow"));
  for (const line of body.split("\n")) {
    bridge = /^ *bridge\("(.*)"\)/.exec(line)?.[1] ?? bridge;
    // What an administrator's bridge does is no part of a trace.
    if (!names.has(bridge)) continue;
    const [, table, rest = ""] = /^ *(\d+)\. (.*)/.exec(line) ?? [];
    if (table !== undefined) {
      inPort = /in_port=(\w+)/.exec(rest)?.[1] ?? inPort;
      tables.push({ table: `${bridge} ${table} ${isMiss(rest) ? "no match" : "matched"}`, outputs: [] });
    }
    const output = /^ +output:(\w+)$/.exec(line)?.[1] ?? (/^ +IN_PORT$/.test(line) ? inPort : undefined);
    if (output !== undefined) tables.at(-1)?.outputs.push(names.get(bridge)?.get(output) ?? output);
    if (line.includes(">> skipping output to input port")) tables.at(-1)?.outputs.pop();
  }
  return tables;
}

/** No flow of the table took it. Sometimes one of the rules shows that ovs-vswitchd has for that. */
function isMiss(rest: string): boolean {
  return rest.startsWith("No match") || /^reg0=0x[12], priority 0$/.test(rest);
}

/** The names of a bridge's ports by their OpenFlow numbers. */
export async function portNames(host: OpenVSwitchUnderTest, bridge: BridgeName): Promise<ReadonlyMap<string, string>> {
  const lines = (await host.ofctl("dump-ports-desc", bridge)).matchAll(/^ (\w+)\((.+)\): addr/gm);
  return new Map([...lines].map(([, number = "", name = ""]) => [number, name]));
}
