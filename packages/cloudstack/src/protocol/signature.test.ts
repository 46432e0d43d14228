import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isSignedBy, signatureOf, type SignedParameters } from "./signature.ts";

const secretKey = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ";
const apiKey = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg";

test("the example of CloudStack's documentation has its signature", () => {
  const parameters: SignedParameters = [
    ["apikey", apiKey],
    ["command", "listUsers"],
    ["response", "json"],
  ];
  expect(signatureOf(parameters, secretKey)).toBe("TTpdDq/7j/J58XCRHomKoQXEQds=");
});

describe("a request is taken as signed", () => {
  const parameters: SignedParameters = [
    ["command", "createNetwork"],
    ["displayText", "a ~tilde, [brackets], a *star* & (more)! it's 100%"],
    ["apiKey", apiKey],
    ["tags[0].key", "k"],
    ["Zone", "z"],
  ];
  const sign = (text: string): string => createHmac("sha1", secretKey).update(text.toLowerCase()).digest("base64");
  const spelt = (order: (name: string) => string, encode: (value: string) => string): string =>
    parameters
      .toSorted(([one], [other]) => (order(one) < order(other) ? -1 : 1))
      .map(([name, value]) => `${name}=${encode(value)}`)
      .join("&");
  const encoded = (raw: string) => (value: string) =>
    value.replace(/[^A-Za-z0-9]/gu, (character) =>
      raw.includes(character) ? character : `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );

  test.each([
    ["by Java, as the server spells it", (name: string) => name, encoded(".-*_")],
    ["by the Go SDK and cloudmonkey", (name: string) => name, encoded(".-*_~")],
    ["by libcloud", (name: string) => name.toLowerCase(), encoded(".-*_~[]")],
    ["by Python's cs", (name: string) => name.toLowerCase(), encoded(".-*_~")],
    ["by Python's quote without a star", (name: string) => name.toLowerCase(), encoded(".-_~")],
  ])("when it is signed %s", (_, order, encode) => {
    expect(isSignedBy(parameters, sign(spelt(order, encode)), secretKey)).toBe(true);
  });

  test("with the signature among its parameters, whatever its name's case", () => {
    const signature = signatureOf(parameters, secretKey);
    expect(isSignedBy([...parameters, ["Signature", signature]], signature, secretKey)).toBe(true);
  });

  test("but not with another key, another value, or something else than a signature", () => {
    const signature = signatureOf(parameters, secretKey);
    expect(isSignedBy(parameters, signature, `${secretKey}x`)).toBe(false);
    expect(isSignedBy([...parameters, ["account", "x"]], signature, secretKey)).toBe(false);
    expect(isSignedBy(parameters, "", secretKey)).toBe(false);
  });
});
