/** Calls of the Networking API, with connections that are kept. */
import { Agent, request } from "node:http";
import { LoomstackError } from "@loomstack/core";

export interface NetworkingClient {
  /** The answer, which has to have that status. @throws LAB__API_REFUSED */
  call(status: number, method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<unknown>;
}

/** @param base with the version: `http://127.0.0.1:9696/v2.0` */
export function networkingClient(base: string, headers: Readonly<Record<string, string>>): NetworkingClient {
  const agent = new Agent({ keepAlive: true });
  return {
    async call(status, method, path, body) {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const sent = payload && { "content-type": "application/json", "content-length": payload.length };
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const call = request(`${base}${path}`, { method, agent, headers: { ...headers, ...sent } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("error", reject).on("end", () => {
          if (answer.statusCode === status) return resolve(JSON.parse(text));
          const context = { call: `${method} ${path}`, status: answer.statusCode ?? 0, text: text.slice(0, 300) };
          reject(new LoomstackError("LAB__API_REFUSED", context));
        });
      });
      call.on("error", reject).end(payload);
      return promise;
    },
  };
}
