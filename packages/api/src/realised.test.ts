import type { Revision } from "@loomstack/core";
import type { ObjectRealised, PortStatus } from "@loomstack/model";
import { describe, expect, test } from "vitest";
import { apiUnderTest, makeObjects, uuid } from "./api-under-test.ts";

describe("one object", () => {
  const realised = (done: boolean): ObjectRealised => ({
    revision: 4 as Revision,
    realised: done,
    reason: done ? "every hypervisor concerned has confirmed its flows" : "hypervisor OVS/host-1: it is asked",
    hypervisors: [{ who: "OVS/host-1", confirmed: 3 as Revision, realised: done, reason: "it is asked" }],
  });
  const status: PortStatus = { status: "BUILD", reason: "under way", hypervisor: "OVS/host-1" };

  test.each([
    ["networks", 1, ["network", uuid(1)]],
    ["subnets", 2, ["network", uuid(1)]],
    ["ports", 3, ["port", uuid(3)]],
  ])(
    "of %s is told with how far its last change has come, and a client may wait for that",
    async (plural, n, object) => {
      let done = false;
      const asked: unknown[] = [];
      const settle = (what: readonly unknown[]): void => void ((done = true), asked.push(...what));
      await using api = await apiUnderTest({
        realised: {
          port: () => status,
          network: () => ({ status: "BUILD", reason: "hypervisor OVS/host-1: it is asked" }),
          object: (kind, id) => (asked.push(kind, id), realised(done)),
          objectRealised: (kind, id) => (settle([kind, id]), Promise.resolve(realised(true))),
          portSettled: (id) => (settle(["port", id]), Promise.resolve(status)),
        },
      });
      await makeObjects(api.store);
      expect(await api.get(`/${plural}/${uuid(n)}`)).toMatchObject({
        status: 200,
        body: { id: uuid(n), realised: realised(false), ...(n !== 2 && { status: "BUILD" }) },
      });
      expect(asked).toEqual(object);
      const waited = await api.get(`/${plural}/${uuid(n)}`, undefined, { prefer: "wait=5" });
      expect(waited).toMatchObject({ status: 200, body: { id: uuid(n), realised: realised(true) } });
      expect(waited.headers["preference-applied"]).toBe("wait=5");
      expect(asked).toEqual([...object, ...object, ...object]);
      expect(await api.get(`/${plural}/${uuid(9)}`)).toMatchObject({ status: 404 });
      expect(await api.get(`/${plural}/9`)).toMatchObject({ status: 400 });
    },
  );
});
