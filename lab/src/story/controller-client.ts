import { LoomstackError } from "@loomstack/core";
import { expectThat } from "./expectation.ts";

export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
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
    const response = await this.request("GET", `/controller/nb/v2/neutron/ports/${id}`, undefined, {
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
