/** What the command line prints of a real ovsdb-server, beside what ovsdb-client(1) prints of it. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isJsonArray, isJsonObject, type Json, parseJson, parseSchema, stringifyJson } from "@loomstack/ovsdb";
import { missingOpenVSwitch, type OvsdbDaemon, startOvsdbDaemon } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, type CliRunOptions } from "../../testing/cli.ts";
import { schemasEqual } from "./convert.ts";

const run = promisify(execFile);

/** A value in RFC 7047's notation as plain JSON, as far as its notation tells its type. */
function plain(json: Json): Json {
  if (!isJsonArray(json)) return json;
  const [kind, content] = json;
  if (kind === "uuid") return content ?? null;
  const elements = isJsonArray(content) ? content : [];
  if (kind === "set") return elements.map(plain);
  const pairs = elements.filter(isJsonArray).map(([key = null, value = null]) => [plain(key), plain(value)] as const);
  return Object.fromEntries(pairs.map(([key, value]) => [typeof key === "string" ? key : stringifyJson(key), value]));
}

/** No value, one value and several look alike enough: ovsdb-client doesn't tell sets from optional values. */
function asSet(json: Json | undefined): Json {
  if (json === null || json === undefined) return [];
  return isJsonArray(json) || isJsonObject(json) ? json : [json];
}

