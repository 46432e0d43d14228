import type { Ipv4 } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { message } from "../services/dhcpv4/dhcp-under-test.ts";
import { LeaseWatch } from "./lease-watch.ts";

const port = uuid(11);
const address = "10.0.0.50" as Ipv4;
const answer = (type: "ack" | "nak" | "offer", leaseTime: readonly number[] = [0, 0, 0, 60], transactionId = 7) =>
  message(type, { leaseTime }, { operation: 2, yourAddress: address, transactionId });
const asks = (type: "discover" | "request" | "inform" = "request") => message(type, {}, { transactionId: 7 });
let clock: FakeClock;
let watch: LeaseWatch;

beforeEach(() => {
  clock = new FakeClock();
  watch = new LeaseWatch(clock);
});

test("who is given what it has asked for has it as long as its lease is", () => {
  expect(watch.heardGuest(port, asks())).toBeUndefined();
  expect(watch.heardServer(port, answer("offer"))).toBeUndefined();
  const given = { kind: "given", address, expiresAtMs: clock.now() + 60_000 };
  expect(watch.heardServer(port, answer("ack"))).toEqual(given);
  watch.heardGuest(port, asks("discover"));
  expect(watch.heardServer(port, answer("ack", [255, 255, 255, 255]))).toEqual({ ...given, expiresAtMs: null });
});

test("what nobody has asked for, what another has, or what comes twice or too late, is nothing", () => {
  expect(watch.heardServer(port, answer("ack"))).toBeUndefined();
  watch.heardGuest(port, asks("inform"));
  expect(watch.heardServer(port, answer("ack"))).toBeUndefined();
  watch.heardGuest(uuid(12), asks());
  expect(watch.heardServer(port, answer("ack"))).toBeUndefined();
  watch.heardGuest(port, asks());
  expect(watch.heardServer(port, answer("ack", [0, 0, 0, 60], 8))).toBeUndefined();
  expect(watch.heardServer(port, { ...answer("ack"), operation: 1 })).toBeUndefined();
  expect(watch.heardServer(port, answer("ack"))).toMatchObject({ kind: "given" });
  expect(watch.heardServer(port, answer("ack"))).toBeUndefined();
  watch.heardGuest(port, asks());
  clock.turn(60_001);
  expect(watch.heardServer(port, answer("ack"))).toBeUndefined();
});

test.each([
  ["no lease time", answer("ack", [])],
  ["no address", { ...answer("ack"), yourAddress: "0.0.0.0" as Ipv4 }],
  ["an address that no host has", { ...answer("ack"), yourAddress: "224.0.0.5" as Ipv4 }],
])("an answer with %s gives nothing", (_, hollow) => {
  watch.heardGuest(port, asks());
  expect(watch.heardServer(port, hollow)).toBeUndefined();
});

test("an address that is given back, declined or refused is had no more", () => {
  const back = { kind: "given-back", address };
  expect(watch.heardGuest(port, message("release", {}, { clientAddress: address }))).toEqual(back);
  expect(watch.heardGuest(port, message("decline", { requestedAddress: address }))).toEqual(back);
  watch.heardGuest(port, asks());
  expect(watch.heardServer(port, answer("nak"))).toEqual({ kind: "refused" });
});
