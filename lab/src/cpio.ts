/**
 * The archive format of an initial RAM disk: "newc" cpio, as in the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 */

export type CpioEntry =
  | { readonly path: string; readonly kind: "folder" }
  | { readonly path: string; readonly kind: "link"; readonly target: string }
  | { readonly path: string; readonly kind: "file"; readonly content: Uint8Array; readonly executable?: boolean };

const fileTypes = { folder: 0o040_755, link: 0o120_777, file: 0o100_644 } as const;
const executableBits = 0o111;

/**
 * Packs the entries, owned by root; paths are relative to the root, such as `bin/sh`, and a folder comes before what it
 * holds.
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const members = entries.map((entry, index) => packMember(index + 1, entry.path, modeOf(entry), contentOf(entry)));
  return Buffer.concat([...members, packMember(0, "TRAILER!!!", 0, Buffer.alloc(0))]);
}

function modeOf(entry: CpioEntry): number {
  const mode = fileTypes[entry.kind];
  return entry.kind === "file" && entry.executable === true ? mode | executableBits : mode;
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.content;
  return Buffer.from(entry.kind === "link" ? entry.target : "");
}

function packMember(inode: number, path: string, mode: number, content: Uint8Array): Buffer {
  const name = Buffer.from(`${path}\0`);
  const [uid, gid, linkCount, modifiedAt, checksum] = [0, 0, 1, 0, 0];
  const device = [0, 0, 0, 0];
  const numbers = [inode, mode, uid, gid, linkCount, modifiedAt, content.length, ...device, name.length, checksum];
  const header = Buffer.from("070701" + numbers.map((number) => number.toString(16).padStart(8, "0")).join(""));
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(content)]);
}

/** Header with name, and content, each end on a multiple of four bytes. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
