import { expect, test } from "vitest";
import { createHttpServer } from "./http-server.ts";

/** What a request that a proxy forwards seems to be, and where it seems to come from. */
async function seen(trustedProxies: string[]): Promise<unknown> {
  const http = createHttpServer({ trustedProxies });
  http.get("/", ({ ip, protocol, host }) => ({ ip, url: `${protocol}://${host}` }));
  const forwarded = {
    ...{ "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https", "x-forwarded-host": "cloud.example.net" },
    host: "127.0.0.1:8080",
  };
  const answer = await http.inject({ url: "/", headers: forwarded, remoteAddress: "127.0.0.1" });
  await http.close();
  return answer.json();
}

test("a proxy that is trusted says where a request comes from, and what it has reached", async () => {
  for (const trusted of ["127.0.0.1", "127.0.0.0/8"])
    expect(await seen([trusted])).toEqual({ ip: "192.0.2.7", url: "https://cloud.example.net" });
});

test("nobody else does", async () => {
  const itself = { ip: "127.0.0.1", url: "http://127.0.0.1:8080" };
  expect(await seen([])).toEqual(itself);
  expect(await seen(["192.0.2.1"])).toEqual(itself);
});
