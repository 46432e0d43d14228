/**
 * The import ladder of the architecture: what each workspace may import. `testkit` may be imported by tests and scripts,
 * and by nothing else. ARCHITECTURE.md tells the reasons.
 */
const packages = {
  core: [],
  wire: ["core"],
  openflow: ["wire", "core"],
  libvirt: ["wire", "core"],
  ovsdb: ["core"],
  model: ["core"],
  fabric: ["model", "openflow", "ovsdb", "core"],
  cloud: ["model", "libvirt", "core"],
  keystone: ["model", "core"],
  neutron: ["model", "core"],
  odl: ["neutron", "model", "core"],
  cloudstack: ["model", "cloud", "core"],
  api: ["model", "core"],
  testkit: ["model", "openflow", "ovsdb", "wire", "core"],
} as const;

export const ladder: Readonly<Record<string, readonly string[]>> = {
  ...packages,
  server: Object.keys(packages).filter((name) => name !== "testkit"),
  // Talks to the protocols' servers itself where a person would otherwise reach for ovsdb-client or ovs-ofctl.
  cli: ["api", "openflow", "ovsdb", "core"],
  // Starts the real daemons that it measures as the tests do.
  bench: ["fabric", "model", "openflow", "ovsdb", "testkit", "core"],
  // The lab sees the system from outside: of its packages only vocabulary, never the halves it proves.
  lab: ["core"],
};
