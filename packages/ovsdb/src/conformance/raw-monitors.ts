import { describe, expect, test } from "vitest";
import { isJsonArray, type Json, type JsonObject, stringifyJson } from "../notation/json.ts";
import { insert, remove, update } from "../notation/operation.ts";
import { zeroUuid } from "../notation/uuid.ts";
import { conformance, database } from "./schema.ts";
import type { Ability, Notification, Subject } from "./subject.ts";

interface Form {
  readonly method: string;
  readonly needs: readonly Ability[];
  readonly extra: readonly Json[];
  /** Where the updates are in the answer. */
  readonly initial: (answer: Json) => Json | undefined;
}

const forms: readonly Form[] = [
  { method: "monitor", needs: [], extra: [], initial: (answer) => answer },
  { method: "monitor_cond", needs: ["know update2"], extra: [], initial: (answer) => answer },
  {
    method: "monitor_cond_since",
    needs: ["know update3"],
    extra: [zeroUuid],
    initial: (answer) => (isJsonArray(answer) ? answer[2] : undefined),
  },
];

/** The kinds of updates that came, without the names of rows. */
function kindsIn(updates: Json | undefined): string[] {
  const rows = (updates as Readonly<Record<string, JsonObject>>)["Value"] ?? {};
  return Object.values(rows).map((row) =>
    Object.keys(row as JsonObject)
      .sort()
      .join("+"),
  );
}

const updatesOf = ({ params }: Notification): Json | undefined => params.at(-1);
const value = (name: string) => insert(conformance, "Value", { name, integer_one: 1, real_one: 0.5 });

