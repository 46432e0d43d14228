import { code } from "../code.ts";

export const libvirtCodes = {
} as const;
