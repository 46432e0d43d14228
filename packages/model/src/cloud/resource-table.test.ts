import { parseCidr, parseIpv4, parseMac } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { refusal, temporaryStore, uuid } from "../store-under-test.ts";
import type { Store } from "../store.ts";
import { freeSegmentationId, type GuestNetwork, guestNetworks } from "./guest-network.ts";
import { type Zone, zones } from "./infrastructure.ts";
import { type Instance, instances, nextInstanceNumber } from "./instance.ts";
import { freeAddress, type Nic, nics } from "./nic.ts";
import { networkOfferings, serviceOfferings, templates } from "./offering.ts";
import { physicalNetworks } from "./physical-network.ts";

const zone: Zone = {
  id: uuid(1),
  name: "z",
  networkType: "Advanced",
  dns1: "192.0.2.53",
  internalDns1: "192.0.2.53",
  guestCidr: "10.1.1.0/24",
  allocationState: "Enabled",
  createdAt: 5,
};

const network: GuestNetwork = {
  id: uuid(2),
  name: "n",
  displayText: "n",
  account: "a",
  zoneId: zone.id,
  physicalNetworkId: uuid(3),
  networkOfferingId: uuid(4),
  cidr: "10.1.1.0/29",
  gateway: parseIpv4("10.1.1.3"),
  mtu: 1450,
  subnetId: uuid(5),
  segmentationId: null,
  controllerId: null,
  state: "Allocated",
  stateReason: "",
  idleSince: null,
  createdAt: 5,
};

const instance: Instance = {
  id: uuid(6),
  name: "i",
  displayName: "i",
  number: 1,
  account: "a",
  zoneId: zone.id,
  serviceOfferingId: uuid(7),
  templateId: uuid(8),
  cpuNumber: 1,
  memoryMib: 128,
  hostId: null,
  lastHostId: null,
  state: "Stopped",
  stateReason: "",
  destroyedAt: null,
  createdAt: 5,
};

function nic(number: number, ipAddress: string): Nic {
  return {
    id: uuid(100 + number),
    instanceId: instance.id,
    networkId: network.id,
    deviceIndex: number,
    macAddress: parseMac(`02:00:00:00:00:0${number}`),
    ipAddress: parseIpv4(ipAddress),
    isDefault: number === 0,
    portState: "none",
    discarded: false,
    createdAt: 5,
  };
}

/** A store with a network and an instance. */
async function furnished(): Promise<Store> {
  const store = await temporaryStore();
  await store.transact(async (tx) => {
    await zones.insert(tx, zone);
    await physicalNetworks.insert(tx, {
      id: uuid(3),
      zoneId: zone.id,
      name: "p",
      isolationMethods: ["ODL"],
      state: "Enabled",
      createdAt: 5,
    });
    const offering = { name: "o", displayText: "o", createdAt: 5 };
    const isolated = {
      guestIpType: "Isolated",
      trafficType: "Guest",
      availability: "Optional",
      state: "Enabled",
    } as const;
    await networkOfferings.insert(tx, {
      ...offering,
      ...isolated,
      id: uuid(4),
      services: { Connectivity: "Opendaylight" },
    });
    await serviceOfferings.insert(tx, { ...offering, id: uuid(7), cpuNumber: 1, cpuSpeedMhz: 1, memoryMib: 128 });
    const files = { kernelUrl: "file:///k", initrdUrl: "file:///i", commandLine: "" };
    await templates.insert(tx, {
      ...offering,
      ...files,
      id: uuid(8),
      account: "a",
      format: "KERNEL",
      hypervisor: "KVM",
    });
    await guestNetworks.insert(tx, network);
    await instances.insert(tx, instance);
  });
  return store;
}

