import { type Ip, type Ipv4, type LocalVlan, type OfPort, parseMac } from "@loomstack/core";
import { type AddressPair, type Network, parsePairAddress } from "@loomstack/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Feature } from "../features/feature.ts";
import { features } from "../features/features.ts";
import { mac, uuid } from "../intent/intent-under-test.ts";
import type { LocalInventory } from "./hypervisor-plan.ts";
import { type Host, hosts, World } from "./world-under-test.ts";

const network = fc.integer({ min: 1, max: 3 });
const port = fc.integer({ min: 11, max: 18 });
const host = fc.constantFrom(...hosts);
const ofPort = fc.integer({ min: 10, max: 14 });
const address = fc
  .tuple(fc.constantFrom("10.0.0.", "2001:db8::"), fc.integer({ min: 1, max: 4 }))
  .map(([start, last]) => `${start}${last}` as Ip);
const fixedIps = fc
  .uniqueArray(address, { maxLength: 2 })
  .map((addresses) => addresses.map((ipAddress) => ({ subnetId: uuid(9), ipAddress })));

/** MAC addresses that several ports name, one that a port may have as its own, and the port's own. */
const pairMac = fc.option(fc.constantFrom(parseMac("00:00:5e:00:01:01"), parseMac("00:00:5e:00:01:02"), mac(12)));
const pair: fc.Arbitrary<AddressPair> = fc.record({
  macAddress: pairMac,
  prefix: fc.constantFrom("10.0.0.2", "10.0.0.0/24", "0.0.0.0/0", "2001:db8::2", "2001:db8::/64").map(parsePairAddress),
});
const encapsulation = fc.constantFrom("vxlan", "gre", "geneve");
const physicalNetwork = fc.constantFrom("physnet1", "physnet2");
/** What carries a network: half of the time a physical network. */
const segment: fc.Arbitrary<Partial<Network>> = fc.oneof(
  encapsulation.map((networkType) => ({ networkType, physicalNetwork: null, segmentationId: null })),
  fc.record({
    networkType: fc.constantFrom("vlan", "flat"),
    physicalNetwork,
    segmentationId: fc.constantFrom(100, 200),
  }),
);

const subnet = fc.integer({ min: 31, max: 34 });
const mode = fc.constantFrom("slaac" as const, "dhcpv6-stateful" as const, "dhcpv6-stateless" as const, null);

type Step = (world: World) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(network, fc.boolean(), segment).map(
    ([id, adminStateUp, carrier]) =>
      (world: World) =>
        world.putNetwork(id, { adminStateUp, ...carrier }),
  ),
  fc.tuple(network, fc.boolean()).map(
    ([id, learnsAddresses]) =>
      (world: World) =>
        world.putNetwork(id, { learnsAddresses }),
  ),
  fc.tuple(subnet, network, fc.record({ enableDhcp: fc.boolean(), ipv6RaMode: mode, ipv6AddressMode: mode })).map(
    ([id, networkId, change]) =>
      (world: World) =>
        world.putIpv6Subnet(id, networkId, change),
  ),
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        port,
        fc.record(
          // Addresses that several ports of a network have: the flows of both are the same ones.
          {
            networkId: network.map(uuid),
            adminStateUp: fc.boolean(),
            macAddress: port.map(mac),
            fixedIps,
            portSecurityEnabled: fc.boolean(),
            allowedAddressPairs: fc.array(pair, { maxLength: 2 }),
          },
          { requiredKeys: [] },
        ),
      )
      .map(
        ([id, change]) =>
          (world: World) =>
            world.putPort(id, change),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(port, fc.option(host, { nil: undefined }), fc.option(host, { nil: undefined })).map(
      ([id, at, arrivingAt]) =>
        (world: World) =>
          world.bind(id, at, arrivingAt),
    ),
  },
  fc.tuple(host, fc.option(fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3"), { nil: undefined })).map(
    ([at, end]) =>
      (world: World) =>
        world.putEndpoint(at, end as Ipv4 | undefined),
  ),
  fc.tuple(port, fc.uniqueArray(address, { maxLength: 2 })).map(
    ([id, addresses]) =>
      (world: World) =>
        world.learn(id, addresses),
  ),
  fc.oneof(network, port, subnet).map((id) => (world: World) => world.remove(id)),
  {
    weight: 2,
    arbitrary: fc.tuple(network, fc.record({ enableDhcp: fc.boolean() })).map(
      ([id, change]) =>
        (world: World) =>
          world.putSubnet(id, change),
    ),
  },
  {
    weight: 3,
    arbitrary: inventoryStep(fc.tuple(port, fc.option(ofPort, { nil: undefined })), (local, [id, at]) => ({
      ...local,
      interfaces: withEntry(local.interfaces, uuid(id), at as OfPort | undefined),
    })),
  },
  inventoryStep(
    fc.tuple(network, fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })),
    (local, [id, vlan]) => ({
      ...local,
      vlans: withEntry(local.vlans, uuid(id), vlan as LocalVlan | undefined),
    }),
  ),
  inventoryStep(
    fc.tuple(encapsulation, fc.option(fc.integer({ min: 2, max: 4 }), { nil: undefined })),
    (local, [type, at]) => ({
      ...local,
      tunnels: withEntry(local.tunnels, type, at as OfPort | undefined),
    }),
  ),
  inventoryStep(
    fc.tuple(physicalNetwork, fc.option(fc.integer({ min: 7, max: 8 }), { nil: undefined })),
    (local, [name, at]) => ({ ...local, uplinks: withEntry(local.uplinks, name, at as OfPort | undefined) }),
  ),
  inventoryStep(fc.boolean(), (local, advertisesNeighbours) => ({ ...local, advertisesNeighbours })),
  inventoryStep(fc.integer({ min: 5, max: 6 }), (local, at) => ({
    ...local,
    patch: { onInt: at as OfPort, onTun: at as OfPort },
  })),
);

