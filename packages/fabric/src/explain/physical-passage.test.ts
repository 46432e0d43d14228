import type { Ip, Mac, Uuid } from "@loomstack/core";
import { createNetwork, createPort, createSubnet, type TraceRequest } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, until, withOpenVSwitch } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { TracedHypervisors } from "./traced-hypervisors-under-test.ts";

const mappings = "external_ids:loomstack-bridge-mappings";
const vlan = uuid(100);
const ip = (n: number): Ip => `10.1.0.${n}` as Ip;
const mac = (n: number): Mac => `02:00:00:00:01:${n}` as Mac;
const ping = (to: Ip | Mac, change: Partial<TraceRequest> = {}): TraceRequest => ({
  from: uuid(21),
  to,
  protocol: { name: "icmp" },
  ...change,
});
const unseen = "what becomes of it in physical network phys1, with VLAN 100 from system-a to system-b can't be seen";

describe.skipIf(isMissing)(
  `tracing packets through a physical network, ${withOpenVSwitch}`,
  { timeout: 30_000 },
  () => {
    let hypervisors: TracedHypervisors;
    let b: OpenVSwitchUnderTest;
    const isActive = (id: Uuid): Promise<unknown> =>
      until(() => hypervisors.world.controller.realised.port(id).status === "ACTIVE");

    beforeAll(async () => {
      hypervisors = await TracedHypervisors.start();
      const { world, a } = hypervisors;
      ({ b } = hypervisors);
      for (const host of [a, b])
        await host.vsctl("add-br", "br-ex", "--", "set", "Open_vSwitch", ".", `${mappings}="phys1:br-ex"`);
      const common = { name: "", tenantId: "" };
      await world.store.transact(async (tx) => {
        const provider = { networkType: "vlan", physicalNetwork: "phys1", segmentationId: 100 } as const;
        await createNetwork(tx, { id: vlan, ...common, shared: false, adminStateUp: true, ...provider });
        const range = { cidr: "10.1.0.0/24", gatewayIp: null, enableDhcp: false };
        await createSubnet(tx, { id: uuid(101), networkId: vlan, ...common, ...range });
      });
      for (const [n, host] of [
        [21, a],
        [22, b],
        [23, a],
      ] as const) {
        const port = {
          id: uuid(n),
          networkId: vlan,
          macAddress: mac(n),
          adminStateUp: true,
          fixedIps: [{ ipAddress: ip(n) }],
        };
        await world.store.transact((tx) => createPort(tx, { ...common, deviceId: "", deviceOwner: "", ...port }));
        await world.plug(host, `tap${n}`, uuid(n));
      }
      for (const n of [21, 22, 23]) await isActive(uuid(n));
    }, 30_000);
    afterAll(async () => hypervisors[Symbol.asyncDispose]());

    test("a packet for a guest elsewhere goes on where the guest is, and what can't be seen is told", async () => {
      const trace = await hypervisors.trace(ping(ip(22)));
      expect(trace).toMatchObject({
        reached: true,
        verdict: `the packet is output to port ${uuid(22)} on system-b, br-int (tap22); ${unseen}`,
      });
      expect(trace.steps.map(({ hypervisor, table }) => `${hypervisor} ${table}`)).toEqual([
        ...["classify", "portSecurity", "arpResponder", "services", "forward"].map((table) => `system-a ${table}`),
        ...["system-b classify", "system-b forward"],
      ]);
      await hypervisors.compare(trace);
    });

    test("a packet for all is for those here, those elsewhere, and whoever is outside", async () => {
      const trace = await hypervisors.trace(ping("255.255.255.255" as Ip));
      expect(trace).toMatchObject({
        reached: true,
        verdict: expect.stringMatching(
          /tap23\) and output to port \S+22 on system-b, br-int \(tap22\); what/,
        ) as string,
      });
      expect(trace.ends.map(({ kind }) => kind).sort()).toEqual(["delivered", "delivered", "outside"]);
      await hypervisors.compare(trace);
    });

    test("a packet for nobody that we know leaves, and gets to nobody that we know", async () => {
      expect(await hypervisors.trace(ping(mac(99)))).toMatchObject({
        reached: false,
        verdict: expect.stringMatching(/leaves system-a towards physical network phys1, with VLAN 100, by/) as string,
      });
    });

    test("where the other hypervisor is not joined with the physical network any more, the packet ends there", async () => {
      await b.vsctl("remove", "Open_vSwitch", ".", "external_ids", "loomstack-bridge-mappings");
      await until(() => hypervisors.world.controller.realised.port(uuid(22)).status === "DOWN");
      await until(async () => !(await b.vsctl("list-ports", "br-int")).includes("loom-to-phys1"));
      const trace = await hypervisors.trace(ping(ip(22)));
      expect(trace).toMatchObject({
        reached: false,
        verdict:
          "dropped on system-b, br-int: it has no patch to physical network phys1, which the packet was sent into",
      });
      await b.vsctl("set", "Open_vSwitch", ".", `${mappings}="phys1:br-ex"`);
      await isActive(uuid(22));
      expect((await hypervisors.trace(ping(ip(22)))).reached).toBe(true);
    });
  },
);
