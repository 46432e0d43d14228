import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseIpv4, parseMac, parseUuid } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusal } from "../outcome-under-test.ts";
import type { NetworkProvider } from "./network-provider.ts";
import { remoteProviders } from "./remote.ts";

interface Seen {
  readonly call: string;
  readonly body: unknown;
  readonly headers: IncomingMessage["headers"];
}

type Answer = readonly [status: number, body?: unknown, headers?: Record<string, string>];

const id = (digit: string) => parseUuid(`${digit.repeat(8)}-0000-4000-8000-000000000000`);
const network = {
  id: id("a"),
  name: "n",
  tenantId: "admin",
  encapsulation: "vxlan",
  segmentationId: 7,
  subnetId: id("b"),
  cidr: "10.1.1.0/24",
  gateway: parseIpv4("10.1.1.1"),
  dhcp: true,
} as const;
const port = {
  id: id("c"),
  tenantId: "admin",
  networkId: network.id,
  subnetId: network.subnetId,
  deviceId: id("d"),
  macAddress: parseMac("02:00:00:00:00:01"),
  ipAddress: parseIpv4("10.1.1.2"),
  hostName: "web",
};
const neutron = "/controller/nb/v2/neutron";
const { signal } = new AbortController();

let seen: Seen[] = [];
let answers: (call: string) => Answer | undefined = () => undefined;
let clock = new FakeClock();
let provider: NetworkProvider;
const server = createServer((request, response) => void respond(request, response));

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const call = `${request.method ?? ""} ${request.url ?? ""}`;
  seen.push({ call, body: text === "" ? undefined : (JSON.parse(text) as unknown), headers: request.headers });
  const answer = answers(call);
  if (answer === undefined) return;
  const [status, body, headers = {}] = answer;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body));
}

