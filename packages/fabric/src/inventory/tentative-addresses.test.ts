import type { Ipv6 } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { mac, uuid } from "../intent/intent-under-test.ts";
import { type TentativeAddress, TentativeAddresses, tentativeMs } from "./tentative-addresses.ts";

let clock: FakeClock;
let free: string[];
let tentative: TentativeAddresses;

beforeEach(() => {
  clock = new FakeClock();
  free = [];
  tentative = new TentativeAddresses(clock, ({ port, address }) => free.push(`${port.slice(-1)} ${address}`));
});

const claim = (number: number, address: string, network = 9): TentativeAddress => ({
  ...{ network: uuid(network), port: uuid(number), mac: mac(number), address: address as Ipv6 },
});

test("an address that nobody says to have is the port's that asked, after a while", () => {
  tentative.ask(claim(1, "2001:db8::1"));
  clock.turn(tentativeMs - 1);
  tentative.ask(claim(2, "2001:db8::2"));
  tentative.ask(claim(1, "2001:db8::1"));
  expect(free).toEqual([]);
  clock.turn(1);
  expect(free).toEqual(["1 2001:db8::1"]);
  clock.turn(tentativeMs);
  expect(free).toEqual(["1 2001:db8::1", "2 2001:db8::2"]);
  expect(clock.waiting).toBe(0);
});

test("an address that somebody else of the network says to have is nobody's that asked", () => {
  for (const network of [8, 9]) tentative.ask(claim(1, "2001:db8::1", network));
  tentative.contest(claim(2, "2001:db8::1"));
  tentative.contest(claim(1, "2001:db8::1", 8));
  clock.turn(tentativeMs);
  expect(free).toEqual(["1 2001:db8::1"]);
});

test("of two that ask for the same address at once neither gets it", () => {
  tentative.ask(claim(1, "2001:db8::1"));
  tentative.ask(claim(2, "2001:db8::1"));
  clock.turn(tentativeMs);
  expect(free).toEqual([]);
});

test("no more than a bounded number are remembered", () => {
  for (let n = 0; n < 2_000; n++) tentative.ask(claim(1, `2001:db8::${n.toString(16)}`));
  clock.turn(tentativeMs);
  expect(free).toHaveLength(1_000);
});

test("what is disposed of tells nothing more", () => {
  tentative.ask(claim(1, "2001:db8::1"));
  tentative[Symbol.dispose]();
  clock.turn(tentativeMs);
  expect([free, clock.waiting]).toEqual([[], 0]);
});
