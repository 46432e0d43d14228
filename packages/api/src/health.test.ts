import { DurationHistogram } from "@loomstack/core";
import type { ControllerReading } from "@loomstack/model";
import { expect, test } from "vitest";
import { apiUnderTest } from "./api-under-test.ts";

const none = new DurationHistogram().read();
const reading = (hypervisorsUntried: number): ControllerReading => ({
  ...{ networks: 0, ports: 0, hypervisorsUntried, rounds: none, portsRealised: none, portsRealising: 0 },
  ...{ portsNotTimed: 0, turnsWaiting: 0, bindingsPending: 0, connectsWaiting: 0, realisedWaiting: 0 },
  ...{ questions: { answered: {}, ignored: 0, dropped: 0 } },
  paths: { wanted: 0, up: 0, probesSent: 0, probesArrived: 0 },
});
const headers = { authorization: `Basic ${Buffer.from("admin:secret").toString("base64")}` };

test("anybody learns whether it is ready, and administrators learn why", async () => {
  const state = { untried: 2, isServing: false };
  await using api = await apiUnderTest({
    hypervisors: { list: () => [] },
    measurements: { read: () => reading(state.untried) },
    isServing: () => state.isServing,
  });
  const ask = async (path: string, who = {}): Promise<readonly [number, unknown]> => {
    const { statusCode, payload } = await api.raw(`/api/v1/health/${path}`, who);
    return [statusCode, JSON.parse(payload)];
  };
  expect(await ask("ready")).toEqual([503, { status: "failing" }]);
  expect(await ask("live")).toEqual([200, { status: "ok" }]);
  const checks = (process: boolean, hypervisors: boolean): unknown => [
    expect.objectContaining({ name: "store", ok: true }),
    expect.objectContaining({ name: "process", ok: process }),
    expect.objectContaining({ name: "hypervisors", ok: hypervisors }),
  ];
  expect(await ask("ready", headers)).toEqual([503, { status: "failing", checks: checks(false, false) }]);
  state.isServing = true;
  expect(await ask("ready", headers)).toEqual([503, { status: "failing", checks: checks(true, false) }]);
  state.untried = 0;
  expect(await ask("ready", headers)).toEqual([200, { status: "ok", checks: checks(true, true) }]);
  expect(await ask("ready")).toEqual([200, { status: "ok" }]);
  const wrong = { authorization: `Basic ${Buffer.from("admin:wrong").toString("base64")}` };
  expect((await ask("ready", wrong))[0]).toBe(401);
  expect((await ask("ready", { "x-auth-token": "expired" }))[0]).toBe(401);
});

test("a store that doesn't answer is neither live nor ready, and strangers aren't told why", async () => {
  await using api = await apiUnderTest({ hypervisors: { list: () => [] }, measurements: { read: () => reading(0) } });
  await api.store[Symbol.asyncDispose]();
  for (const path of ["live", "ready"]) {
    const { statusCode, payload } = await api.raw(`/api/v1/health/${path}`);
    expect([statusCode, payload]).toEqual([503, '{"status":"failing"}']);
  }
});