function inventoryStep<T>(
  value: fc.Arbitrary<T>,
  change: (local: LocalInventory, value: T) => LocalInventory,
): fc.Arbitrary<Step> {
  return fc.tuple(host, value).map(([at, one]) => (world: World) => {
    const follower = world.follower(at);
    follower.local = change(follower.local, one);
  });
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

/** Thousands of computations take their time on a busy machine. */
const slow = { timeout: 60_000 };

/** A world where each hypervisor has ports of each network, so that most steps meet something. */
function inhabited(): World {
  const world = new World();
  for (const id of [1, 2]) world.putNetwork(id, {});
  world.putNetwork(3, { networkType: "vlan", physicalNetwork: "physnet1", segmentationId: 100 });
  for (const at of hosts) world.putEndpoint(at, `192.0.2.${hosts.indexOf(at) + 1}` as Ipv4);
  for (let id = 11; id <= 18; id++) {
    world.putPort(id, { networkId: uuid(1 + (id % 3)) });
    world.bind(id, hosts[Math.floor(id / 2) % 3]);
  }
  for (const at of hosts) {
    const follower = world.follower(at);
    const interfaces = new Map([11, 12, 13, 14, 15, 16, 17, 18].map((id) => [uuid(id), id as OfPort]));
    follower.local = { ...follower.local, interfaces };
  }
  return world;
}

/** What hypervisors compile after each step: all of them, or some now and the others later. */
const rounds = fc.array(fc.tuple(step, fc.oneof(fc.constant([...hosts]), fc.subarray([...hosts]))), {
  minLength: 10,
  maxLength: 60,
});

test(
  "after any changes, in any order, the flows are those that a computation from nothing gives, at every step",
  slow,
  () => {
    let flows = 0;
    fc.assert(
      fc.property(rounds, (sequence) => {
        const world = inhabited();
        for (const [change, compiling] of sequence) {
          change(world);
          for (const at of compiling) {
            const follower = world.follower(at);
            follower.settle();
            expect(follower.outcome()).toEqual(follower.fromNothing());
            flows += follower.plan.desired.size;
          }
        }
      }),
      { numRuns: 60 },
    );
    // Most of what is compared is not nothing.
    expect(flows).toBeGreaterThan(5_000);
  },
);

test("what happened to a network while a hypervisor had none of its ports counts when it has one again", () => {
  const world = inhabited();
  const follower = world.follower("OVS/a");
  follower.settle();
  const [here, elsewhere] = [...world.intent.bindings.values()]
    .filter(({ portId }) => world.intent.ports.get(portId)?.networkId === uuid(1))
    .reduce<[number[], number[]]>(
      ([a, b], { portId, nodeKey }) => {
        (nodeKey === "OVS/a" ? a : b).push(Number(portId.slice(-2)));
        return [a, b];
      },
      [[], []],
    );
  for (const id of here) world.bind(id, undefined);
  world.bind(elsewhere[0] ?? 0, undefined);
  for (const id of here) world.bind(id, "OVS/a");
  follower.settle();
  expect(follower.outcome()).toEqual(follower.fromNothing());
});

/** The features, with how often they were asked. */
function counted(): { readonly features: readonly Feature[]; readonly asked: () => number } {
  let asked = 0;
  const counting = features.map(
    (feature) =>
      new Proxy(feature, {
        get: (target, name): unknown => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value === "function") asked += 1;
          return value;
        },
      }),
  );
  return { features: counting, asked: () => asked };
}

test.each([
  ["on this hypervisor", "OVS/a"],
  ["on another one", "OVS/b"],
] as const)("one more port %s asks for as much in a network of 1,000 ports as in one of 10", (_, at) => {
  const costs = [10, 1_000].map((ports) => {
    const { features: followed, asked } = counted();
    const world = new World(followed);
    world.putNetwork(1, {});
    for (const host of hosts) world.putEndpoint(host, `192.0.2.${hosts.indexOf(host) + 1}` as Ipv4);
    const follower = world.follower("OVS/a");
    const interfaces = new Map(
      Array.from({ length: ports + 1 }, (__, index) => [uuid(100 + index), (10 + index) as OfPort]),
    );
    follower.local = { ...follower.local, interfaces };
    const plug = (index: number, on: Host): void => {
      world.putPort(100 + index, {});
      world.bind(100 + index, on);
    };
    for (let index = 0; index < ports; index++) plug(index, index % 2 === 0 ? "OVS/a" : "OVS/b");
    follower.settle();
    const before = asked();
    plug(ports, at);
    follower.settle();
    return asked() - before;
  });
  expect(costs[0]).toBeGreaterThan(0);
  expect(costs[1]).toBe(costs[0]);
});