/** What servers say to a monitor, in all of its forms; `select` is something that the client doesn't ask for. */
export function rawMonitors(subject: Subject): void {
  describe.each(forms)("$method, as it is on the wire", ({ method, needs, extra, initial }) => {
    const testForm = subject.testWith(...needs);
    const isOld = method === "monitor";

    /** What is told of an initial row, an insert, a modification and a deletion. */
    async function kindsTold(requests: Json): Promise<readonly string[][]> {
      const [client, raw] = [await subject.connect(), await subject.connectRaw()];
      await client.transact(database, [value("initial")]);
      const answer = initial(await raw.request(method, database, "m", { Value: requests }, ...extra));
      await client.transact(database, [value("inserted")]);
      await client.transact(database, [update(conformance, "Value", [["name", "==", "initial"]], { integer_one: 2 })]);
      await client.transact(database, [remove(conformance, "Value", [["name", "==", "initial"]])]);
      // What this session is told of it comes before the answer.
      await raw.request("transact", database, insert(conformance, "Only", {}).json);
      return [kindsIn(answer), ...raw.notifications.map((notification) => kindsIn(updatesOf(notification)))];
    }

    const all = isOld ? [["new"], ["new"], ["new+old"], ["old"]] : [["initial"], ["insert"], ["modify"], ["delete"]];

    testForm("all of what happens is told unless `select` says otherwise", async () => {
      expect(await kindsTold([{ columns: ["name", "integer_one"] }])).toEqual(all);
    });

    for (const [index, flag] of ["initial", "insert", "modify", "delete"].entries()) {
      testForm(`without \`select\` of ${flag}, that isn't told`, async () => {
        const told = await kindsTold([{ columns: ["name", "integer_one"], select: { [flag]: false } }]);
        expect(told).toEqual(index === 0 ? [[], ...all.slice(1)] : all.filter((_, n) => n !== index));
      });
    }

    testForm("columns of one table may be selected differently", async () => {
      const [client, raw] = [await subject.connect(), await subject.connectRaw()];
      const requests = [
        { columns: ["name"], select: { modify: false } },
        { columns: ["integer_one"], select: { initial: false, insert: false } },
      ];
      await client.transact(database, [value("a")]);
      const answer = initial(await raw.request(method, database, "m", { Value: requests }, ...extra));
      await client.transact(database, [update(conformance, "Value", [], { integer_one: 2 })]);
      await raw.request("transact", database, insert(conformance, "Only", {}).json);
      const contents = [answer, ...raw.notifications.map(updatesOf)].map(
        (updates) => Object.values((updates as Readonly<Record<string, JsonObject>>)["Value"] ?? {})[0],
      );
      expect(contents).toEqual(
        isOld
          ? [{ new: { name: "a" } }, { old: { integer_one: 1 }, new: { integer_one: 2 } }]
          : [{ initial: { name: "a" } }, { modify: { integer_one: 2 } }],
      );
    });

    testForm("what isn't a monitor request is refused", async () => {
      const raw = await subject.connectRaw();
      const refused = { code: "OVSDB__REQUEST_REFUSED" };
      for (const requests of [
        { Ghost: [{}] },
        { Value: [{ columns: ["ghost"] }] },
        { Value: [{ columns: ["name", "name"] }] },
        { Value: [{ columns: 7 }] },
        { Value: [{ select: { initial: 7 } }] },
        { Value: 7 },
        7,
      ]) {
        await expect(raw.request(method, database, "m", requests, ...extra)).rejects.toMatchObject(refused);
      }
      await raw.request(method, database, "m", { Value: [{}] }, ...extra);
      await expect(raw.request(method, database, "m", { Value: [{}] }, ...extra)).rejects.toMatchObject({
        code: "OVSDB__DUPLICATE_MONITOR_ID",
      });
      await raw.request("monitor_cancel", "m");
      await expect(raw.request("monitor_cancel", "m")).rejects.toMatchObject({ code: "OVSDB__UNKNOWN_MONITOR" });
    });
  });

  subject.testWith("know update3", "tell changes since a transaction")(
    "monitor_cond_since tells what has changed since a transaction that the server remembers, otherwise everything",
    async () => {
      const [client, raw, later] = [await subject.connect(), await subject.connectRaw(), await subject.connectRaw()];
      // A server remembers no more than there is: not the transaction that makes most of it.
      const others = Array.from({ length: 50 }, (_, n) =>
        insert(conformance, "Constrained", { level: n % 10, few: new Set([1]) }),
      );
      await client.transact(database, others);
      await client.transact(database, [value("a"), value("b")]);
      const requests = { Value: [{ columns: ["name", "integer_one"] }] };
      const first = (await raw.request("monitor_cond_since", database, "m", requests, zeroUuid)) as readonly Json[];
      expect([first[0], kindsIn(first[2])]).toEqual([false, ["initial", "initial"]]);
      await client.transact(database, [
        value("c"),
        update(conformance, "Value", [["name", "==", "a"]], { integer_one: 2 }),
        remove(conformance, "Value", [["name", "==", "b"]]),
      ]);
      const ask = async (since: Json | undefined): Promise<unknown[]> => {
        const answer = (await later.request(
          "monitor_cond_since",
          database,
          stringifyJson(since ?? null),
          requests,
          since ?? null,
        )) as Json[];
        return [answer[0], kindsIn(answer[2]).sort()];
      };
      expect(await ask(first[1])).toEqual([true, ["delete", "insert", "modify"]]);
      expect(await ask("36bef046-7da7-43a5-905a-c17899216fcb")).toEqual([false, ["initial", "initial"]]);
    },
  );

  test("notifications are of the form that was asked for", async () => {
    const [client, raw] = [await subject.connect(), await subject.connectRaw()];
    const usable = forms.filter(({ needs }) => needs.every((ability) => subject.can(ability)));
    for (const { method, extra } of usable) {
      await raw.request(method, database, method, { Value: [{ columns: ["name"] }] }, ...extra);
    }
    await client.transact(database, [value("a")]);
    await raw.request("transact", database, insert(conformance, "Only", {}).json);
    const told = raw.notifications.map(
      ({ method, params }) => `${method} ${stringifyJson(params[0] ?? null)} ${params.length}`,
    );
    const expected = ['update "monitor" 2', 'update2 "monitor_cond" 2', 'update3 "monitor_cond_since" 3'];
    expect(told.sort()).toEqual(expected.slice(0, usable.length));
  });
}
