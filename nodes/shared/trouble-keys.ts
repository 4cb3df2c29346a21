/** What somebody has to put right at the tenant or its node, by error code: last part of a catalogue key below `status.`. */
export const TROUBLE_KEYS: Readonly<Record<string, string>> = {
  XDR_UNAUTHORIZED: "unauthorized",
  XDR_CLOCK_SKEW: "clock",
  XDR_LICENCE_MISSING: "licence",
  XDR_FORBIDDEN: "forbidden",
  XDR_CREDENTIALS_MISSING: "credentials",
};
