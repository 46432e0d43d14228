import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { extensions } from "./extensions.ts";
import { base, NeutronUnderTest } from "./neutron-under-test.ts";

const document = readFileSync(path.resolve(import.meta.dirname, "../../../docs/northbound/neutron.md"), "utf8");
const rows = [...document.matchAll(/^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| (yes|no)(?:[:,].+)? \|$/gm)].map(
  ([, method = "", url = "", here = ""]) => ({ method, url, isHere: here === "yes" }),
);

describe("docs/northbound/neutron.md", () => {
  let neutron: NeutronUnderTest;
  beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
  afterEach(() => neutron[Symbol.asyncDispose]());

  test("every line of its table is read", () => {
    const lines = document.split("\n").filter((line) => /^\| (GET|POST|PUT|DELETE|PATCH)/.test(line));
    expect(rows).toHaveLength(lines.length);
  });

  test("it names every route of the server, and no other as one that is here", () => {
    const told = rows.filter(({ isHere }) => isHere).map(({ method, url }) => `${method} ${base}${url}`);
    const served = [...neutron.routes]
      .filter((route) => route.includes(base))
      .map((route) => route.replaceAll(/:(\w+)/g, "{$1}").replace(/v2\.0$/, "v2.0/"));
    expect(new Set(told)).toEqual(new Set(served));
  });

  test.each(rows.filter(({ isHere }) => !isHere))("$method $url is told as missing, and is not found", async (row) => {
    expect(await neutron.call(row.method as "GET", row.url)).toMatchObject({ status: 404 });
  });

  test("it names every extension", () => {
    const told = [...document.matchAll(/^\| `([a-z_-]+)` \| yes/gm)].map(([, alias]) => alias);
    expect(told).toEqual(extensions.map(({ alias }) => alias));
  });
});
