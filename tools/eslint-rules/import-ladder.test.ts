import path from "node:path";
import { RuleTester } from "eslint";
import { describe, it } from "vitest";
import { importLadder } from "./import-ladder.ts";

RuleTester.describe = describe;
RuleTester.it = it;
const file = (name: string): string => path.resolve(import.meta.dirname, "../..", name);

new RuleTester().run("import-ladder", importLadder, {
  valid: [
    { filename: file("packages/fabric/src/a.ts"), code: 'import { x } from "@loomstack/ovsdb";' },
    { filename: file("packages/fabric/src/deep/a.ts"), code: 'import { x } from "../b.ts";' },
    { filename: file("packages/odl/src/a.test.ts"), code: 'import { FakeClock } from "@loomstack/testkit";' },
    { filename: file("packages/odl/src/odl-under-test.ts"), code: 'import { FakeClock } from "@loomstack/testkit";' },
    { filename: file("scripts/check.ts"), code: 'import { runInLab } from "@loomstack/lab";' },
  ],
  invalid: [
    {
      filename: file("packages/odl/src/a.ts"),
      code: 'import { x } from "@loomstack/fabric";',
      errors: [{ messageId: "ladder" }],
    },
    {
      filename: file("packages/core/src/a.ts"),
      code: 'export * from "@loomstack/wire";',
      errors: [{ messageId: "ladder" }],
    },
    {
      filename: file("packages/odl/src/a.ts"),
      code: 'import { FakeClock } from "@loomstack/testkit";',
      errors: [{ messageId: "ladder" }],
    },
    {
      filename: file("packages/fabric/src/a.ts"),
      code: 'await import("@loomstack/cloud");',
      errors: [{ messageId: "ladder" }],
    },
    {
      filename: file("packages/fabric/src/a.ts"),
      code: 'import { x } from "../../model/src/x.ts";',
      errors: [{ messageId: "leaves" }],
    },
  ],
});
