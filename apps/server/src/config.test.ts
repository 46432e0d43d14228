import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { type Config, parseConfig, readConfig } from "./config.ts";

const minimal = { stateFolder: "/var/lib/loomstack", halves: ["cloud"] };
const parse = (input: unknown): Config => parseConfig(JSON.stringify(input), "loomstack.json");

test("what is not said has a safe default", () => {
  expect(parse(minimal)).toMatchObject({ http: { host: "127.0.0.1", port: 8080 }, plainTcp: false });
});

test("an unknown member is refused by name, with the file", () => {
  expect(() => parse({ ...minimal, htpp: {} })).toThrow(/loomstack\.json is invalid: .*htpp/);
});

test("a controller needs TLS, or has to be asked to do without, and not both", () => {
  const controller = { ...minimal, halves: ["controller"] };
  const tls = { privateKey: "key.pem", certificate: "cert.pem", caCertificate: "ca.pem" };
  expect(() => parse(controller)).toThrow(/plainTcp/);
  expect(parse({ ...controller, plainTcp: true }).halves).toEqual(["controller"]);
  expect(parse({ ...controller, tls }).tls).toEqual(tls);
  expect(() => parse({ ...controller, tls, plainTcp: true })).toThrow(/exclude/);
  expect(() => parse({ ...controller, tls: { ...tls, certificate: undefined } })).toThrow(/tls\.certificate/);
});

test("who shows nothing is taken for a user on loopback alone", () => {
  const networking = { anonymousUser: "admin" };
  expect(parse({ ...minimal, networking }).networking).toEqual(networking);
  expect(() => parse({ ...minimal, networking, http: { host: "0.0.0.0", port: 8080 } })).toThrow(/anonymousUser/);
});

test("proxies are trusted by their addresses or prefixes", () => {
  const http = { host: "127.0.0.1", port: 8080, trustedProxies: ["127.0.0.1", "2001:db8::/64"] };
  expect(parse({ ...minimal, http }).http).toEqual(http);
  expect(() => parse({ ...minimal, http: { ...http, trustedProxies: ["everybody"] } })).toThrow(/trustedProxies/);
});

test.each([
  { host: "127.0.0.1", port: 70_000 },
  { host: "not an address", port: 1 },
  { host: "127.0.0.1", port: "8080" },
])("http %j is refused", (http) => {
  expect(() => parse({ ...minimal, http })).toThrow(/http/);
});

test.each(["", "{", "[]", "null"])("the text %j is refused in one line", (text) => {
  expect(() => parseConfig(text, "loomstack.json")).toThrow(/^the configuration loomstack\.json is invalid: [^\n]+$/);
});

test("a file that can't be read is named, with the reason", async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-config-"));
  const file = path.join(folder.path, "nowhere.json");
  await expect(readConfig(file)).rejects.toMatchObject({ code: "CONFIG__UNREADABLE", context: { file } });
});