describe.skipIf(missingOpenVSwitch !== undefined)("on an ovsdb-server", { timeout: 30_000 }, () => {
  let daemon: OvsdbDaemon;
  beforeAll(async () => {
    daemon = await startOvsdbDaemon();
    await daemon.vsctl(
      ...["init", "--", "add-br", "br0", "--", "add-br", "br1", "--", "add-port", "br1", "p1", "tag=5"],
      ...["p6", "p4", "p2", "p5", "p3"].flatMap((port) => ["--", "add-port", "br1", port]),
      ...["--", "set", "Bridge", "br0", 'external_ids:quoted="a \\"b\\""', "external_ids:plain=x.y-z"],
      ...["flood_vlans=3,1,2", "--", "set", "Bridge", "br1", 'external_ids:escape="\\u001b[31m\\u00e9日"'],
      ...["--", "set", "Open_vSwitch", ".", "next_cfg=9007199254740993"],
    );
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  async function ours(verb: string, args: readonly string[] = [], options: CliRunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await cli(["ovsdb", verb, daemon.remote, ...args], options);
    expect([status, stderr]).toEqual([0, ""]);
    return stdout;
  }

  async function theirs(verb: string, ...args: readonly string[]): Promise<string> {
    return (await run("ovsdb-client", [verb, daemon.remote, ...args], { maxBuffer: 1e8 })).stdout;
  }

  function sortedLines(text: string): readonly string[] {
    return text.trimEnd().split("\n").sort();
  }

  test("list-dbs prints the databases", async () => {
    expect(await ours("list-dbs")).toBe(await theirs("list-dbs"));
    expect(await ours("list-dbs", ["--json"])).toBe('["Open_vSwitch","_Server"]\n');
  });

  test("list-tables and list-columns print what ovsdb-client prints, sorted", async () => {
    expect(sortedLines(await ours("list-tables"))).toEqual(sortedLines(await theirs("list-tables", "Open_vSwitch")));
    expect(sortedLines(await ours("list-columns", ["-f", "csv", "Open_vSwitch", "Interface"]))).toEqual(
      sortedLines(await theirs("list-columns", "Open_vSwitch", "Interface", "--format=csv")),
    );
    expect(sortedLines(await ours("list-columns", ["-f", "csv"]))).toEqual(
      sortedLines(await theirs("list-columns", "Open_vSwitch", "--format=csv")),
    );
    const columns = JSON.parse(await ours("list-columns", ["--json", "_Server", "Database"])) as unknown[];
    expect(columns).toContainEqual({ table: "Database", column: "connected", type: "boolean" });
  });

  test("get-schema prints a schema that says the same as ovsdb-client's", async () => {
    const schema = parseSchema(parseJson(await ours("get-schema")));
    expect(schemasEqual(schema, parseSchema(parseJson(await theirs("get-schema"))))).toBe(true);
    expect(await ours("get-schema-version")).toBe(await theirs("get-schema-version"));
  });

  test("needs-conversion compares a file with the server's schema", async () => {
    const file = join(daemon.folder, "schema.json");
    await writeFile(file, await theirs("get-schema"));
    expect(await ours("needs-conversion", [file])).toBe("no\n");
    await writeFile(file, (await ours("get-schema", ["--pretty"])).replace('"minInteger": 1000', '"minInteger": 999'));
    expect(await ours("needs-conversion", [file])).toBe("yes\n");
  });

  test("dump prints each cell as ovsdb-client does", async () => {
    for (const table of ["Bridge", "Port", "Interface", "Open_vSwitch", "Mirror"]) {
      const cells = await ours("dump", ["--format=csv", "Open_vSwitch", table]);
      expect(sortedLines(cells)).toEqual(sortedLines(await theirs("dump", "Open_vSwitch", table, "--format=csv")));
    }
    const columns = ["external_ids", "flood_vlans", "name"];
    const [table, list] = [
      await ours("dump", ["Bridge", ...columns]),
      await ours("dump", ["-f", "list", "Bridge", ...columns]),
    ];
    // ovsdb-client aligns by bytes.
    const words = (text: string): readonly string[] => sortedLines(text.replace(/ +/g, " "));
    expect(words(table)).toEqual(words(await theirs("dump", "Open_vSwitch", "Bridge", ...columns)));
    expect(words(list)).toEqual(words(await theirs("dump", "Open_vSwitch", "Bridge", ...columns, "--format=list")));
  });

  test("dump --json holds the data of ovsdb-client's JSON as plain values", async () => {
    const tables = parseJson(await ours("dump", ["--json"])) as Readonly<Record<string, readonly Json[]>>;
    const expected = (await theirs("dump", "Open_vSwitch", "--format=json"))
      .trimEnd()
      .split("\n")
      .map((line) => parseJson(line) as { caption: string; headings: string[]; data: Json[][] });
    expect(expected.map(({ caption }) => caption.replace(" table", "")).sort()).toEqual(Object.keys(tables));
    for (const { caption, headings, data } of expected) {
      const rows = tables[caption.replace(" table", "")] ?? [];
      const comparable = rows.filter(isJsonObject).map((row) => headings.map((heading) => asSet(row[heading])));
      const texts = (cells: readonly Json[]): readonly string[] => cells.map((row) => stringifyJson(row)).sort();
      expect(texts(comparable)).toEqual(texts(data.map((row) => row.map((cell) => asSet(plain(cell))))));
    }
    expect(tables["Open_vSwitch"]?.[0]).toMatchObject({ next_cfg: 9_007_199_254_740_993n });
    expect(await ours("dump", ["--json", "Open_vSwitch", "Open_vSwitch", "next_cfg"])).toBe(
      '{"Open_vSwitch":[{"next_cfg":9007199254740993}]}\n',
    );
  });

  test("a whole dump leaves out empty tables, and is sorted by name", async () => {
    const captions = (await ours("dump")).split("\n").filter((line) => line.endsWith(" table"));
    expect(captions).toEqual(["Bridge table", "Interface table", "Open_vSwitch table", "Port table"]);
    expect(await ours("dump", ["Port", "name", "tag"])).toBe(
      "Port table\nname tag\n---- ---\nbr0  []\nbr1  []\np1   5\np2   []\np3   []\np4   []\np5   []\np6   []\n",
    );
    expect(await ours("dump", ["Mirror", "name"])).toBe("Mirror table\nname\n----\n");
  });

  const select = [
    "Open_vSwitch",
    { op: "select", table: "Port", where: [["name", "==", "p1"]], columns: ["name", "tag"] },
  ];

  test("transact prints the reply that ovsdb-client prints, or tables", async () => {
    const text = JSON.stringify(select);
    expect(await ours("transact", ["--json", text])).toBe(await theirs("transact", text));
    expect(await ours("query", [text])).toBe(
      "operation op     table result\n--------- ------ ----- ------\n0         select Port  1 row\n\n" +
        "Port table (operation 0)\nname tag\n---- ---\np1   5\n",
    );
  });

  test("transact reads a transaction from standard input, and keeps all digits of integers", async () => {
    const operation = '{"op":"update","table":"Open_vSwitch","where":[],"row":{"cur_cfg":9223372036854775807}}';
    const input = `["Open_vSwitch",${operation}]`;
    expect(await ours("transact", ["-"], { input })).toMatch(/\n0 +update Open_vSwitch 1 row\n$/);
    expect(await daemon.vsctl("get", "Open_vSwitch", ".", "cur_cfg")).toBe("9223372036854775807");
  });

  test("a failed transaction names the operation, and changes nothing", async () => {
    const insert = { op: "insert", table: "Queue", row: { dscp: 3 } };
    const operations = [{ op: "comment", comment: "x" }, insert, { ...insert, row: { dscp: 99 } }];
    const text = JSON.stringify(["Open_vSwitch", ...operations]);
    const { status, stdout, stderr } = await cli(["ovsdb", "transact", daemon.remote, text]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^loomstack: insert Queue \(dscp\) \(operation 2 of the transaction on unix:.*\n$/);
    expect(await ours("dump", ["--json", "Queue"])).toBe('{"Queue":[]}\n');
  });

  test("query refuses what changes something", async () => {
    const text = JSON.stringify([...select, { op: "delete", table: "Port", where: [] }]);
    const { status, stderr } = await cli(["ovsdb", "query", daemon.remote, text]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^loomstack: operation 1 of the query may change the database.*\n$/);
  });

  test("convert gives a database another schema", async () => {
    await using own = await startOvsdbDaemon();
    const { stdout } = await cli(["ovsdb", "get-schema", own.remote]);
    const file = join(own.folder, "new.json");
    await writeFile(file, stdout.replace('"version":"', '"version":"1'));
    expect(await cli(["ovsdb", "convert", own.remote, file])).toEqual({ status: 0, stdout: "", stderr: "" });
    const { stdout: version } = await cli(["ovsdb", "get-schema-version", own.remote]);
    expect(version).toMatch(/^1\d+\.\d+\.\d+\n$/);
  });
});
