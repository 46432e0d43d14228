/**
 * A controller over HTTP, by OpenDaylight's calls (Hydrogen: Connection Manager and Neutron), as CloudStack's
 * OpenDaylight plug-in makes them; and subnets, so that the controller learns the addresses of ports.
 */
import { type Clock, isLoomstackError, LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import { z } from "zod";
import type { NetworkProvider, ProviderNetwork, ProviderOf, ProviderPort } from "./network-provider.ts";
import { nameOf, type RestAnswer, type RestCall, type RestClient, restClient, wordsOf } from "./rest-client.ts";

const neutron = "/controller/nb/v2/neutron";
const connectionManager = "/controller/nb/v2/connectionmanager";
/** Where ovsdb-server listens on every host; CloudStack knows no other. */
const ovsdbPort = 6640;
const callTimeoutMs = 10_000;
/** Longer than the controller itself waits for a host to connect. */
const connectTimeoutMs = 30_000;
/**
 * How long one request waits for a port (RFC 7240, `Prefer: wait`), and how long until the next where the controller
 * doesn't.
 */
const waitSec = 20;
const pollMs = 500;

export interface RemoteProviderOptions {
  readonly clock: Clock;
}

/** Makes providers that speak to controllers by HTTP. */
export function remoteProviders(options: RemoteProviderOptions): ProviderOf {
  return (controller) => {
    const client = restClient({ ...controller, url: controller.url.replace(/\/+$/, ""), clock: options.clock });
    return remoteProvider(client, options.clock);
  };
}

function remoteProvider(client: RestClient, clock: Clock): NetworkProvider {
  return {
    async check(signal) {
      const call: RestCall = { method: "GET", path: `${neutron}/networks`, timeoutMs: callTimeoutMs, signal };
      const answer = await expectStatus(client, call, [200]);
      decode(client, call, answer, z.object({ networks: z.array(z.unknown()) }));
    },
    async implementNetwork(network, signal) {
      await create(client, "network", networkBody(network), signal);
      await create(client, "subnet", subnetBody(network), signal);
    },
    async prepareHost(host, signal) {
      const path = `${connectionManager}/node/OVS/${host.id}/address/${host.address}/port/${ovsdbPort}`;
      await expectStatus(client, { method: "PUT", path, timeoutMs: connectTimeoutMs, signal }, [200, 201]);
    },
    createPort: (port, signal) => create(client, "port", portBody(port), signal),
    portActive: (portId, timeoutMs, signal) => waitForPort(client, clock, portId, timeoutMs, signal),
    deletePort: (portId, signal) => remove(client, "port", portId, signal),
    async shutdownNetwork(network, signal) {
      await remove(client, "subnet", network.subnetId, signal);
      await remove(client, "network", network.id, signal);
    },
  };
}

type Kind = "network" | "subnet" | "port";
type Body = Readonly<Record<string, unknown>> & { readonly id: Uuid };

function networkBody(network: ProviderNetwork): Body {
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.tenantId,
    shared: false,
    admin_state_up: true,
    "provider:network_type": network.encapsulation,
    "provider:segmentation_id": network.segmentationId,
  };
}

function subnetBody(network: ProviderNetwork): Body {
  return {
    id: network.subnetId,
    network_id: network.id,
    name: network.name,
    tenant_id: network.tenantId,
    ip_version: 4,
    cidr: network.cidr,
    gateway_ip: network.gateway,
    enable_dhcp: network.dhcp,
  };
}

function portBody(port: ProviderPort): Body {
  return {
    id: port.id,
    network_id: port.networkId,
    name: port.id,
    tenant_id: port.tenantId,
    mac_address: port.macAddress,
    device_id: port.deviceId,
    device_owner: "compute:loomstack",
    admin_state_up: true,
    fixed_ips: [{ subnet_id: port.subnetId, ip_address: port.ipAddress }],
    // Hydrogen passes over what it doesn't know.
    dns_name: port.hostName,
  };
}

/**
 * Creates an object. One that is there already, and is the same, is success: an earlier attempt may have got that far.
 */
