/** Response codes (RFC 1035, 4.1.1). */
export const responseCode = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const;
