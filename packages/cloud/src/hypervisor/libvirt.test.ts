/** What the driver makes of libvirt's answers; libvirt.e2e.test.ts has it with a real one. */
import { type Clock, Listeners, LoomstackError, parseMac, type Uuid } from "@loomstack/core";
import type { LibvirtConnection, LifecycleEvent, Procedure } from "@loomstack/libvirt";
import { expect, test } from "vitest";
import type { DomainSpec } from "./hypervisor.ts";
import { hypervisorOver } from "./libvirt.ts";

const uuid = "9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19" as Uuid;
const domain = { name: "vm", uuid, id: 1 };
const spec: DomainSpec = {
  uuid,
  name: "vm",
  memoryMib: 128,
  vcpus: 1,
  kernel: "/k",
  initrd: "/i",
  commandLine: "",
  type: "qemu",
  nics: [{ portId: uuid, mac: parseMac("52:54:00:00:00:0a"), bridge: "br-int", mtu: 1450 }],
};

function refusal(number: number): LoomstackError {
  return new LoomstackError("LIBVIRT__REFUSED", {
    uri: "test",
    call: "a call",
    message: "no",
    number,
    source: "QEMU driver",
  });
}

interface Fake extends LibvirtConnection {
  readonly called: string[];
  readonly timers: Set<() => void>;
  readonly clock: Clock;
}

/**
 * A connection that answers by the name of the call: with a value, or by throwing an error. A call without an answer
 * fails the test.
 */
function fake(answers: Readonly<Record<string, unknown>>): Fake {
  const called: string[] = [];
  const timers = new Set<() => void>();
  return {
    uri: "test",
    called,
    timers,
    clock: {
      now: () => 0,
      after(_delayMs, task) {
        timers.add(task);
        return { [Symbol.dispose]: () => void timers.delete(task) };
      },
    },
    lifecycle: new Listeners<LifecycleEvent>(),
    closed: new Promise(() => undefined),
    call<Result>({ name }: Procedure<never, Result>): Promise<Result> {
      called.push(name);
      const answer = answers[name];
      if (answer === undefined) throw new Error(`${name} was not expected`);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Result);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const active = refusal(55);

test.each([
  ["runs already", { state: 1, reason: 1 }],
  ["is paused by somebody", { state: 3, reason: 1 }],
])("a start that libvirt refuses is success when the domain %s", async (_what, state) => {
  const connection = fake({ domainCreateXML: active, domainLookupByUUID: { domain }, domainGetState: state });
  await hypervisorOver(connection, connection.clock, { guestOffloads: true }).startDomain(spec);
  expect(connection.timers.size).toBe(0);
});

test.each([
  ["isn't there", { domainLookupByUUID: refusal(42) }],
  ["is shut off", { domainLookupByUUID: { domain }, domainGetState: { state: 5, reason: 1 } }],
  ["crashed", { domainLookupByUUID: { domain }, domainGetState: { state: 6, reason: 1 } }],
])("a start that libvirt refuses is an error when the domain %s", async (_what, answers) => {
  const connection = fake({ domainCreateXML: active, ...answers });
  await expect(hypervisorOver(connection, connection.clock, { guestOffloads: true }).startDomain(spec)).rejects.toBe(
    active,
  );
});

const starting = { domainCreateXML: active, domainLookupByUUID: { domain }, domainGetState: { state: 3, reason: 11 } };

test.each([
  ["succeeds", "started", "booted", "fulfilled"],
  ["fails", "stopped", "failed", "rejected"],
] as const)("a start while another one is under way %s as that one does", async (_what, event, detail, status) => {
  const connection = fake(starting);
  const start = Promise.allSettled([
    hypervisorOver(connection, connection.clock, { guestOffloads: true }).startDomain(spec),
  ]);
  connection.lifecycle.tell({
    uuid: "11111111-1111-4111-8111-111111111111" as Uuid,
    name: "other",
    event: "stopped",
    detail: "failed",
  });
  connection.lifecycle.tell({ uuid, name: "vm", event, detail });
  expect((await start)[0].status).toBe(status);
});

test("a start while another one is under way fails when that one never ends", async () => {
  const connection = fake(starting);
  const start = hypervisorOver(connection, connection.clock, { guestOffloads: true }).startDomain(spec);
  for (const task of connection.timers) task();
  await expect(start).rejects.toBe(active);
});

test("a start while another one is under way fails when the connection is lost", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  const connection = { ...fake(starting), closed };
  const start = hypervisorOver(connection, connection.clock, { guestOffloads: true }).startDomain(spec);
  resolve(undefined);
  await expect(start).rejects.toBe(active);
  expect(connection.timers.size).toBe(0);
});

test("ending a domain is an error only while it still runs", async () => {
  const destroy = (answers: Readonly<Record<string, unknown>>): Promise<void> => {
    const connection = fake(answers);
    return hypervisorOver(connection, connection.clock, { guestOffloads: true }).destroyDomain(uuid);
  };
  await destroy({ domainLookupByUUID: { domain }, domainDestroy: {} });
  await destroy({ domainLookupByUUID: refusal(42) });
  await destroy({
    domainLookupByUUID: { domain },
    domainDestroy: refusal(55),
    domainGetState: { state: 5, reason: 1 },
  });
  const running = { domainLookupByUUID: { domain }, domainGetState: { state: 1, reason: 1 } };
  await expect(destroy({ ...running, domainDestroy: refusal(55) })).rejects.toMatchObject({ context: { number: 55 } });
  await expect(destroy({ ...running, domainDestroy: refusal(38) })).rejects.toMatchObject({ context: { number: 38 } });
});
