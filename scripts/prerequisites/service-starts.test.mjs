import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutServiceStarts } from "./service-starts.mjs";

let folder;
let policy;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "loomstack-policy-"));
  policy = path.join(folder, "policy-rc.d");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("while the work runs, the policy refuses every start; afterwards there is none, as before", async () => {
  const status = await withoutServiceStarts(() => spawnSync(policy, ["libvirtd", "start"]).status, policy);
  expect(status).toBe(101);
  expect(existsSync(policy)).toBe(false);
});

test("a policy that was there is put back with its mode, also when the work fails", async () => {
  writeFileSync(policy, "#!/bin/sh\nexit 0\n");
  chmodSync(policy, 0o700);
  const work = () => Promise.reject(new RangeError("no network"));
  await expect(withoutServiceStarts(work, policy)).rejects.toThrow("no network");
  expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 0\n");
  expect(statSync(policy).mode & 0o777).toBe(0o700);
});

test("what a run that was killed left behind is put right by the next one", async () => {
  writeFileSync(policy, "#!/bin/sh\nexit 0\n");
  const script = `
    import { withoutServiceStarts } from ${JSON.stringify(path.join(import.meta.dirname, "service-starts.mjs"))};
    await withoutServiceStarts(() => process.kill(process.pid, "SIGKILL"), ${JSON.stringify(policy)});`;
  spawnSync(process.execPath, ["--input-type=module", "--eval", script]);
  expect(readFileSync(policy, "utf8")).toContain("exit 101");
  await withoutServiceStarts(() => {}, policy);
  expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 0\n");
});
