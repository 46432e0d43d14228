import { type Ip, type Revision, type Uuid } from "@loomstack/core";
import type { Change, Port } from "@loomstack/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, uuid } from "../../intent/intent-under-test.ts";
import { applyStep } from "../../intent/intent-step.ts";
import { Placement } from "../../intent/placement.ts";
import { hostNameOf } from "../port-name.ts";
import { PortNames } from "./port-names.ts";

const addresses: readonly Ip[] = ["10.0.0.1", "10.0.0.2", "2001:db8::1:2", "2001:db8:1::2"] as Ip[];
const names = [
  "web",
  "db",
  ...addresses.map((ipAddress) => hostNameOf({ dnsName: null, fixedIps: [fixed(ipAddress)] })),
];
const networks = [uuid(1), uuid(2)] as const;
const numbers = [11, 12, 13] as const;

function fixed(ipAddress: Ip) {
  return { subnetId: uuid(3), ipAddress };
}

/** What a port is to be; without a network there is to be none. */
interface Wish {
  readonly port: (typeof numbers)[number];
  readonly network: Uuid | undefined;
  readonly dnsName: string | null;
  readonly addresses: readonly Ip[];
}

const wish: fc.Arbitrary<Wish> = fc.record({
  port: fc.constantFrom(...numbers),
  network: fc.constantFrom(...networks, undefined),
  dnsName: fc.constantFrom("web", "db", null),
  addresses: fc.uniqueArray(fc.constantFrom(...addresses), { maxLength: 2 }),
});

/** A cloud of two networks, and the index that follows it. */
class World {
  readonly intent = intentOf(
    networks.map((_, index) => networkOf(index + 1)),
    [],
  );
  readonly names = new PortNames(this.intent);

  change(...changes: readonly Change[]): void {
    const commit = { revision: (this.intent.revision + 1) as Revision, changes };
    this.names.follow(applyStep(this.intent, new Placement(), commit).changes);
  }

  /** What intent takes over of wishes in one step: a name and an address are one port's in a network. */
  want(wishes: readonly Wish[]): void {
    const wanted = new Map(this.intent.ports);
    for (const { port, network, dnsName, addresses: ips } of wishes) {
      wanted.delete(uuid(port));
      if (network === undefined) continue;
      const others = [...wanted.values()].filter((other) => other.networkId === network);
      const taken = (address: Ip): boolean => others.some((other) => ipsOf(other).includes(address));
      const isTaken = others.some((other) => dnsName !== null && other.dnsName === dnsName);
      const change = { dnsName: isTaken ? null : dnsName, fixedIps: ips.filter((one) => !taken(one)).map(fixed) };
      wanted.set(uuid(port), portOf(uuid(port), network, mac(port), change));
    }
    this.change(
      ...numbers.flatMap((number): Change[] => {
        const [before, after] = [this.intent.ports.get(uuid(number)), wanted.get(uuid(number))];
        if (before === after) return [];
        return [{ resource: "port", id: uuid(number), ...(before && { before }), ...(after && { after }) }];
      }),
    );
  }
}

function ipsOf({ fixedIps }: Port): Ip[] {
  return fixedIps.map(({ ipAddress }) => ipAddress);
}

test("whatever ports come, change, go and take over from each other, each name and address finds the port that has it", () => {
  fc.assert(
    fc.property(fc.array(fc.array(wish, { maxLength: 3 }), { maxLength: 12 }), (steps) => {
      const world = new World();
      for (const wishes of steps) {
        world.want(wishes);
        for (const network of networks) {
          const ports = [...world.intent.ports.values()].filter(({ networkId }) => networkId === network);
          for (const name of names)
            expect(world.names.named(network, name ?? "")).toBe(ports.find((port) => hostNameOf(port) === name));
          for (const address of addresses)
            expect(world.names.withAddress(network, address)).toBe(ports.find((port) => ipsOf(port).includes(address)));
        }
      }
    }),
  );
});
