import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { packCpio } from "./cpio.ts";

test("an archive starts with the newc magic and is a multiple of four bytes long, whatever the lengths inside", () => {
  for (const length of [0, 1, 2, 3, 4, 5]) {
    const archive = packCpio([{ path: "x".repeat(length + 1), kind: "file", content: Buffer.alloc(length, 1) }]);
    expect(archive.subarray(0, 6).toString()).toBe("070701");
    expect(archive.length % 4).toBe(0);
  }
});

test("busybox unpacks what was packed", ({ skip }) => {
  if (spawnSync("busybox", ["cpio", "--help"]).status !== 0) skip("there is no busybox here");
  const folder = mkdtempSync(path.join(tmpdir(), "loomstack-cpio-"));
  try {
    const archive = packCpio([
      { path: "bin", kind: "folder" },
      { path: "bin/hello", kind: "file", content: Buffer.from("hello\n"), executable: true },
      { path: "plain", kind: "file", content: Buffer.from("odd") },
      { path: "bin/link", kind: "link", target: "hello" },
    ]);
    const unpack = spawnSync("busybox", ["cpio", "-i", "-d"], { cwd: folder, input: archive });
    expect(unpack.status).toBe(0);
    expect(readFileSync(path.join(folder, "bin/hello"), "utf8")).toBe("hello\n");
    expect(lstatSync(path.join(folder, "bin/hello")).mode & 0o777).toBe(0o755);
    expect(lstatSync(path.join(folder, "plain")).mode & 0o777).toBe(0o644);
    expect(readlinkSync(path.join(folder, "bin/link"))).toBe("hello");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
