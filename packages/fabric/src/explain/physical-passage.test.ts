import type { Ip } from "@loomstack/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, until, withOpenVSwitch } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { ip, untilActive, joinPhysicalNetwork, mac, mappings, ping } from "./physical-network-under-test.ts";
import { TracedHypervisors } from "./traced-hypervisors-under-test.ts";

const unseen = "what becomes of it in physical network phys1, with VLAN 100 from system-a to system-b can't be seen";

describe.skipIf(isMissing)(
  `tracing packets through a physical network, ${withOpenVSwitch}`,
  { timeout: 30_000 },
  () => {
    let hypervisors: TracedHypervisors;
    let b: OpenVSwitchUnderTest;

    beforeAll(async () => {
      hypervisors = await TracedHypervisors.start();
      ({ b } = hypervisors);
      await joinPhysicalNetwork(hypervisors);
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
      await b.vsctl("set", "Open_vSwitch", ".", mappings);
      await untilActive(hypervisors, 22);
      expect((await hypervisors.trace(ping(ip(22)))).reached).toBe(true);
    });
  },
);
