import { describe, expect, test } from "vitest";
import { insert, update } from "../notation/operation.ts";
import type { OvsdbClient } from "../client/client.ts";
import { conformance, database } from "./schema.ts";
import type { Ability, Subject } from "./subject.ts";
import { named, value } from "./value-rows.ts";

/** Monitors that replicate some of the rows only. */
export function conditions(subject: Subject): void {
  const ability: Ability = "monitor with conditions";
  const testConditions = subject.testWith(ability);

  describe("monitors with conditions", () => {
    testConditions("rows come and go as they begin and cease to satisfy any of them", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await other.transact(database, [value("a"), value("b"), value("c"), insert(conformance, "Only", {})]);
      await using replica = await client.monitor(
        conformance,
        { Value: ["name"], Only: ["counter"] },
        // integer_one isn't replicated: the server alone looks at it.
        {
          where: {
            Value: [
              ["name", "==", "a"],
              ["integer_one", "==", 7],
            ],
          },
        },
      );
      const names = (): string =>
        Array.from(replica.table("Value").values(), ({ name }) => name)
          .sort()
          .join("");
      expect([names(), replica.table("Only").size]).toEqual(["a", 1]);
      const setTo = (name: string, integer_one: number) =>
        client.transact(database, [update(conformance, "Value", named(name), { integer_one })]);
      await setTo("b", 7);
      expect(names()).toBe("ab");
      await setTo("a", 7);
      await setTo("b", 8);
      expect(names()).toBe("a");
      await setTo("a", 8);
      expect(names()).toBe("a");
    });

    testConditions("changed conditions change the replica by the difference", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await other.transact(database, [value("a"), value("b")]);
      await using replica = await client.monitor(conformance, { Value: ["name"] }, { where: { Value: [] } });
      expect(replica.table("Value").size).toBe(0);
      const told: unknown[] = [];
      using _listening = replica.changes.add((changes) => {
        told.push(...changes.map(({ before, after }) => [before?.name, after?.name]));
      });
      await replica.changeConditions({ Value: [["name", "==", "a"]] });
      await replica.changeConditions({
        Value: [
          ["name", "==", "b"],
          ["name", "==", "a"],
        ],
      });
      await replica.changeConditions({ Value: [["name", "==", "b"]] });
      await replica.changeConditions({ Value: [true] });
      await replica.changeConditions({ Value: [false] });
      expect(replica.table("Value").size).toBe(0);
      expect(told.slice(0, 4)).toEqual([
        [undefined, "a"],
        [undefined, "b"],
        ["a", undefined],
        [undefined, "a"],
      ]);
      expect(told.slice(4).sort()).toEqual([
        ["a", undefined],
        ["b", undefined],
      ]);
    });

    testConditions("conditions that are changed between transactions lose none of these", async () => {
      const [client, other] = [await subject.connect(), await subject.connect()];
      await using replica = await client.monitor(conformance, { Value: ["name"] }, { where: { Value: [] } });
      const changes = Array.from({ length: 20 }, (_, n) => [
        replica.changeConditions({ Value: [["integer_one", "<", n % 7]] }),
        other.transact(database, [value(`row ${n}`, { integer_one: n })]),
        client.transact(database, [value(`own ${n}`, { integer_one: n })]),
      ]);
      await Promise.all(changes.flat());
      await replica.changeConditions({ Value: [["integer_one", ">=", 10]] });
      const names = [...replica.table("Value").values()].map(({ name }) => name);
      expect(names.sort()).toEqual(
        Array.from({ length: 10 }, (_, n) => [`row ${n + 10}`, `own ${n + 10}`])
          .flat()
          .sort(),
      );
    });

    testConditions("refused conditions leave those that were", async () => {
      const client = await subject.connect();
      await using replica = await client.monitor(
        conformance,
        { Value: ["name"] },
        { where: { Value: [["name", "==", "a"]] } },
      );
      const bad = { Value: [["boolean_one", "<", true]] } as unknown as { Value: [["boolean_one", "==", true]] };
      await expect(replica.changeConditions(bad)).rejects.toMatchObject({ code: "OVSDB__REQUEST_REFUSED" });
      await client.transact(database, [value("a"), value("b")]);
      expect([...replica.table("Value").values()]).toEqual([{ name: "a" }]);
    });

    test("conditions of a table that isn't monitored are refused", async () => {
      const client = await subject.connect();
      const where = { Part: [] } as Record<string, never[]>;
      await expect(client.monitor(conformance, { Value: "all" }, { where })).rejects.toMatchObject({
        code: "OVSDB__INVALID_VALUE",
      });
    });

    if (subject.can(ability)) return;
    test("a server that can't is told of, and replicates all rows", async () => {
      const client = await subject.connect();
      const unsupported = { code: "OVSDB__CONDITIONS_UNSUPPORTED" };
      await expect(client.monitor(conformance, { Value: ["name"] }, { where: { Value: [] } })).rejects.toMatchObject(
        unsupported,
      );
      await using replica = await client.monitor(conformance, { Value: ["name"] });
      await expect(replica.changeConditions({ Value: [] })).rejects.toMatchObject(unsupported);
    });
  });
}

/** What doesn't compile. */
export const misspelt = (client: OvsdbClient): unknown[] => [
  // @ts-expect-error there is no table Valeu
  client.monitor(conformance, { Value: "all", Valeu: "all" }),
  // @ts-expect-error there is no column nmae
  client.monitor(conformance, { Value: ["nmae"] }),
  // @ts-expect-error Part isn't replicated
  client.monitor(conformance, { Value: ["name"] }).then((replica) => replica.table("Part")),
  client.monitor(conformance, { Value: ["name"] }).then((replica) => {
    const [row] = replica.table("Value").values();
    // @ts-expect-error integer_one isn't replicated
    expect(row?.integer_one).toBeUndefined();
  }),
  // @ts-expect-error there is no column nmae
  client.monitor(conformance, { Value: "all" }, { where: { Value: [["nmae", "==", "a"]] } }),
  // @ts-expect-error a name isn't a number
  client.monitor(conformance, { Value: "all" }, { where: { Value: [["name", "==", 7]] } }),
  // @ts-expect-error Part isn't replicated
  client.monitor(conformance, { Value: "all" }, { where: { Part: [] } }),
];