async function create(client: RestClient, kind: Kind, body: Body, signal: AbortSignal): Promise<void> {
  const call: RestCall = {
    method: "POST",
    path: `${neutron}/${kind}s`,
    body: { [kind]: body },
    timeoutMs: callTimeoutMs,
    signal,
  };
  const answer = await client.call(call);
  if (answer.status === 201 || answer.status === 200) return;
  const replayed = (answer.status === 400 || answer.status === 409) && (await existsAlike(client, kind, body, signal));
  if (!replayed) throw client.refused(call, answer);
}

/** What has to agree for two objects to be the same; controllers fill in and rewrite the rest. */
const identity: Readonly<Record<Kind, readonly string[]>> = {
  network: ["provider:network_type"],
  subnet: ["network_id", "cidr"],
  port: ["network_id", "mac_address"],
};

async function existsAlike(client: RestClient, kind: Kind, body: Body, signal: AbortSignal): Promise<boolean> {
  const call: RestCall = { method: "GET", path: `${neutron}/${kind}s/${body.id}`, timeoutMs: callTimeoutMs, signal };
  const answer = await client.call(call);
  if (answer.status !== 200) return false;
  const found = decode(client, call, answer, z.object({ [kind]: z.record(z.string(), z.unknown()) }))[kind] ?? {};
  return (
    identity[kind].every((field) => found[field] === body[field]) && (kind !== "port" || sameAddresses(found, body))
  );
}

/** A controller that doesn't tell addresses back (CloudStack's own plug-in can't read them) isn't held against it. */
function sameAddresses(found: Readonly<Record<string, unknown>>, body: Body): boolean {
  const addresses = z.array(z.object({ ip_address: z.string() }));
  const theirs = addresses.safeParse(found["fixed_ips"]).data ?? [];
  const ours = addresses.parse(body["fixed_ips"]);
  return (
    theirs.length === 0 ||
    (theirs.length === ours.length && theirs.every((item, index) => item.ip_address === ours[index]?.ip_address))
  );
}

/** Removes an object; one that isn't there is fine. */
async function remove(client: RestClient, kind: Kind, id: Uuid, signal: AbortSignal): Promise<void> {
  await expectStatus(
    client,
    { method: "DELETE", path: `${neutron}/${kind}s/${id}`, timeoutMs: callTimeoutMs, signal },
    [204, 200, 404],
  );
}

const PortStatus = z.object({ port: z.object({ status: z.string(), status_reason: z.string().optional() }) });

async function waitForPort(
  client: RestClient,
  clock: Clock,
  portId: Uuid,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const leftMs = Math.max(0, deadline - clock.now());
    const wait = Math.min(waitSec, Math.ceil(leftMs / 1000));
    const headers = wait > 0 ? { prefer: `wait=${wait}` } : {};
    const call: RestCall = {
      method: "GET",
      path: `${neutron}/ports/${portId}`,
      headers,
      timeoutMs: callTimeoutMs + wait * 1000,
      signal,
    };
    const answer = await expectStatus(client, call, [200]);
    const { port } = decode(client, call, answer, PortStatus);
    if (port.status === "ACTIVE") return;
    if (clock.now() >= deadline) {
      const reason = port.status_reason ?? "it gives no reason";
      throw new LoomstackError("CLOUD__PORT_NOT_ACTIVE", {
        port: portId,
        timeoutSec: timeoutMs / 1000,
        status: port.status,
        reason,
      });
    }
    if (!answer.headers.has("preference-applied")) await pause(clock, Math.min(pollMs, leftMs), signal);
  }
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  using _timer = clock.after(delayMs, () => resolve(undefined));
  const stop = (): void => resolve(undefined);
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
}

async function expectStatus(client: RestClient, call: RestCall, statuses: readonly number[]): Promise<RestAnswer> {
  const answer = await client.call(call);
  if (!statuses.includes(answer.status)) throw client.refused(call, answer);
  return answer;
}

function decode<T>(client: RestClient, call: RestCall, answer: RestAnswer, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(answer.text));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : `${messageOf(error)} in ${wordsOf(answer.text)}`;
    throw isLoomstackError(error)
      ? error
      : new LoomstackError(
          "CLOUD__CONTROLLER_MALFORMED",
          { url: client.url, call: nameOf(call), reason },
          { cause: error },
        );
  }
}
