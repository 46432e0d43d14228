import { expect, test } from "vitest";
import { type Call, CallTable } from "./call-table.ts";

function call(procedure: number): Call {
  return { name: `call ${procedure}`, procedure, payload: new Uint8Array(), settle: () => undefined };
}

function tableOf(...calls: readonly Call[]): CallTable {
  const table = new CallTable("test", { inFlight: 2, queued: 3 });
  for (const each of calls) table.admit(each);
  return table;
}

test("calls go out in order, a few at a time, each with a serial of its own", () => {
  const [a, b, c] = [call(1), call(2), call(3)];
  const table = tableOf(a, b, c);
  expect(table.next()).toEqual({ call: a, serial: 1 });
  expect(table.next()).toEqual({ call: b, serial: 2 });
  expect(table.next()).toBeUndefined();
  expect(table.answered(1, 1)).toBe(a);
  expect(table.next()).toEqual({ call: c, serial: 3 });
});

test("no more than so many wait", () => {
  const table = tableOf(call(1), call(2), call(3));
  expect(() => table.admit(call(4))).toThrow("3 calls to libvirt at test are already waiting; call 4 was not sent");
});

test.each([
  ["a serial that was not sent", 2, 1],
  ["another procedure than was called", 1, 2],
])("a reply with %s is refused", (_what, serial, procedure) => {
  const table = tableOf(call(1));
  table.next();
  expect(() => table.answered(serial, procedure)).toThrow("answers no call");
});

test("a second reply to one call is refused", () => {
  const table = tableOf(call(1));
  table.next();
  table.answered(1, 1);
  expect(() => table.answered(1, 1)).toThrow("answers no call");
});

test("a call that was given up is not sent, or keeps its place until it is answered", () => {
  const [sent, waiting, last] = [call(1), call(2), call(3)];
  const table = tableOf(sent, waiting, last);
  table.next();
  table.giveUp(sent);
  table.giveUp(waiting);
  expect(table.next()).toEqual({ call: last, serial: 2 });
  expect(table.next()).toBeUndefined();
  expect(table.answered(1, 1)).toBe(sent);
});

test("all calls come out in the end, once", () => {
  const [a, b] = [call(1), call(2)];
  const table = tableOf(a, b);
  table.next();
  expect(table.drain()).toEqual([a, b]);
  expect(table.drain()).toEqual([]);
});
