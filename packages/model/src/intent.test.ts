import { isLoomstackError, parseIpv4, parseMac, type Revision } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { setBinding } from "./binding.ts";
import { applyCommit, loadIntent } from "./intent.ts";
import { createNetwork, deleteNetwork, updateNetwork } from "./network.ts";
import { deleteNode, upsertNode } from "./node.ts";
import { createPort, deletePort, updatePort } from "./port.ts";
import type { Commit, Tx } from "./store.ts";
import {
  addNetwork,
  addPort,
  addSubnet,
  dump,
  newNetwork,
  newPort,
  newSubnet,
  refusal,
  temporaryStore,
  uuid,
} from "./store-under-test.ts";
import { createSubnet, deleteSubnet, updateSubnet } from "./subnet-changes.ts";
import { setTunnelEndpoint } from "./tunnel-endpoint.ts";

/** Hundreds of transactions, each on disk, take their time on a busy machine. */
const slow = { timeout: 60_000 };

// Few ids and addresses, so that most sequences meet: things are made twice, used, and deleted while in use.
const network = fc.integer({ min: 1, max: 3 });
const subnet = fc.integer({ min: 11, max: 14 });
const port = fc.integer({ min: 21, max: 26 });
const name = fc.constantFrom("red", "green", "blue");
const mac = fc.integer({ min: 1, max: 5 }).map((last) => parseMac(`02:00:00:00:00:0${last}`));
const address = fc.integer({ min: 0, max: 8 }).map((last) => parseIpv4(`10.1.0.${last}`));
const fixedIps = fc.array(
  fc.oneof(
    fc.record({ ipAddress: address }),
    fc.record({ subnetId: subnet.map(uuid) }),
    fc.record({ subnetId: subnet.map(uuid), ipAddress: address }),
  ),
  { maxLength: 3 },
);
const owner = fc.constantFrom("", "network:router_interface");

type Operation = (tx: Tx) => Promise<unknown>;

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(network, fc.option(fc.integer({ min: -1, max: 3 }))).map(
    ([id, segmentationId]): Operation =>
      (tx) =>
        createNetwork(tx, newNetwork(id, { segmentationId })),
  ),
  fc.tuple(network, name).map(
    ([id, to]): Operation =>
      (tx) =>
        updateNetwork(tx, uuid(id), { name: to }),
  ),
  network.map(
    (id): Operation =>
      (tx) =>
        deleteNetwork(tx, uuid(id)),
  ),
  fc.tuple(subnet, network, fc.constantFrom("10.1.0.0/29", "10.1.0.0/30", "10.1.0.8/29"), fc.option(address)).map(
    ([id, on, cidr, gatewayIp]): Operation =>
      (tx) =>
        createSubnet(tx, newSubnet(id, on, { cidr, gatewayIp })),
  ),
  fc.tuple(subnet, fc.option(address)).map(
    ([id, gatewayIp]): Operation =>
      (tx) =>
        updateSubnet(tx, uuid(id), { gatewayIp }),
  ),
  subnet.map(
    (id): Operation =>
      (tx) =>
        deleteSubnet(tx, uuid(id)),
  ),
  fc.tuple(port, network, mac, fc.option(fixedIps, { nil: undefined }), owner).map(
    ([id, on, macAddress, wanted, deviceOwner]): Operation =>
      (tx) =>
        createPort(tx, newPort(id, on, { macAddress, deviceOwner, ...(wanted && { fixedIps: wanted }) })),
  ),
  fc.tuple(port, mac, fixedIps, owner).map(
    ([id, macAddress, wanted, deviceOwner]): Operation =>
      (tx) =>
        updatePort(tx, uuid(id), { macAddress, fixedIps: wanted, deviceOwner }),
  ),
  port.map(
    (id): Operation =>
      (tx) =>
        deletePort(tx, uuid(id)),
  ),
  fc.tuple(name, address).map(
    ([id, at]): Operation =>
      (tx) =>
        upsertNode(tx, { systemId: id, type: "OVS", id, address: at, port: 6640, certificate: null }),
  ),
  name.map(
    (id): Operation =>
      (tx) =>
        deleteNode(tx, id),
  ),
  fc
    .tuple(
      port,
      fc.option(fc.record({ nodeKey: name, arrivingAt: fc.option(name, { nil: undefined }) }), { nil: undefined }),
    )
    .map(
      ([id, at]): Operation =>
        (tx) =>
          setBinding(tx, uuid(id), at),
    ),
  fc.tuple(name, fc.option(address, { nil: undefined })).map(
    ([at, end]): Operation =>
      (tx) =>
        setTunnelEndpoint(tx, at, end),
  ),
);

test(
  "intent that follows the commits is intent as loaded, a refused transaction changes nothing, and addresses are unique",
  slow,
  async () => {
    let accepted = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(operation, { minLength: 1, maxLength: 3 }), { minLength: 5, maxLength: 25 }),
        async (transactions) => {
          await using store = await temporaryStore();
          const followed = await loadIntent(store);
          let told = 0;
          using _ = store.commits.add((commit) => {
            told += 1;
            applyCommit(followed, commit);
          });
          for (const operations of transactions) {
            const before = { dump: await dump(store), told, revision: store.revision() };
            try {
              await store.transact(async (tx) => {
                for (const each of operations) await each(tx);
              });
              accepted += 1;
            } catch (error) {
              if (!isLoomstackError(error) || error.blame !== "caller") throw error;
              refused += 1;
              expect({ dump: await dump(store), told, revision: store.revision() }).toEqual(before);
            }
            const loaded = await loadIntent(store);
            expect(followed).toEqual(loaded);
            for (const ports of Map.groupBy(loaded.ports.values(), ({ networkId }) => networkId).values()) {
              const macs = ports.map(({ macAddress }) => macAddress);
              const ips = ports.flatMap((each) => each.fixedIps.map(({ ipAddress }) => ipAddress));
              expect([new Set(macs).size, new Set(ips).size]).toEqual([macs.length, ips.length]);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
    // Neither side of the property is empty.
    expect([accepted > 20, refused > 20]).toEqual([true, true]);
  },
);

test("a commit that is included in what was loaded is passed over", async () => {
  await using store = await temporaryStore();
  const commits: Commit[] = [];
  using _ = store.commits.add((commit) => commits.push(commit));
  await addNetwork(store, 1);
  await addSubnet(store, 3, 1);
  await addPort(store, 2, 1);
  const intent = await loadIntent(store);
  for (const commit of commits) applyCommit(intent, commit);
  expect(intent).toEqual(await loadIntent(store));
  expect(intent.subnetsByNetwork).toEqual(new Map([[uuid(1), new Set([uuid(3)])]]));
  expect(intent.portsByNetwork).toEqual(new Map([[uuid(1), new Set([uuid(2)])]]));
});

test("a commit that was missed is noticed", async () => {
  await using store = await temporaryStore();
  const intent = await loadIntent(store);
  const missed = refusal(Promise.resolve().then(() => applyCommit(intent, { revision: 2 as Revision, changes: [] })));
  expect(await missed).toMatchObject({ code: "MODEL__REVISION_MISSED", blame: "bug" });
});
