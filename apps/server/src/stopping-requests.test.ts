import { healthPath } from "@loomstack/api";
import { expect, onTestFinished, test } from "vitest";
import { createHttpServer } from "./http-server.ts";
import { StoppingRequests } from "./stopping-requests.ts";

test("once it stops what is under way ends and what is new is refused, but for questions about health", async () => {
  const http = createHttpServer();
  onTestFinished(() => http.close());
  const stopping = new StoppingRequests();
  stopping.attach(http);
  const waiting = Promise.withResolvers<undefined>();
  http.get(`${healthPath}/live`, () => "alive");
  http.get("/now", () => "done");
  http.get("/later", async () => {
    waiting.resolve(undefined);
    return new Promise(() => undefined);
  });
  const url = await http.listen({ host: "127.0.0.1", port: 0 });
  const status = async (path: string): Promise<number> => (await fetch(url + path)).status;
  expect([await status("/now"), await status(`${healthPath}/live`)]).toEqual([200, 200]);
  const later = expect(fetch(`${url}/later`)).rejects.toThrow();
  await waiting.promise;
  stopping.stop();
  await later;
  expect([await status("/now"), await status("/nowhere"), await status(`${healthPath}/live`)]).toEqual([503, 503, 200]);
});
