/** What the command line makes of traffic, with a server that says what a test wants. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { cli } from "../../testing/cli.ts";

beforeEach(() => {
  vi.stubEnv("LOOMSTACK_USER", "admin");
  vi.stubEnv("LOOMSTACK_PASSWORD", "secret");
});
afterEach(() => void vi.unstubAllEnvs());

const counters = {
  ...{ rxPackets: "11", txPackets: "22", rxBytes: "33", txBytes: "44" },
  ...{ rxDropped: null, txDropped: "55", rxErrors: "0", txErrors: "0" },
};
const refused = { packets: "66", bytes: "77", since: 5 };
const port = { port: "p1", hypervisor: "OVS/a", counters, since: 0, refused, reason: "" };
const unseen = { counters: null, since: null, refused: null };
const silent = { port: "p2", hypervisor: "OVS/b", ...unseen, reason: "it can't be asked" };
const network = { network: "n1", sum: counters, refused: { packets: "88", bytes: "99" }, ports: [port, silent] };

async function server(): Promise<string> {
  const http = createServer(({ url }, response) => {
    const answer = { "/api/v1/ports/p1/traffic": port, "/api/v1/networks/n1/traffic": network }[url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

test("a port's counters are a row, and one that isn't counted is a question mark", async () => {
  const { status, stdout } = await cli(["traffic", "port", "p1", "--url", await server()]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^p1 +OVS\/a +11 +22 +33 +44 +\? +55 +0 +0 +66 +77 +1970-01-01T00:00:00.000Z *$/m);
});

test("a network has its ports, why one has no counters, and the sum; JSON is the answer as it is", async () => {
  const url = await server();
  const { stdout } = await cli(["traffic", "network", "n1", "--url", url]);
  expect(stdout).toMatch(/^p2 +OVS\/b +it can't be asked *$/m);
  expect(stdout).toMatch(/^all of them +11 +22 +33 +44 +\? +55 +0 +0 +88 +99 *$/m);
  const json = await cli(["traffic", "network", "n1", "--url", url, "--json"]);
  expect(JSON.parse(json.stdout)).toEqual(network);
});
