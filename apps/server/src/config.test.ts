import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const minimal = { stateFolder: "/var/lib/loomstack", halves: ["cloud"] };

test("what is not said has a safe default", () => {
  expect(parseConfig(minimal)).toMatchObject({ http: { host: "127.0.0.1", port: 8080 }, plainTcp: false });
});

test("an unknown member is refused by name", () => {
  expect(() => parseConfig({ ...minimal, htpp: {} })).toThrow(/htpp/);
});

test("a controller without TLS has to be asked for", () => {
  expect(() => parseConfig({ ...minimal, halves: ["controller"] })).toThrow(/plainTcp/);
  expect(parseConfig({ ...minimal, halves: ["controller"], plainTcp: true }).halves).toEqual(["controller"]);
});

test.each([[{ port: 70_000 }], [{ host: "not an address" }], ["8080"]])("http %j is refused", (http) => {
  expect(() =>
    parseConfig({
      ...minimal,
      http: { host: "127.0.0.1", port: 1, ...(typeof http === "object" ? http : { port: http }) },
    }),
  ).toThrow(/http/);
});
