import { parseIp } from "@loomstack/core";
import { expect, test } from "vitest";
import { listSubnets } from "./subnet.ts";
import { addNetwork, addSubnet, refusal, temporaryStore, uuid } from "./store-under-test.ts";

const route = (destination: string, nextHop = "10.1.0.7") => ({ destination, nextHop: parseIp(nextHop) });
const many = (count: number) => Array.from({ length: count }, (_, n) => route(`10.9.${n}.0/24`));

test.each([
  ["several ways to one destination", { hostRoutes: [route("10.9.0.0/16"), route("10.9.0.0/16", "10.1.0.8")] }],
  ["as many as Neutron takes", { hostRoutes: many(20) }],
  ["the default route of a subnet without a gateway", { gatewayIp: null, hostRoutes: [route("0.0.0.0/0")] }],
])("a subnet keeps its routes: %s", async (_, change) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1, change);
  expect(await listSubnets(store.db, uuid(1))).toMatchObject([{ hostRoutes: change.hostRoutes }]);
});

const byTwo = [route("0.0.0.0/0"), route("0.0.0.0/0", "10.1.0.8")];

test.each([
  ["one too many", { hostRoutes: many(21) }, "more than 20"],
  ["one twice", { hostRoutes: [route("10.9.0.0/16"), route("10.9.0.0/16")] }, "twice"],
  ["a destination of IPv6", { hostRoutes: [route("2001:db8::/32")] }, "of IPv4"],
  ["a next hop of IPv6", { hostRoutes: [route("10.9.0.0/16", "2001:db8::1")] }, "of IPv4"],
  ["a default route beside the gateway", { hostRoutes: [route("0.0.0.0/0")] }, "by gateway_ip 10.1.0.1"],
  ["two default routes", { gatewayIp: null, hostRoutes: byTwo }, "there is a default route"],
  ["a subnet of IPv6", { cidr: "2001:db8::/64", gatewayIp: null, hostRoutes: [route("10.9.0.0/16")] }, "of IPv6"],
])("routes that guests can't be told are refused: %s", async (_, change, reason) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const refused = await refusal(addSubnet(store, 2, 1, change));
  expect(refused).toMatchObject({ code: "MODEL__INVALID_HOST_ROUTE" });
  expect(String(refused)).toContain(reason);
});
