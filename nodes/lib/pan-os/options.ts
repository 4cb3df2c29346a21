import { z } from "zod";
import { XdrError } from "../errors";
import { DEFAULT_INTERNAL_NETWORKS, internalTest, type IsInternal } from "./networks";
import { PANOS_SEVERITIES, type PanosSeverity } from "./severity";
import { unsetVariable } from "../env-leftover";
import { zoneOf, type Zone } from "./zone";

/** Options of the parser, ready to use. */
export interface PanosOptions {
  /** Zone of times that have none. */
  readonly zone: Zone;
  /** `flow`: the client is local; `auto`: the internal side is. */
  readonly orientation: "flow" | "auto";
  readonly isInternal: IsInternal;
  readonly minSeverity: PanosSeverity;
  readonly alertNameSuffix: "none" | "endpoints";
  readonly product: string;
  readonly vendor: string;
  /** Largest body after inflating, bytes. */
  readonly maxBytes: number;
}

/** Largest `maxBytes`: a string of V8 cannot be much longer. */
const MOST_BYTES = 256 * 1024 * 1024;

const empty = z.literal(["", null]).transform(() => undefined);
/** An empty field of the dialog is one that was never filled. */
const orDefault = <T extends z.ZodType>(schema: T, value: z.output<T>) =>
  z.preprocess((raw) => (empty.safeParse(raw).success ? undefined : raw), schema.default(value as never));

const networks = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,;]+/))])
  .transform((list) => list.map((item) => item.trim()).filter((item) => item !== ""));

const configSchema = z.object({
  timezone: orDefault(z.string().trim(), "UTC"),
  orientation: orDefault(z.enum(["flow", "auto"]), "flow"),
  internalNetworks: orDefault(networks, [...DEFAULT_INTERNAL_NETWORKS]),
  minSeverity: orDefault(z.enum(PANOS_SEVERITIES), "informational"),
  alertNameSuffix: orDefault(z.enum(["none", "endpoints"]), "none"),
  product: orDefault(z.string().trim().min(1).max(200), "PAN-OS"),
  vendor: orDefault(z.string().trim().min(1).max(200), "Palo Alto Networks"),
  maxBytes: orDefault(z.coerce.number().int().min(1).max(MOST_BYTES), 5_000_000),
});

/**
 * Reads the options out of a node's configuration; what is missing or empty gets its default.
 *
 * @throws XdrError `XDR_CONFIG_INVALID`, naming the property
 */
export function parsePanosOptions(config: unknown): PanosOptions {
  const result = configSchema.safeParse(config ?? {});
  if (!result.success) {
    const issue = result.error.issues[0];
    throw invalid(String(issue?.path[0] ?? "config"), issue?.message ?? "not usable");
  }
  const { timezone, internalNetworks, ...rest } = result.data;
  for (const [field, value] of Object.entries({ timezone, product: rest.product, vendor: rest.vendor })) {
    const variable = unsetVariable(value);
    if (variable !== undefined) throw invalid(field, `the environment variable ${variable} is not set`);
  }
  const zone = zoneOf(timezone);
  if (zone === undefined)
    throw invalid("timezone", `"${timezone.slice(0, 60)}" is no zone such as Europe/Madrid or +05:30`);
  const list = internalNetworks.length > 0 ? internalNetworks : DEFAULT_INTERNAL_NETWORKS;
  return { ...rest, zone, isInternal: internalTest(list) };
}

function invalid(field: string, message: string): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", `${field}: ${message}.`, { field });
}
