import type { Ipv4, Mac } from "@loomstack/core";
import { expect, test } from "vitest";
import type { Match } from "../of13/match.ts";
import { ofPort, Port } from "../of13/ports.ts";
import { formatFlow, formatFlowKey, formatFlowMod, formatFlowStats } from "./format-flow.ts";
import { formatMatch } from "./format-match.ts";
import { parseFlowMod } from "./parse/parse-flow.ts";

const mac = "52:54:00:00:00:01" as Mac;

test("a flow is printed with numbers, or with the names of tables and ports", () => {
  const flow = {
    ...{ tableId: 10, priority: 100, cookie: 0x1234n, match: { inPort: ofPort(5), ethType: 0x0806, reg0: 7 } },
    instructions: [
      { kind: "applyActions", actions: [{ kind: "output", port: ofPort(9) }] } as const,
      { kind: "gotoTable", tableId: 20 } as const,
    ],
  };
  expect(formatFlow(flow)).toBe(
    "cookie=0x1234, table=10, priority=100,arp,reg0=0x7,in_port=5 actions=output:9,goto_table:20",
  );
  const names = { table: (id: number) => `t${id}`, port: (port: number) => `vm${port}` };
  expect(formatFlow(flow, names)).toBe(
    "cookie=0x1234, table=t10, priority=100,arp,reg0=0x7,in_port=vm5 actions=output:vm9,goto_table:t20",
  );
});

test("reserved ports keep their names, and no instruction is a drop", () => {
  const names = { port: () => "never" };
  const flow = { tableId: 0, priority: 0, cookie: 0n, match: { inPort: Port.local }, instructions: [] };
  expect(formatFlow(flow, names)).toBe("cookie=0x0, table=0, priority=0,in_port=LOCAL actions=drop");
});

const matches: readonly (readonly [Match, string])[] = [
  [{}, ""],
  [{ ethType: 0x0800, ipProto: 6, tcpDst: 80 }, "tcp,tp_dst=80"],
  [{ ethType: 0x86dd, ipProto: 58, icmpv6Type: 135 }, "icmp6,icmp_type=135"],
  [{ ethType: 0x0800, ipProto: 89 }, "ip,nw_proto=89"],
  [{ ethType: 0x88cc }, "dl_type=0x88cc"],
  [{ ethType: 0x0800, ipv4Src: { value: "10.0.0.0" as Ipv4, mask: "255.0.0.0" as Ipv4 } }, "ip,nw_src=10.0.0.0/8"],
  [
    { ethType: 0x0800, ipv4Src: { value: "10.0.0.0" as Ipv4, mask: "255.0.0.255" as Ipv4 } },
    "ip,nw_src=10.0.0.0/255.0.0.255",
  ],
  [{ ethSrc: { value: mac, mask: "ff:ff:ff:00:00:00" as Mac } }, "dl_src=52:54:00:00:00:00/ff:ff:ff:00:00:00"],
  [{ vlanVid: 0 }, "vlan_tci=0x0000/0x1fff"],
  [{ vlanVid: 0x1003, vlanPcp: 5 }, "dl_vlan=3,dl_vlan_pcp=5"],
  [
    { tunnelId: 100n, tunIpv4Src: "10.9.0.2" as Ipv4, metadata: { value: 1n, mask: 3n } },
    "tun_id=0x64,tun_src=10.9.0.2,metadata=0x1/0x3",
  ],
];

test.each(matches)("a match %o is printed as %s", (match, text) => {
  expect(formatMatch(match).join(",")).toBe(text);
});

test("a message says what it does", () => {
  expect(
    formatFlowMod({ kind: "flowMod", command: "delete-strict", tableId: 3, priority: 7, match: { reg0: 1 } }),
  ).toBe("delete_strict table=3, priority=7,reg0=0x1");
  expect(formatFlowMod({ kind: "flowMod", command: "add", tableId: 3 })).toBe("add table=3, actions=drop");
});

test("what isn't as it is by default is printed, and read back", () => {
  const mod = {
    ...({ kind: "flowMod", command: "add", tableId: 3, cookie: 5n, idleTimeoutSec: 6, hardTimeoutSec: 7 } as const),
    ...{
      importance: 8,
      match: { ethType: 0x0806 },
      instructions: [],
      flags: { sendFlowRemoved: true, noByteCounts: true },
    },
  };
  const text =
    "add cookie=0x5, table=3, idle_timeout=6, hard_timeout=7, send_flow_rem no_byte_counts importance=8, arp actions=drop";
  expect(formatFlowMod(mod)).toBe(text);
  expect(parseFlowMod(text)).toEqual(mod);
  expect(formatFlow({ ...mod, priority: 0x8000 })).toBe(text.slice(4));
});

test.each([
  "delete cookie=0x1/0xf, table=1, out_port=2, out_group=3, tcp",
  "delete",
  "delete_strict table=1, priority=7",
  "modify cookie=0x1/0xffffffffffffffff, table=1, actions=output:1",
])("%s is a line of a flow file, and read back", (text) => {
  expect(formatFlowMod(parseFlowMod(text))).toBe(text);
});

test("a flow of a dump is printed with what it has counted, or without", () => {
  const flow = {
    ...{ tableId: 0, priority: 0x8000, cookie: 0n, match: {}, instructions: [], flags: { checkOverlap: true } },
    ...{ durationSec: 1, durationNsec: 10_000, packetCount: 2n, byteCount: 3n, idleTimeoutSec: 4, hardTimeoutSec: 0 },
  };
  expect(formatFlowStats(flow)).toBe(
    "cookie=0x0, duration=1.00001s, table=0, n_packets=2, n_bytes=3, idle_timeout=4, check_overlap actions=drop",
  );
  expect(formatFlowStats(flow, {}, false)).toBe("idle_timeout=4, check_overlap actions=drop");
  expect(formatFlowKey({ tableId: 0, cookie: 0n })).toBe("cookie=0x0, table=0");
});
