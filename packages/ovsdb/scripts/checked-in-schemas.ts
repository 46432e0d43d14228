/** The schemas whose types are checked in. */
export interface CheckedInSchema {
  /** In packages/ovsdb/schemas/. */
  readonly file: string;
  /** The release that the file is taken from, unchanged, and its licence. */
  readonly from: string;
  readonly constant: string;
  /** In packages/ovsdb/src/schema/. */
  readonly output: string;
}

export const checkedInSchemas: readonly CheckedInSchema[] = [
  {
    file: "vswitch.ovsschema",
    from: "Open vSwitch 3.1.0, Apache-2.0",
    constant: "openVswitch",
    output: "open-vswitch.generated.ts",
  },
  {
    file: "_server.ovsschema",
    from: "Open vSwitch 3.7.1, Apache-2.0",
    constant: "serverDatabase",
    output: "server.generated.ts",
  },
  {
    file: "vtep.ovsschema",
    from: "Open vSwitch 3.7.1, Apache-2.0",
    constant: "hardwareVtep",
    output: "hardware-vtep.generated.ts",
  },
  {
    file: "ovn-nb.ovsschema",
    from: "OVN 26.03.2, Apache-2.0",
    constant: "ovnNorthbound",
    output: "ovn-northbound.generated.ts",
  },
  {
    file: "ovn-sb.ovsschema",
    from: "OVN 26.03.2, Apache-2.0",
    constant: "ovnSouthbound",
    output: "ovn-southbound.generated.ts",
  },
];
