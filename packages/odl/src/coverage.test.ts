import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { odlUnderTest } from "./odl-under-test.ts";

const base = "/controller/nb/v2";
const document = readFileSync(path.resolve(import.meta.dirname, "../../../docs/northbound/opendaylight.md"), "utf8");
const rows = [...document.matchAll(/^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| (yes|no: .+|yes[:,].+) \|$/gm)].map(
  ([, method = "", url = "", here = ""]) => ({ method, url, isHere: here.startsWith("yes") }),
);

describe("docs/northbound/opendaylight.md", () => {
  test("every line of its table is read", () => {
    const lines = document.split("\n").filter((line) => /^\| (GET|POST|PUT|DELETE|PATCH)/.test(line));
    expect(rows).toHaveLength(lines.length);
  });

  test("it names every route of the server, and no other as one that is here", async () => {
    await using odl = await odlUnderTest();
    const told = rows.filter(({ isHere }) => isHere).map(({ method, url }) => `${method} ${base}${url}`);
    const served = [...odl.routes].map((route) => route.replaceAll(/:(\w+)/g, "{$1}").replace(/\/$/, ""));
    expect(new Set(told)).toEqual(new Set(served));
  });

  test.each(rows.filter(({ isHere }) => !isHere))("$method $url is told as missing, and is not found", async (row) => {
    await using odl = await odlUnderTest();
    const url = `${base}${row.url.replaceAll(/\{\w+\}/g, "x")}`;
    expect(await odl.call(row.method as "GET" | "POST", url)).toMatchObject({ status: 404 });
  });
});
