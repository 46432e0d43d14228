/**
 * The error table: every code of the system, by area. A code is never renamed, removed or re-meant.
 *
 * Words in codes: MALFORMED (can't be read), INVALID (read, but not allowed), UNEXPECTED, NOT_FOUND, CONFLICT,
 * EXCEEDED, REFUSED, TIMEOUT, CLOSED, UNSUPPORTED.
 */
import { cliCodes } from "./codes/cli.ts";
import { cloudCodes } from "./codes/cloud.ts";
import { configCodes } from "./codes/config.ts";
import { coreCodes } from "./codes/core.ts";
import { fabricCodes } from "./codes/fabric.ts";
import { keystoneCodes } from "./codes/keystone.ts";
import { labCodes } from "./codes/lab.ts";
import { libvirtCodes } from "./codes/libvirt.ts";
import { modelCodes } from "./codes/model.ts";
import { neutronCodes } from "./codes/neutron.ts";
import { northboundCodes } from "./codes/northbound.ts";
import { openflowCodes } from "./codes/openflow.ts";
import { ovsdbCodes } from "./codes/ovsdb.ts";
import { wireCodes } from "./codes/wire.ts";

export const errorTable = {
  ...coreCodes,
  ...wireCodes,
  ...openflowCodes,
  ...ovsdbCodes,
  ...libvirtCodes,
  ...modelCodes,
  ...fabricCodes,
  ...cloudCodes,
  ...northboundCodes,
  ...neutronCodes,
  ...keystoneCodes,
  ...configCodes,
  ...labCodes,
  ...cliCodes,
} as const;

export type ErrorCode = keyof typeof errorTable;
