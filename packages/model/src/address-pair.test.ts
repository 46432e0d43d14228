import { type Mac, parseMac } from "@loomstack/core";
import { expect, test } from "vitest";
import { type AddressPair, formatPairAddress, parsePairAddress } from "./address-pair.ts";
import { getPort, updatePort } from "./port.ts";
import { addNetwork, addPort, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

const pair = (address: string, mac?: string): AddressPair => ({
  macAddress: mac === undefined ? null : parseMac(mac),
  prefix: parsePairAddress(address),
});
const own = "02:00:00:00:00:03";

test.each(["10.0.0.1", "10.0.0.0/8", "2001:db8::1", "::/0"])("%s is told as it was given", (text) => {
  expect(formatPairAddress(parsePairAddress(text))).toBe(text);
});

test("a prefix of one address is told as an address", () => {
  expect(formatPairAddress(parsePairAddress("10.0.0.1/32"))).toBe("10.0.0.1");
});

test("pairs and port security are stored, changed and read back", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const allowedAddressPairs = [pair("10.0.0.0/24"), pair("2001:db8::1", "00:00:5e:00:01:01")];
  expect(await addPort(store, 3, 1, { allowedAddressPairs })).toMatchObject({ allowedAddressPairs });
  expect(await getPort(store.db, uuid(3))).toMatchObject({ portSecurityEnabled: true, allowedAddressPairs });
  const open = { portSecurityEnabled: false, allowedAddressPairs: [] };
  await store.transact((tx) => updatePort(tx, uuid(3), open));
  expect(await getPort(store.db, uuid(3))).toMatchObject(open);
});

test.each([
  ["one pair twice", [pair("10.0.0.1"), pair("10.0.0.1/32")], "MODEL__INVALID_ADDRESS_PAIR"],
  ["its own MAC in both ways", [pair("10.0.0.1"), pair("10.0.0.1", own)], "MODEL__INVALID_ADDRESS_PAIR"],
  ["a group MAC", [pair("10.0.0.1", "01:00:5e:00:00:01")], "MODEL__INVALID_ADDRESS_PAIR"],
  ["a MAC of zeros", [pair("10.0.0.1", "00:00:00:00:00:00")], "MODEL__INVALID_ADDRESS_PAIR"],
  ["a multicast address", [pair("ff02::1")], "MODEL__INVALID_ADDRESS_PAIR"],
  ["more than ten", Array.from({ length: 11 }, (_, index) => pair(`10.0.0.${index}`)), "MODEL__INVALID_ADDRESS_PAIR"],
])("pairs with %s are refused", async (_, allowedAddressPairs, code) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const before = await dump(store);
  expect((await refusal(addPort(store, 3, 1, { macAddress: own as Mac, allowedAddressPairs }))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test("pairs need port security, when it is switched off as well", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const allowedAddressPairs = [pair("10.0.0.1")];
  const open = addPort(store, 3, 1, { portSecurityEnabled: false, allowedAddressPairs });
  expect((await refusal(open)).code).toBe("MODEL__PORT_SECURITY_REQUIRED");
  await addPort(store, 3, 1, { allowedAddressPairs });
  const off = store.transact((tx) => updatePort(tx, uuid(3), { portSecurityEnabled: false }));
  expect((await refusal(off)).code).toBe("MODEL__PORT_SECURITY_REQUIRED");
});
