import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { npmEnvironment } from "./npm-command.mjs";
import { installedMatches } from "./npm-packages.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "loomstack-npm-"));
  mkdirSync(path.join(folder, "node_modules"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const locked = {
  "": { name: "root" },
  "packages/core": { name: "@x/core" },
  "node_modules/@x/core": { resolved: "packages/core", link: true },
  "node_modules/zod": { version: "4.6.7" },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
};
const write = (name, packages) => writeFileSync(path.join(folder, name), JSON.stringify({ packages }));
const matches = (installed) => {
  write("package-lock.json", locked);
  if (installed !== undefined) write("node_modules/.package-lock.json", installed);
  return installedMatches(folder);
};
const complete = {
  "node_modules/@x/core": { resolved: "packages/core", link: true },
  "node_modules/zod": { version: "4.6.7" },
};

test("packages that are all there match, without those that are for other platforms", () => {
  expect(matches(complete)).toBe(true);
});

test("where a package came from doesn't matter unless the lock file says it", () => {
  const zod = { version: "4.6.7", resolved: "https://registry.example/zod-4.6.7.tgz" };
  expect(matches({ ...complete, "node_modules/zod": zod })).toBe(true);
  const elsewhere = { resolved: "elsewhere/core", link: true };
  expect(matches({ ...complete, "node_modules/@x/core": elsewhere })).toBe(false);
});

test("a missing package, another version and an unfinished installation do not match", () => {
  expect(matches(undefined)).toBe(false);
  expect(matches({ "node_modules/zod": { version: "4.6.7" } })).toBe(false);
  expect(matches({ ...complete, "node_modules/zod": { version: "4.6.6" } })).toBe(false);
});

test("npm gets the user's configuration, and nothing of the npm run that started us", () => {
  process.env.npm_config_registry = "https://registry.example/";
  process.env.npm_lifecycle_event = "test";
  process.env.npm_config_local_prefix = "/elsewhere";
  try {
    const env = npmEnvironment("/opt/node/bin/node", "/opt/node");
    expect(env).toMatchObject({ npm_config_registry: "https://registry.example/", npm_config_nodedir: "/opt/node" });
    expect(env.PATH.startsWith(`/opt/node/bin${path.delimiter}`)).toBe(true);
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(["npm_lifecycle_event"]));
    expect(env.npm_config_local_prefix).toBeUndefined();
  } finally {
    delete process.env.npm_config_registry;
    delete process.env.npm_lifecycle_event;
    delete process.env.npm_config_local_prefix;
  }
});
