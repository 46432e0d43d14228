import { LoomstackError } from "@loomstack/core";
import type { PortTraffic } from "@loomstack/model";
import { expect, test } from "vitest";
import { apiUnderTest, uuid } from "./api-under-test.ts";

const counters = {
  ...{ rxPackets: "18446744073709551614", txPackets: "2", rxBytes: "3", txBytes: "4" },
  ...{ rxDropped: null, txDropped: "0", rxErrors: "0", txErrors: "0" },
};
const refused = { packets: "18446744073709551615", bytes: "6", since: 1_700_000_000_001 };
const port: PortTraffic = {
  port: uuid(1),
  hypervisor: "OVS/a",
  counters,
  since: 1_700_000_000_000,
  refused,
  reason: "",
};

test("the traffic of a port and of a network is told as it is, with all 64 bits", async () => {
  const network = { network: uuid(9), sum: counters, refused: { packets: "5", bytes: "6" }, ports: [port] };
  await using api = await apiUnderTest({
    traffic: { port: () => Promise.resolve(port), network: () => Promise.resolve(network) },
  });
  expect(await api.get(`/ports/${uuid(1)}/traffic`)).toMatchObject({ status: 200, body: port });
  expect(await api.get(`/networks/${uuid(9)}/traffic`)).toMatchObject({ status: 200, body: network });
});

test("a port that isn't there is answered 404, and what is no id 400", async () => {
  const missing = new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id: uuid(1) });
  await using api = await apiUnderTest({ traffic: { port: () => Promise.reject(missing) } });
  expect((await api.get(`/ports/${uuid(1)}/traffic`)).status).toBe(404);
  expect((await api.get("/ports/nothing/traffic")).status).toBe(400);
});