describe("a resource", () => {
  test("comes back as it was put in, whatever its columns are", async () => {
    await using store = await furnished();
    expect(await guestNetworks.get(store.db, network.id)).toEqual(network);
    expect(await physicalNetworks.get(store.db, uuid(3))).toMatchObject({ isolationMethods: ["ODL"] });
    await store.transact((tx) => nics.insert(tx, nic(0, "10.1.1.1")));
    expect(await nics.list(store.db)).toEqual([nic(0, "10.1.1.1")]);
  });

  test("tells what it was and what it is when it changes", async () => {
    await using store = await furnished();
    const told: unknown[] = [];
    using _ = store.commits.add(({ changes }) => void told.push(...changes));
    await store.transact((tx) => guestNetworks.update(tx, network.id, { state: "Implementing", segmentationId: 7 }));
    expect(told).toEqual([
      {
        resource: "guestNetwork",
        id: network.id,
        before: network,
        after: { ...network, state: "Implementing", segmentationId: 7 },
      },
    ]);
  });

  test("is found by any of its properties, null included", async () => {
    await using store = await furnished();
    expect(await guestNetworks.list(store.db, { controllerId: null, state: "Allocated" })).toEqual([network]);
    expect(await guestNetworks.list(store.db, { segmentationId: 1 })).toEqual([]);
  });

  test("isn't there twice under one name", async () => {
    await using store = await furnished();
    const error = await refusal(store.transact((tx) => zones.insert(tx, { ...zone, id: uuid(9) })));
    expect(error.message).toBe("there is a zone named z already; choose another name");
  });

  test("can't go while another names it, and its absence is no error", async () => {
    await using store = await furnished();
    expect(await refusal(store.transact((tx) => zones.remove(tx, zone.id)))).toMatchObject({ code: "MODEL__IN_USE" });
    await store.transact((tx) => zones.remove(tx, uuid(99)));
    expect(await refusal(zones.get(store.db, uuid(99)))).toMatchObject({ code: "MODEL__NOT_FOUND" });
  });
});

describe("a NIC", () => {
  test("can't have an address or a MAC address that another has", async () => {
    await using store = await furnished();
    await store.transact((tx) => nics.insert(tx, nic(0, "10.1.1.1")));
    const address = await refusal(store.transact((tx) => nics.insert(tx, nic(1, "10.1.1.1"))));
    expect(address.message).toContain("the IP address 10.1.1.1 is used by another instance");
    const mac = await refusal(
      store.transact((tx) => nics.insert(tx, { ...nic(1, "10.1.1.2"), macAddress: nic(0, "10.1.1.1").macAddress })),
    );
    expect(mac).toMatchObject({ code: "CLOUD__MAC_IN_USE" });
  });

  test("gets the lowest address that is free, past the gateway, until there is none", async () => {
    await using store = await furnished();
    const given: string[] = [];
    for (const number of [0, 1, 2, 3, 4]) {
      await store.transact(async (tx) => {
        const address = await freeAddress(tx.db, network.id, parseCidr(network.cidr), network.gateway);
        given.push(address);
        await nics.insert(tx, nic(number, address));
      });
    }
    expect(given).toEqual(["10.1.1.1", "10.1.1.2", "10.1.1.4", "10.1.1.5", "10.1.1.6"]);
    const full = await refusal(freeAddress(store.db, network.id, parseCidr(network.cidr), network.gateway));
    expect(full).toMatchObject({ code: "CLOUD__ADDRESSES_EXHAUSTED" });
    await store.transact((tx) => nics.remove(tx, nic(1, "10.1.1.2").id));
    expect(await freeAddress(store.db, network.id, parseCidr(network.cidr), network.gateway)).toBe("10.1.1.2");
  });
});

test("segments are given from 1 on, and given again when they are free", async () => {
  await using store = await furnished();
  const other = { ...network, id: uuid(20), subnetId: uuid(21) };
  await store.transact(async (tx) => {
    await guestNetworks.insert(tx, { ...other, segmentationId: 1 });
    expect(await freeSegmentationId(tx.db, network.physicalNetworkId)).toBe(2);
    await guestNetworks.update(tx, network.id, { segmentationId: 2 });
    await guestNetworks.update(tx, other.id, { segmentationId: null });
    expect(await freeSegmentationId(tx.db, network.physicalNetworkId)).toBe(1);
  });
});

test("an instance's number is never given twice", async () => {
  await using store = await furnished();
  const next = async (): Promise<number> => (await store.transact((tx) => nextInstanceNumber(tx))).result;
  expect([await next(), await next()]).toEqual([1, 2]);
});
