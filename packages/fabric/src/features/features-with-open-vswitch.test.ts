import { type Ip, type Mac, parseIp, type Uuid } from "@loomstack/core";
import { createNetwork, createPort, createSubnet, type NewPort, parsePairAddress } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, withOpenVSwitch } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";

const geneve = uuid(2);
let world: ControllerWorld;
let other: OpenVSwitchUnderTest;

beforeEach(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start();
  other = await world.startHost("system-b", "192.0.2.2");
  await world.store.transact(async (tx) => {
    const named = { name: "", tenantId: "" };
    const kind = { networkType: "geneve", segmentationId: null } as const;
    await createNetwork(tx, { id: geneve, ...named, shared: false, adminStateUp: true, ...kind });
    for (const [id, cidr] of [[uuid(3), "10.1.0.0/24"] as const, [uuid(4), "2001:db8::/64"] as const])
      await createSubnet(tx, { id, networkId: geneve, ...named, cidr, gatewayIp: null, enableDhcp: true });
  });
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

async function plugGuest(host: OpenVSwitchUnderTest, number: number, given: Partial<NewPort> = {}): Promise<Uuid> {
  const id = uuid(number);
  const macAddress = `02:00:00:00:00:${number}` as Mac;
  const device = { deviceId: "", deviceOwner: "", adminStateUp: true };
  await world.store.transact((tx) =>
    createPort(tx, { id, networkId: geneve, name: "", tenantId: "", macAddress, ...device, ...given }),
  );
  await world.plug(host, `tap${number}`, id);
  return id;
}

describe.skipIf(isMissing)(`every kind of flow, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("is taken by the switch as it was meant, over Geneve, and found again unchanged by a controller that starts anew", async () => {
    // As ovs-ctl writes it; of the other hypervisor's version nothing is known.
    await world.host.vsctl("--no-wait", "set", "Open_vSwitch", ".", "ovs_version=3.1.0");
    await world.connect("a", world.host);
    await world.connect("b", other);
    const pair = (address: string, macAddress: Mac | null = null) => ({
      macAddress,
      prefix: parsePairAddress(address),
    });
    const allowedAddressPairs = [
      ...[pair("10.1.0.77"), pair("10.8.0.0/16"), pair("0.0.0.0/0", "00:00:5e:00:01:07" as Mac)],
      ...[pair("2001:db8::77", "00:00:5e:00:02:07" as Mac), pair("2001:db8:8::/48"), pair("::/0")],
    ];
    await plugGuest(world.host, 11, { allowedAddressPairs });
    await plugGuest(world.host, 12, { portSecurityEnabled: false });
    await plugGuest(other, 13, {
      allowedAddressPairs,
      fixedIps: [{ ipAddress: parseIp("2001:db8::13") satisfies Ip }],
    });
    await plugGuest(other, 14, { fixedIps: [] });
    const confirmed = (): Promise<boolean> =>
      world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
    for (const [key, host] of [["system-a", world.host] as const, ["system-b", other] as const]) {
      await expect.poll(() => host.vsctl("get", "Interface", "loom-geneve", "type", "error")).toBe("geneve\n[]");
      await expect
        .poll(async () => (await host.flows("br-tun")).filter((flow) => flow.includes("tun_dst")).length)
        .toBeGreaterThan(2);
      expect(await confirmed()).toBe(true);
      expect(world.controller.hypervisors.flows(key).length).toBe((await world.flowsOf(host)).length);
    }
    const advertises = async (host: OpenVSwitchUnderTest): Promise<boolean> =>
      (await host.flows("br-int")).some((flow) => flow.includes("nd_options_type"));
    expect([await advertises(world.host), await advertises(other)]).toEqual([true, false]);
    const before = await Promise.all([world.host, other].map((host) => world.flowsOf(host)));
    await world.restart();
    for (const key of ["system-a", "system-b"]) await world.ready(key);
    expect(await confirmed()).toBe(true);
    for (const key of ["system-a", "system-b"])
      expect(world.status(key)?.counters).toMatchObject({ flowModsSent: 0, driftRepaired: 0 });
    expect(await Promise.all([world.host, other].map((host) => world.flowsOf(host)))).toEqual(before);
  });
});
