import { z } from "zod";
import { choice, flag } from "../config-values";
import { XdrError } from "../errors";
import { ECS_KINDS, type EcsKind } from "./ecs-kinds";

/** What an ECS node is set to. */
export interface EcsOptions {
  /** What all records are; `auto` looks at each one. @default "auto" */
  readonly kind: "auto" | EcsKind;
  /** Adds the record's text as `event.original`. @default false */
  readonly preserveOriginal: boolean;
  /** Keeps the vendor's fields whose values stand in ECS fields, too. @default false */
  readonly preserveDuplicates: boolean;
  /**
   * Takes a single value for a list of one where only lists reach ECS fields. The reference drops such values, and the
   * tenant forwards addresses and ports as single values. @default false
   */
  readonly wrapSingles: boolean;
}

const schema = z.object({
  kind: choice(["auto", ...ECS_KINDS], "auto"),
  preserveOriginal: flag,
  preserveDuplicates: flag,
  wrapSingles: flag,
});

/** Flags may be text. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function parseEcsOptions(config: object): EcsOptions {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? "");
  throw new XdrError("XDR_CONFIG_INVALID", `${field} ${issue?.message ?? "is not valid"}.`, { field });
}
