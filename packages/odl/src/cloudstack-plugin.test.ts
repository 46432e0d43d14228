/**
 * What CloudStack's OpenDaylight plug-in sends in the life of a network, over a real connection, in its order and with
 * its quirks.
 */
import { isUuid } from "@loomstack/core";
import { upsertNode } from "@loomstack/model";
import { expect, test } from "vitest";
import { basic, connections, down, neutron, type OdlUnderTest, odlUnderTest, statusOf } from "./odl-under-test.ts";

const networkId = "3f9d8a62-55f5-4b1f-b2c5-0e8a1f6f7a11";
const hostId = "b6f0a9c4-3c57-49d1-9a55-0c0b53a3cf0e";
const nics = ["7be2a5be-7c0f-4b3c-8d2f-1d6f0c1c8b01", "7be2a5be-7c0f-4b3c-8d2f-1d6f0c1c8b02"];
const json = { "content-type": "application/json" };

interface Exchange {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

/**
 * Like Action.java: preemptive Basic, no Accept, JSON announced except on the body-less PUT; anything but `expected` is
 * a failure.
 */
function pluginFor(
  base: string,
): (method: string, path: string, expected: number, body?: unknown) => Promise<Exchange> {
  return async (method, path, expected, body) => {
    const headers = { authorization: basic("admin", "secret"), ...((body !== undefined || method !== "PUT") && json) };
    const answer = await fetch(base + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([expected, expect.anything()]);
    const type = answer.headers.get("content-type");
    return {
      status: answer.status,
      type,
      body: type?.startsWith("application/json") ? (JSON.parse(text) as unknown) : text,
    };
  };
}

async function listening(): Promise<{ odl: OdlUnderTest; base: string }> {
  const odl: OdlUnderTest = await odlUnderTest({
    hypervisors: {
      async connect(node) {
        const status = statusOf(node);
        await odl.store.transact((tx) => upsertNode(tx, { ...node, systemId: status.key, certificate: null }));
        return status;
      },
      list: () => [],
    },
    realised: { port: () => down },
  });
  return { odl, base: await odl.app.listen({ host: "127.0.0.1", port: 0 }) };
}

function portBody(nic: string, index: number): unknown {
  return {
    port: {
      id: nic,
      name: nic,
      tenant_id: "acct",
      network_id: networkId,
      mac_address: `02:00:4c:5f:00:0${index + 1}`,
      device_id: "5a2fd1e4-95c9-4f0c-9a0e-6a4c2c1d0e0f",
      admin_state_up: true,
      status: "ACTIVE",
      fixed_ips: [],
    },
  };
}

test("a network's life, from the first instance's start to the last one's end", async () => {
  const { odl, base } = await listening();
  await using _ = odl;
  const plugin = pluginFor(base);

  // implement: the plug-in reads every network's segmentation id as an int, and makes its own of a random one.
  expect((await plugin("GET", `${neutron}/networks`, 200)).body).toEqual({ networks: [] });
  const segmentation = { "provider:network_type": "gre", "provider:segmentation_id": -1_840_700_269 };
  const network = { id: networkId, name: "guest", shared: false, tenant_id: "acct", ...segmentation };
  expect((await plugin("POST", `${neutron}/networks`, 201, { network })).body).toMatchObject({
    network: { id: networkId, ...segmentation },
  });

  // reserve, for each NIC: what it takes for a list of nodes, the host, the port.
  for (const [index, nic] of nics.entries()) {
    expect((await plugin("GET", `${neutron}/ports`, 200)).body).toMatchObject({
      ports: nics.slice(0, index).map((id) => ({ id })),
    });
    const node = await plugin("PUT", `${connections}/node/OVS/${hostId}/address/10.9.0.1/port/6640`, 200);
    expect(node.body).toEqual({ id: hostId, type: "OVS" });
    const { body } = await plugin("POST", `${neutron}/ports`, 201, portBody(nic, index));
    expect(body).toMatchObject({ port: { id: nic, fixed_ips: [] } });
    const { port } = body as { port: Record<string, string> };
    for (const member of ["id", "network_id", "device_id"]) expect(isUuid(port[member] ?? "")).toBe(true);
  }
  const { networks } = (await plugin("GET", `${neutron}/networks`, 200)).body as {
    networks: Record<string, unknown>[];
  };
  expect(networks.map((each) => each["provider:segmentation_id"])).toEqual([-1_840_700_269]);

  // A second network of the same random number, as its collision loop may leave it.
  const twin = { ...network, id: "3f9d8a62-55f5-4b1f-b2c5-0e8a1f6f7a12" };
  await plugin("POST", `${neutron}/networks`, 201, { network: twin });
  await plugin("DELETE", `${neutron}/networks/${twin.id}`, 204);

  // release and shutdown.
  for (const nic of nics) await plugin("DELETE", `${neutron}/ports/${nic}`, 204);
  await plugin("DELETE", `${neutron}/networks/${networkId}`, 204);
  expect((await plugin("GET", `${neutron}/ports`, 200)).body).toEqual({ ports: [] });
  // Nodes are never disconnected.
  expect((await plugin("GET", `${connections}/nodes`, 200)).body).toEqual({ node: [{ type: "OVS", id: hostId }] });
});

test("a refusal comes as text/html exactly, which is the only body that the plug-in shows", async () => {
  const { odl, base } = await listening();
  await using _ = odl;
  const plugin = pluginFor(base);
  const refused = await plugin("POST", `${neutron}/ports`, 404, portBody(nics[0] ?? "", 0));
  expect(refused).toMatchObject({ type: "text/html", body: `there is no network ${networkId}` });
  expect((await plugin("DELETE", `${neutron}/networks/${networkId}`, 404)).type).toBe("text/html");
});
