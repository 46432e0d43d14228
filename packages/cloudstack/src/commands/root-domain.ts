/** The one domain that there is. */
export const rootDomain = { domain: "ROOT", domainid: "00000000-0000-4000-8000-000000000001" } as const;