beforeEach(async () => {
  seen = [];
  clock = new FakeClock();
  answers = (call) => {
    throw new TypeError(`nobody should have called ${call}`);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = remoteProviders({ clock })({ url, username: "admin", password: "päss:word" });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("calls", () => {
  test("carry HTTP Basic from the first on, in UTF-8", async () => {
    answers = () => [200, { networks: [] }];
    await provider.check(signal);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("admin:päss:word").toString("base64")}`);
  });

  test("implement a network with its subnet", async () => {
    answers = () => [201, {}];
    await provider.implementNetwork(network, signal);
    expect(seen.map(({ call, body }) => [call, body])).toEqual([
      [
        `POST ${neutron}/networks`,
        {
          network: {
            id: network.id,
            name: "n",
            tenant_id: "admin",
            shared: false,
            admin_state_up: true,
            "provider:network_type": "vxlan",
            "provider:segmentation_id": 7,
          },
        },
      ],
      [
        `POST ${neutron}/subnets`,
        {
          subnet: {
            id: network.subnetId,
            network_id: network.id,
            name: "n",
            tenant_id: "admin",
            ip_version: 4,
            cidr: "10.1.1.0/24",
            gateway_ip: "10.1.1.1",
            enable_dhcp: true,
          },
        },
      ],
    ]);
  });

  test("connect a host without a body", async () => {
    answers = () => [200, {}];
    await provider.prepareHost({ id: id("e"), address: parseIpv4("10.9.0.1") }, signal);
    expect(seen[0]).toMatchObject({
      call: `PUT /controller/nb/v2/connectionmanager/node/OVS/${id("e")}/address/10.9.0.1/port/6640`,
      body: undefined,
    });
  });

  test("create a port with its address", async () => {
    answers = () => [201, {}];
    await provider.createPort(port, signal);
    expect(seen[0]).toMatchObject({
      call: `POST ${neutron}/ports`,
      body: {
        port: {
          id: port.id,
          mac_address: "02:00:00:00:00:01",
          fixed_ips: [{ subnet_id: network.subnetId, ip_address: "10.1.1.2" }],
          dns_name: "web",
        },
      },
    });
  });

  test("take a network away after its subnet, and don't mind what is gone", async () => {
    answers = (call) => (call.includes("subnets") ? [404, {}] : [204]);
    await provider.shutdownNetwork(network, signal);
    expect(seen.map(({ call }) => call)).toEqual([
      `DELETE ${neutron}/subnets/${network.subnetId}`,
      `DELETE ${neutron}/networks/${network.id}`,
    ]);
  });
});

describe("a replay", () => {
  const existing = {
    port: { network_id: network.id, mac_address: port.macAddress, fixed_ips: [{ ip_address: "10.1.1.2" }] },
  };

  test.each([400, 409])("that is answered %i is success when the object is the same", async (status) => {
    answers = (call) => (call.startsWith("POST") ? [status, { error: "exists" }] : [200, existing]);
    await provider.createPort(port, signal);
  });

  test("isn't when the object is another", async () => {
    const other = { port: { ...existing.port, mac_address: "02:00:00:00:00:99" } };
    answers = (call) => (call.startsWith("POST") ? [409, { message: "the id is taken" }] : [200, other]);
    expect((await refusal(provider.createPort(port, signal))).message).toMatch(
      /answered POST .*ports with 409: the id is taken/,
    );
  });

  test("isn't when there is no such object", async () => {
    answers = (call) => (call.startsWith("POST") ? [409, { NeutronError: { message: "MAC in use" } }] : [404, {}]);
    expect((await refusal(provider.createPort(port, signal))).message).toContain("with 409: MAC in use");
  });
});

describe("errors", () => {
  test("say that nobody answers, and where", async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const dead = remoteProviders({ clock })({ url, username: "u", password: "hidden" });
    const error = await refusal(dead.check(signal));
    expect(error).toMatchObject({ code: "CLOUD__CONTROLLER_UNREACHABLE" });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED/);
    expect(error.message).not.toContain("hidden");
  });

  test("say that the credentials are refused", async () => {
    answers = () => [401, "<html>no</html>"];
    expect(await refusal(provider.check(signal))).toMatchObject({
      code: "CLOUD__CONTROLLER_UNAUTHORISED",
      context: { username: "admin", status: 401 },
    });
  });

  test("carry what the controller says, also in HTML", async () => {
    answers = () => [404, "<html><h1>Failed to connect to Node</h1> at 10.9.0.1</html>"];
    expect(
      (await refusal(provider.prepareHost({ id: id("e"), address: parseIpv4("10.9.0.1") }, signal))).message,
    ).toContain("with 404: Failed to connect to Node at 10.9.0.1");
  });

  test("say that something else than a controller answers", async () => {
    answers = () => [200, "<html>It works!</html>"];
    expect(await refusal(provider.check(signal))).toMatchObject({ code: "CLOUD__CONTROLLER_MALFORMED" });
  });

  test("don't follow a redirect with the credentials", async () => {
    answers = () => [302, "", { location: "http://127.0.0.1:1/" }];
    expect(await refusal(provider.check(signal))).toMatchObject({
      code: "CLOUD__CONTROLLER_REFUSED",
      context: { status: 302 },
    });
  });

  test("say that there was no answer in time", async () => {
    answers = () => undefined;
    const checking = refusal(provider.check(signal));
    await expect.poll(() => seen.length).toBe(1);
    clock.turn(10_000);
    expect(await checking).toMatchObject({ code: "CLOUD__CONTROLLER_TIMEOUT", context: { timeoutMs: 10_000 } });
  });
});

describe("waiting for a port", () => {
  test("asks the controller to wait, and again until it is ACTIVE", async () => {
    const statuses = ["BUILD", "BUILD", "ACTIVE"];
    answers = () => [200, { port: { status: statuses.shift() } }, { "preference-applied": "wait=20" }];
    await provider.portActive(port.id, 60_000, signal);
    expect(seen.map(({ headers }) => headers["prefer"])).toEqual(["wait=20", "wait=20", "wait=20"]);
  });

  test("pauses between questions where the controller doesn't wait", async () => {
    const statuses = ["BUILD", "ACTIVE"];
    answers = () => [200, { port: { status: statuses.shift() } }];
    const waiting = provider.portActive(port.id, 60_000, signal);
    await expect.poll(() => seen.length === 1 && clock.waiting === 1).toBe(true);
    clock.turn(500);
    await waiting;
    expect(seen).toHaveLength(2);
  });

  test("ends with the controller's reason when the time is up", async () => {
    answers = () => {
      clock.turn(9_000);
      return [
        200,
        { port: { status: "DOWN", status_reason: "no interface has its id" } },
        { "preference-applied": "wait=8" },
      ];
    };
    const error = await refusal(provider.portActive(port.id, 8_000, signal));
    expect(error.message).toContain("within 8 s; the controller says it is DOWN: no interface has its id");
  });

  test("ends when it is given up", async () => {
    answers = () => undefined;
    const giveUp = new AbortController();
    const waiting = provider.portActive(port.id, 60_000, giveUp.signal);
    await expect.poll(() => seen.length).toBe(1);
    giveUp.abort(new TypeError("given up"));
    await expect(waiting).rejects.toThrow("given up");
  });
});
