import { expect, test } from "vitest";
import { shownProof } from "./shown-proof.ts";

const password = (name: string, secret: string) => ({ method: "password", user: { name }, password: secret });

test.each([
  ["Basic YWRtaW46c2VjcmV0", password("admin", "secret")],
  ["basic   YWRtaW46YTpiOmM=", password("admin", "a:b:c")],
  ["Basic w6Q6w7Y=", password("ä", "ö")],
  ["Basic Og==", password("", "")],
  ["Bearer a.b_c-d", { method: "token", token: "a.b_c-d" }],
  ["bearer x ", { method: "token", token: "x" }],
  ["Basic", undefined],
  ["Basic YWRtaW4=", undefined],
  ["Basic !!!", undefined],
  ["Bearer", undefined],
  ["Digest YWRtaW46c2VjcmV0", undefined],
  ["", undefined],
  [undefined, undefined],
])("Authorization: %s shows %o", (authorization, proof) => {
  expect(shownProof({ authorization })).toEqual(proof);
});

test("a token in X-Auth-Token is what counts, whatever else is shown", () => {
  const authorization = "Basic YWRtaW46c2VjcmV0";
  expect(shownProof({ authorization, "x-auth-token": "t" })).toEqual({ method: "token", token: "t" });
  expect(shownProof({ authorization, "x-auth-token": ["t", "u"] })).toBeUndefined();
  expect(shownProof({ authorization, "x-auth-token": "" })).toEqual({ method: "token", token: "" });
});
