/** Bytes from `from` up to `to`, which is not included. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a `Range` header. Undefined = serve everything (none given, another unit, several ranges, bad syntax: RFC 9110,
 * section 14.2); "unsatisfiable" = 416.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header ?? "");
  if (match === null) return undefined;
  const [first = "", last = ""] = match.slice(1);
  if (first === "" && last === "") return undefined;
  if (first === "") {
    if (Number(last) === 0 || sizeBytes === 0) return "unsatisfiable";
    return { from: Math.max(0, sizeBytes - Number(last)), to: sizeBytes };
  }
  if (last !== "" && Number(last) < Number(first)) return undefined;
  if (Number(first) >= sizeBytes) return "unsatisfiable";
  return { from: Number(first), to: last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}
