import { expect, test } from "vitest";
import { isLoomstackError, LoomstackError } from "./error.ts";

test("an error says what its template says, with the context filled in", () => {
  const error = new LoomstackError("CORE__INVALID_CIDR", { value: "10.0.0.1/8", reason: "host bits are set" });
  expect(error.message).toBe("10.0.0.1/8 is not an IPv4 prefix such as 192.0.2.0/24: host bits are set");
  expect(error.blame).toBe("caller");
});

test("a code narrows the context", () => {
  const error: unknown = new LoomstackError("CORE__INVALID_MAC", { value: "zz" });
  expect(isLoomstackError(error, "CORE__INVALID_CIDR")).toBe(false);
  expect(isLoomstackError(error, "CORE__INVALID_MAC") && error.context.value).toBe("zz");
});

test("a context without what the template asks for does not compile", () => {
  // @ts-expect-error the template has {value}
  expect(() => new LoomstackError("CORE__INVALID_MAC", {})).not.toThrow();
});
