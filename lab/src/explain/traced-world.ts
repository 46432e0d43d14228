/** What the traces' matrix shares: three ways of asking where a packet goes, that have to agree. */
import { randomUUID } from "node:crypto";
import { LoomstackError } from "@loomstack/core";
import { expect } from "vitest";
import { until } from "../condition.ts";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import type { LightGuest } from "../light-guest.ts";
import { neutron } from "../story/controller-client.ts";
import type { ControllerWorld } from "../story/controller-world.ts";
import { parsePing } from "../story/ping.ts";

/** What a trace of the controller's API says, as far as the matrix looks at it. */
export interface TraceView {
  readonly reached: boolean;
  readonly verdict: string;
  readonly steps: readonly {
    readonly hypervisor: string;
    readonly bridge: string;
    readonly packet: string;
    readonly remarks: readonly string[];
  }[];
  readonly live: { readonly answered: boolean | null } | null;
}

interface NeutronPort {
  readonly network_id: string;
  readonly fixed_ips: readonly object[];
}

export type TracedGuest = LightGuest & { readonly portId: string };

export interface TracedPacket {
  readonly from: TracedGuest;
  /** The last number of the address that it is for. */
  readonly to: number;
  /** Default: IPv4. */
  readonly isIpv6?: boolean;
  /** As the trace takes it: tcp/80. Default: icmp. */
  readonly protocol?: string;
  /** What it claims to come from, and the ping's options that have the guest claim the same. */
  readonly claim?: { readonly sourceMac?: string; readonly sourceIp?: string };
  /** Bytes of the IP packet. */
  readonly size?: number;
}

/** The guests' addresses by their last numbers; in IPv6 only those have one who were given it (`addIpv6`). */
function addressOf({ to, isIpv6 = false }: TracedPacket): string {
  return isIpv6 ? `2001:db8:7::${to}` : `192.168.7.${to}`;
}

/** Gives guests of one network addresses in IPv6. */
export async function addIpv6(world: ControllerWorld, guests: ReadonlyMap<number, TracedGuest>): Promise<void> {
  const { controller } = world;
  const subnetId = randomUUID();
  const ports = await Promise.all(
    [...guests].map(async ([number, guest]) => {
      const path = `${neutron}/ports/${guest.portId}`;
      const { port } = await controller.get<{ port: NeutronPort }>(path);
      return { number, guest, path, port };
    }),
  );
  const [first] = ports;
  const subnet = { id: subnetId, network_id: first?.port.network_id, tenant_id: "t", ip_version: 6 };
  await controller.expect(201, "POST", `${neutron}/subnets`, { subnet: { ...subnet, cidr: "2001:db8:7::/64" } });
  for (const { number, guest, path, port } of ports) {
    const address = `2001:db8:7::${number}`;
    const fixed_ips = [...port.fixed_ips, { subnet_id: subnetId, ip_address: address }];
    await controller.expect(200, "PUT", path, { port: { fixed_ips } });
    await guest.run("ip", ["address", "add", `${address}/64`, "dev", "eth0", "nodad"]);
  }
  await realised(world);
}

/** All that was asked for is in place. */
export async function realised({ controller }: ControllerWorld): Promise<void> {
  const { intent: revision } = await controller.get<{ intent: number }>("/api/v1/revision");
  await controller.get(`/api/v1/revision?wait=${revision}`);
}

/** Headers of IPv4 and of ICMP's echo, which ping's size doesn't count. */
const echoHeaders = 28;

/** A text of the controller's in which hypervisors have their names in the lab: OVS/host-0, and not their system-ids. */
async function withLabNames({ controller, lab }: ControllerWorld, text: string): Promise<string> {
  const known = await controller.hypervisors();
  return lab.hypervisors.reduce((told, { address }, index) => {
    const key = known.find(({ node }) => node.address === address)?.key;
    return key === undefined ? told : told.replaceAll(key, `OVS/host-${index}`);
  }, text);
}

/** Traces the packet, over the flows or by a real one; waits where there were too many of those. */
export async function traced(world: ControllerWorld, packet: TracedPacket, mode: "held" | "live"): Promise<TraceView> {
  const { from, protocol = "icmp", claim, size } = packet;
  const body = {
    from: from.portId,
    to: addressOf(packet),
    protocol,
    mode,
    ...claim,
    ...(size !== undefined && { size }),
  };
  return until(
    "a trace that is allowed",
    async () => {
      const response = await world.controller.request("POST", "/api/v1/trace", body);
      const text = await response.text();
      if (response.ok) return JSON.parse(await withLabNames(world, text)) as TraceView;
      if (response.status === 429) return undefined;
      throw new LoomstackError("LAB__API_REFUSED", { call: `trace ${mode}`, status: response.status, text });
    },
    { timeoutMs: 5_000, pauseMs: 200 },
  );
}

/** Whether one real ping from the guest is answered. */
export async function pings(packet: TracedPacket): Promise<boolean> {
  const { from, claim, size } = packet;
  const large = size === undefined ? [] : ["-M", "do", "-s", String(size - echoHeaders)];
  const source = claim?.sourceIp === undefined ? [] : ["-I", claim.sourceIp];
  const ping = await from.run("ping", ["-c", "1", "-W", "1", ...large, ...source, addressOf(packet)]);
  return parsePing(ping.stdout).received === 1;
}

/** On each hypervisor that the trace meets, ovs-vswitchd itself outputs the packet exactly where the trace does. */
export async function agreesWithOfproto({ lab }: ControllerWorld, { steps }: TraceView): Promise<void> {
  for (const [key, [first, ...rest]] of Map.groupBy(steps, ({ hypervisor }) => hypervisor)) {
    if (first === undefined) continue;
    const hypervisor = hypervisorAt(lab, Number(key.replace("OVS/host-", "")));
    const said = await hypervisor.appctl("ofproto/trace", first.bridge, first.packet);
    const actions = /^Datapath actions: (.*)$/m.exec(said)?.[1] ?? said;
    const isOutput = (rest.at(-1) ?? first).remarks.some((remark) => /^(output|sent back) to /.test(remark));
    expect([key, actions !== "drop"]).toEqual([key, isOutput]);
  }
}

export interface Expected {
  readonly reached: boolean;
  /** What the verdicts of both modes say. */
  readonly held: RegExp;
  readonly live?: RegExp;
}

/** Both modes, ovs-vswitchd and a real ping say the same of a packet. */
export async function agree(world: ControllerWorld, packet: TracedPacket, expected: Expected): Promise<void> {
  const held = await traced(world, packet, "held");
  expect(held).toMatchObject({ reached: expected.reached, verdict: expect.stringMatching(expected.held) as string });
  await agreesWithOfproto(world, held);
  const live = await traced(world, packet, "live");
  const verdict = expect.stringMatching(expected.live ?? expected.held) as string;
  expect(live).toMatchObject({ reached: expected.reached, verdict });
  expect(live.live?.answered === true).toBe(expected.reached);
  expect(await pings(packet)).toBe(expected.reached);
}

/** No flow of a live trace is left on a hypervisor. */
export async function isUnwatched(hypervisor: LabHypervisor): Promise<boolean> {
  const flows = await Promise.all(["br-int", "br-tun"].map((bridge) => hypervisor.ofctl("dump-flows", bridge)));
  return !flows.join("").includes("cookie=0x4c54");
}
