import { LoomstackError } from "@loomstack/core";
import { expectThat } from "./expectation.ts";

/** Where OpenDaylight's calls for networks, subnets and ports are. */
export const neutron = "/controller/nb/v2/neutron";
/** Where OpenDaylight's calls for hypervisors are. */
export const connectionManager = "/controller/nb/v2/connectionmanager";

export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

/** A hypervisor as the controller's own API tells it. */
export interface HypervisorView {
  readonly key: string;
  readonly state: string;
  readonly node: { readonly id: string; readonly address: string };
  readonly bridges: readonly { readonly name: string; readonly flows: number }[];
  readonly counters: { readonly flowModsSent: number };
}

/** A flow as the controller's own API tells it. */
export interface FlowView {
  readonly bridge: string;
  readonly why: string;
  readonly owner: string;
}

/** An event as the controller's own API tells it. */
export interface EventView {
  readonly id: number;
  readonly kind: string;
  readonly message: string;
}

/** A client of the controller's HTTP APIs: OpenDaylight's calls and our own. */
export class ControllerClient {
  readonly #base: string;
  readonly #authorization: string;

  constructor(base: string, credentials: BasicCredentials) {
    this.#base = base;
    this.#authorization = `Basic ${Buffer.from(`${credentials.name}:${credentials.password}`).toString("base64")}`;
  }

  /** @throws LAB__API_REFUSED unless the answer is 200 */
  async get<Body>(path: string): Promise<Body> {
    return JSON.parse(await this.expect(200, "GET", path)) as Body;
  }

  async hypervisors(): Promise<readonly HypervisorView[]> {
    return (await this.get<{ hypervisors: readonly HypervisorView[] }>("/api/v1/hypervisors")).hypervisors;
  }

  /** The flows that the hypervisor of that key should hold. */
  async flows(key: string): Promise<readonly FlowView[]> {
    const path = `/api/v1/hypervisors/${encodeURIComponent(key)}/flows`;
    return (await this.get<{ flows: readonly FlowView[] }>(path)).flows;
  }

  /** What happened after the event of that id, oldest first. */
  async events(since = 0): Promise<readonly EventView[]> {
    return (await this.get<{ events: readonly EventView[] }>(`/api/v1/events?since=${since}&limit=1000`)).events;
  }

  async portStatus(id: string): Promise<string> {
    return (await this.get<{ port: { status: string } }>(`${neutron}/ports/${id}`)).port.status;
  }

  /** The objects of a list of networks, subnets or ports. */
  async list(plural: string, query = ""): Promise<readonly { readonly id: string }[]> {
    return (
      (await this.get<Record<string, readonly { readonly id: string }[]>>(`${neutron}/${plural}${query}`))[plural] ?? []
    );
  }

  /** The body of the answer, which has to have that status. @throws LAB__API_REFUSED */
  async expect(status: number, method: string, path: string, body?: object): Promise<string> {
    const response = await this.request(method, path, body);
    const text = await response.text();
    if (response.status !== status)
      throw new LoomstackError("LAB__API_REFUSED", { call: `${method} ${path}`, status: response.status, text });
    return text;
  }

  /**
   * Waits until the controller calls a port ACTIVE, as RFC 7240 lets a client ask for. @throws LAB__EXPECTATION_FAILED
   * after 20 s
   */
  async portActive(id: string): Promise<void> {
    const response = await this.request("GET", `${neutron}/ports/${id}`, undefined, {
      prefer: "wait=20",
    });
    const { port } = (await response.json()) as { port?: { status: string } };
    expectThat(port?.status === "ACTIVE", `status of port ${id}`, "ACTIVE", port);
  }

  async request(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(`${this.#base}${path}`, {
      method,
      headers: {
        authorization: this.#authorization,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(40_000),
    });
  }
}
