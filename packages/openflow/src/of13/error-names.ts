/** The names of OpenFlow's errors. @see OpenFlow 1.3.5, 7.5.4; ONF extension 230 (bundles) for OpenFlow 1.3.X */
import { nicira } from "../nicira/actions.ts";
import { onf } from "../onf/onf.ts";
import type { ErrorBody } from "./messages/error.ts";

interface ErrorType {
  readonly prefix: string;
  readonly codes: readonly string[];
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

const standard: readonly ErrorType[] = [
  { prefix: "OFPHFC", codes: words("INCOMPATIBLE EPERM") },
  {
    prefix: "OFPBRC",
    codes: words(`
      BAD_VERSION BAD_TYPE BAD_MULTIPART BAD_EXPERIMENTER BAD_EXP_TYPE EPERM BAD_LEN BUFFER_EMPTY
      BUFFER_UNKNOWN BAD_TABLE_ID IS_SLAVE BAD_PORT BAD_PACKET MULTIPART_BUFFER_OVERFLOW
    `),
  },
  {
    prefix: "OFPBAC",
    codes: words(`
      BAD_TYPE BAD_LEN BAD_EXPERIMENTER BAD_EXP_TYPE BAD_OUT_PORT BAD_ARGUMENT EPERM TOO_MANY
      BAD_QUEUE BAD_OUT_GROUP MATCH_INCONSISTENT UNSUPPORTED_ORDER BAD_TAG BAD_SET_TYPE BAD_SET_LEN
      BAD_SET_ARGUMENT BAD_SET_MASK
    `),
  },
  {
    prefix: "OFPBIC",
    codes: words(`
      UNKNOWN_INST UNSUP_INST BAD_TABLE_ID UNSUP_METADATA UNSUP_METADATA_MASK BAD_EXPERIMENTER
      BAD_EXP_TYPE BAD_LEN EPERM DUP_INST
    `),
  },
  {
    prefix: "OFPBMC",
    codes: words(`
      BAD_TYPE BAD_LEN BAD_TAG BAD_DL_ADDR_MASK BAD_NW_ADDR_MASK BAD_WILDCARDS BAD_FIELD BAD_VALUE
      BAD_MASK BAD_PREREQ DUP_FIELD EPERM
    `),
  },
  {
    prefix: "OFPFMFC",
    codes: words("UNKNOWN TABLE_FULL BAD_TABLE_ID OVERLAP EPERM BAD_TIMEOUT BAD_COMMAND BAD_FLAGS"),
  },
  {
    prefix: "OFPGMFC",
    codes: words(`
      GROUP_EXISTS INVALID_GROUP WEIGHT_UNSUPPORTED OUT_OF_GROUPS OUT_OF_BUCKETS CHAINING_UNSUPPORTED
      WATCH_UNSUPPORTED LOOP UNKNOWN_GROUP CHAINED_GROUP BAD_TYPE BAD_COMMAND BAD_BUCKET BAD_WATCH
      EPERM
    `),
  },
  { prefix: "OFPPMFC", codes: words("BAD_PORT BAD_HW_ADDR BAD_CONFIG BAD_ADVERTISE EPERM") },
  { prefix: "OFPTMFC", codes: words("BAD_TABLE BAD_CONFIG EPERM") },
  { prefix: "OFPQOFC", codes: words("BAD_PORT BAD_QUEUE EPERM") },
  { prefix: "OFPSCFC", codes: words("BAD_FLAGS BAD_LEN EPERM") },
  { prefix: "OFPRRFC", codes: words("STALE UNSUP BAD_ROLE") },
  {
    prefix: "OFPMMFC",
    codes: words(`
      UNKNOWN METER_EXISTS INVALID_METER UNKNOWN_METER BAD_COMMAND BAD_FLAGS BAD_RATE BAD_BURST
      BAD_BAND BAD_BAND_VALUE OUT_OF_METERS OUT_OF_BANDS
    `),
  },
  { prefix: "OFPTFFC", codes: words("BAD_TABLE BAD_METADATA BAD_TYPE BAD_LEN BAD_ARGUMENT EPERM") },
  // Those of OpenFlow 1.4 and later. @see OpenFlow 1.5.1, 7.5.4
  {
    prefix: "OFPBPC",
    codes: words(`
      BAD_TYPE BAD_LEN BAD_VALUE TOO_MANY DUP_TYPE BAD_EXPERIMENTER BAD_EXP_TYPE BAD_EXP_VALUE EPERM
    `),
  },
  { prefix: "OFPACFC", codes: words("INVALID UNSUPPORTED EPERM") },
  {
    prefix: "OFPMOFC",
    codes: words("UNKNOWN MONITOR_EXISTS INVALID_MONITOR UNKNOWN_MONITOR BAD_COMMAND BAD_FLAGS BAD_TABLE_ID BAD_OUT"),
  },
  {
    prefix: "OFPBFC",
    codes: words(`
      UNKNOWN EPERM BAD_ID BUNDLE_EXIST BUNDLE_CLOSED OUT_OF_BUNDLES BAD_TYPE BAD_FLAGS MSG_BAD_LEN
      MSG_BAD_XID MSG_UNSUP MSG_CONFLICT MSG_TOO_MANY MSG_FAILED TIMEOUT BUNDLE_IN_PROGRESS
    `),
  },
];

/** ONF errors have one number each, counted on from the first of their kind. */
const onfErrors: readonly (ErrorType & { readonly first: number })[] = [
  {
    first: 2300,
    prefix: "OFPBFC",
    codes: words(`
      UNKNOWN EPERM BAD_ID BUNDLE_EXIST BUNDLE_CLOSED OUT_OF_BUNDLES BAD_TYPE BAD_FLAGS MSG_BAD_LEN
      MSG_BAD_XID MSG_UNSUP MSG_CONFLICT MSG_TOO_MANY MSG_FAILED TIMEOUT BUNDLE_IN_PROGRESS
    `),
  },
  { first: 2600, prefix: "OFPBIC", codes: words("DUP_INST") },
  { first: 4250, prefix: "OFPBAC", codes: words("BAD_SET_MASK") },
];

const niciraErrors: Readonly<Record<number, string>> = {
  2: "NXBRC_NXM_INVALID",
  3: "NXBRC_NXM_BAD_TYPE",
  4: "NXBRC_MUST_BE_ZERO",
  6: "OFPMOFC_MONITOR_EXISTS",
  7: "OFPMOFC_BAD_FLAGS",
  8: "OFPMOFC_UNKNOWN_MONITOR",
  9: "NXBRC_FM_BAD_EVENT",
  10: "NXBRC_UNENCODABLE_ERROR",
  11: "NXBAC_MUST_BE_ZERO",
  12: "NXFMFC_HARDWARE",
  13: "NXFMFC_BAD_TABLE_ID",
  37: "NXFMFC_INVALID_TLV_FIELD",
  42: "NXBAC_CT_DATAPATH_SUPPORT",
  43: "NXBMC_CT_DATAPATH_SUPPORT",
};

/** The name of an error as the specifications have it, with its numbers: `OFPFMFC_BAD_TABLE_ID (5,2)`. */
export function errorName(error: Pick<ErrorBody, "type" | "code" | "experimenter">): string {
  if (error.experimenter === undefined) {
    const type = standard[error.type];
    const code = type?.codes[error.code];
    return `${type === undefined ? "OFPET_UNKNOWN" : `${type.prefix}_${code ?? "UNKNOWN_CODE"}`} (${error.type},${error.code})`;
  }
  return `${experimenterName(error.experimenter, error.code) ?? "OFPET_EXPERIMENTER"} (0x${error.experimenter.toString(16)},${error.code})`;
}

function experimenterName(experimenter: number, code: number): string | undefined {
  if (experimenter === nicira) return niciraErrors[code];
  if (experimenter !== onf) return undefined;
  const type = onfErrors.find(({ first, codes }) => code >= first && code < first + codes.length);
  return type && `${type.prefix}_${type.codes[code - type.first] ?? ""}`;
}

/**
 * Whether a switch says with an error that it doesn't know what was asked of it, rather than that it was asked wrongly.
 */
export function saysUnsupported(error: Pick<ErrorBody, "type" | "code">): boolean {
  // BAD_TYPE, BAD_MULTIPART, BAD_EXPERIMENTER and BAD_EXP_TYPE of ofp_bad_request_code.
  return error.type === 1 && error.code >= 1 && error.code <= 4;
}
